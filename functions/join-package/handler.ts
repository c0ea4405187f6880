import { jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { artifactStore } from '../../shared/lambda/dependencies/storage.ts';
import { viewerPage } from '../../shared/lambda/dependencies/viewer.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { stepHandler } from '../../shared/lambda/step-handler.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { joinInput } from '../../shared/workflow/contracts.ts';
import { createJoinPackage } from './join-package.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['join-package']);

export const handler = stepHandler({
  log: createLog('join-package'),
  input: joinInput,
  useCase: createJoinPackage({
    jobs: jobStore(environment),
    artifacts: artifactStore(environment),
    clock: systemClock,
    applicationVersion: environment.APPLICATION_VERSION,
    viewer: viewerPage(environment),
  }),
});
