import { randomUUID } from 'node:crypto';
import { apiHandler } from '../../shared/lambda/api-handler.ts';
import { householdSource } from '../../shared/lambda/dependencies/household.ts';
import { activeExports, jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { outbox } from '../../shared/lambda/dependencies/outbox.ts';
import { exportWorkflow } from '../../shared/lambda/dependencies/workflow.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMetrics } from '../../shared/lambda/metrics.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { createEstimateExport } from '../../shared/use-cases/estimate-export.ts';
import { createStartExport } from './start-export.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['start-export']);
const log = createLog('start-export');
const metrics = createMetrics(environment);
const jobs = jobStore(environment);
const source = householdSource(environment);

export const handler = apiHandler({
  log,
  useCase: createStartExport({
    jobs,
    activeExports: activeExports(environment),
    workflow: exportWorkflow(environment),
    estimate: createEstimateExport({ jobs, source }),
    publish: outbox(environment, { jobs, log, metrics }),
    clock: systemClock,
    metrics,
    log,
    newId: randomUUID,
    activeExportCap: environment.ACTIVE_EXPORT_CAP,
  }),
});
