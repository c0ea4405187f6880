import { activeExports, jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { outbox } from '../../shared/lambda/dependencies/outbox.ts';
import { artifactStore } from '../../shared/lambda/dependencies/storage.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMetrics } from '../../shared/lambda/metrics.ts';
import { stepHandler } from '../../shared/lambda/step-handler.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { failInput } from '../../shared/workflow/contracts.ts';
import { createFailExport } from './fail-export.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['fail-export']);
const log = createLog('fail-export');
const metrics = createMetrics(environment);
const jobs = jobStore(environment);

export const handler = stepHandler({
  log,
  input: failInput,
  useCase: createFailExport({
    jobs,
    activeExports: activeExports(environment),
    artifacts: artifactStore(environment),
    publish: outbox(environment, { jobs, log, metrics }),
    clock: systemClock,
    metrics,
    log,
  }),
});
