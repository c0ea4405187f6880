import { jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { artifactStore, statementFiles } from '../../shared/lambda/dependencies/storage.ts';
import { viewerPage } from '../../shared/lambda/dependencies/viewer.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { stepHandler } from '../../shared/lambda/step-handler.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { packageInput } from '../../shared/workflow/contracts.ts';
import { createPackageExport } from './package-export.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['package-export']);

export const handler = stepHandler({
  log: createLog('package-export'),
  input: packageInput,
  useCase: createPackageExport({
    jobs: jobStore(environment),
    artifacts: artifactStore(environment),
    files: statementFiles(environment),
    clock: systemClock,
    applicationVersion: environment.APPLICATION_VERSION,
    viewer: viewerPage(environment),
  }),
});
