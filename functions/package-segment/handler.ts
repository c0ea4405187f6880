import { jobStore } from '../../shared/lambda/dependencies/jobs.ts';
import { artifactStore, statementFiles } from '../../shared/lambda/dependencies/storage.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { stepHandler } from '../../shared/lambda/step-handler.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import { segmentInput } from '../../shared/workflow/contracts.ts';
import { createPackageSegment } from './package-segment.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['package-segment']);

export const handler = stepHandler({
  log: createLog('package-segment'),
  input: segmentInput,
  useCase: createPackageSegment({
    jobs: jobStore(environment),
    artifacts: artifactStore(environment),
    files: statementFiles(environment),
    clock: systemClock,
  }),
});
