import { apiHandler } from '../../shared/lambda/api-handler.ts';
import { jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { createListExports } from './list-exports.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['list-exports']);
const jobs = jobStore(environment);

export const handler = apiHandler({
  log: createLog('list-exports'),
  useCase: createListExports({ jobs, clock: systemClock }),
});
