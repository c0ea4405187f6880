import { activeExports, dueRows, jobStore, orphanSearch } from '../../shared/lambda/dependencies/jobs.ts';
import { outbox } from '../../shared/lambda/dependencies/outbox.ts';
import { artifactStore } from '../../shared/lambda/dependencies/storage.ts';
import { exportWorkflow } from '../../shared/lambda/dependencies/workflow.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMetrics } from '../../shared/lambda/metrics.ts';
import { scheduledHandler } from '../../shared/lambda/scheduled-handler.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { createSweepExports } from './sweep-exports.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['sweep-exports']);
const log = createLog('sweep-exports');
const metrics = createMetrics(environment);
const jobs = jobStore(environment);

export const handler = scheduledHandler({
  log,
  useCase: createSweepExports({
    jobs,
    dueRows: dueRows(environment),
    activeExports: activeExports(environment),
    artifacts: artifactStore(environment),
    search: orphanSearch(environment),
    workflow: exportWorkflow(environment),
    publish: outbox(environment, { jobs, log, metrics }),
    clock: systemClock,
    metrics,
    log,
    lateWriterMs: environment.LATE_WRITER_SECONDS * 1000,
    retentionMs: environment.RETENTION_HOURS * 60 * 60 * 1000,
  }),
});
