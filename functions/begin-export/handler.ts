import { householdSource } from '../../shared/lambda/dependencies/household.ts';
import { jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { createMetrics } from '../../shared/lambda/metrics.ts';
import { stepHandler } from '../../shared/lambda/step-handler.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { beginInput } from '../../shared/workflow/contracts.ts';
import { createBeginExport } from './begin-export.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['begin-export']);
const log = createLog('begin-export');

export const handler = stepHandler({
  log,
  input: beginInput,
  useCase: createBeginExport({
    jobs: jobStore(environment),
    source: householdSource(environment),
    clock: systemClock,
    log,
    metrics: createMetrics(environment),
    transactionsPerPart: environment.TRANSACTIONS_PER_PART,
  }),
});
