import { apiHandler } from '../../shared/lambda/api-handler.ts';
import { jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { outbox } from '../../shared/lambda/dependencies/outbox.ts';
import { artifactStore } from '../../shared/lambda/dependencies/storage.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMetrics } from '../../shared/lambda/metrics.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { createDownloadExport } from './download-export.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['download-export']);
const log = createLog('download-export');
const metrics = createMetrics(environment);
const jobs = jobStore(environment);

export const handler = apiHandler({
  log,
  useCase: createDownloadExport({
    jobs,
    artifacts: artifactStore(environment),
    publish: outbox(environment, { jobs, log, metrics }),
    clock: systemClock,
    metrics,
  }),
});
