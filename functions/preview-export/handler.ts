import { apiHandler } from '../../shared/lambda/api-handler.ts';
import { householdSource } from '../../shared/lambda/dependencies/household.ts';
import { jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createEstimateExport } from '../../shared/use-cases/estimate-export.ts';
import { createPreviewExport } from './preview-export.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['preview-export']);
const jobs = jobStore(environment);
const source = householdSource(environment);

export const handler = apiHandler({
  log: createLog('preview-export'),
  useCase: createPreviewExport({ source, estimate: createEstimateExport({ jobs, source }) }),
});
