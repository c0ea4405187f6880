import { apiHandler } from '../../shared/lambda/api-handler.ts';
import { activeExports, jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { outbox } from '../../shared/lambda/dependencies/outbox.ts';
import { artifactStore } from '../../shared/lambda/dependencies/storage.ts';
import { exportWorkflow } from '../../shared/lambda/dependencies/workflow.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMetrics } from '../../shared/lambda/metrics.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { createDeleteExport } from './delete-export.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['delete-export']);
const log = createLog('delete-export');
const metrics = createMetrics(environment);
const jobs = jobStore(environment);

export const handler = apiHandler({
  log,
  useCase: createDeleteExport({
    jobs,
    activeExports: activeExports(environment),
    artifacts: artifactStore(environment),
    workflow: exportWorkflow(environment),
    publish: outbox(environment, { jobs, log, metrics }),
    clock: systemClock,
    log,
    lateWriterMs: environment.LATE_WRITER_SECONDS * 1000,
  }),
});
