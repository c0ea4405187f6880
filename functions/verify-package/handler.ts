import { jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { artifactStore } from '../../shared/lambda/dependencies/storage.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { stepHandler } from '../../shared/lambda/step-handler.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { verifyInput } from '../../shared/workflow/contracts.ts';
import { createVerifyPackage } from './verify-package.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['verify-package']);
const log = createLog('verify-package');

export const handler = stepHandler({
  log,
  input: verifyInput,
  useCase: createVerifyPackage({
    jobs: jobStore(environment),
    artifacts: artifactStore(environment),
    clock: systemClock,
    log,
    bytesPerCall: environment.VERIFIED_BYTES_PER_CALL,
  }),
});
