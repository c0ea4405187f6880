import { jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { artifactStore } from '../../shared/lambda/dependencies/storage.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { stepHandler } from '../../shared/lambda/step-handler.ts';
import { planInput } from '../../shared/workflow/contracts.ts';
import { createPlanPackage } from './plan-package.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['plan-package']);

export const handler = stepHandler({
  log: createLog('plan-package'),
  input: planInput,
  useCase: createPlanPackage({
    jobs: jobStore(environment),
    artifacts: artifactStore(environment),
    limits: { bytes: environment.SEGMENT_BYTES, entries: environment.SEGMENT_ENTRIES },
  }),
});
