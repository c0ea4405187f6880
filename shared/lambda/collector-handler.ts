import type { CollectDependencies } from '../use-cases/collect-section.ts';
import { exportRun, type ExportRun, type SectionResult, type StepAttempt } from '../workflow/contracts.ts';
import { householdSource, type HouseholdEnvironment } from './dependencies/household.ts';
import { jobStore } from './dependencies/jobs.ts';
import { artifactStore } from './dependencies/storage.ts';
import { createLog } from './logger.ts';
import { stepHandler } from './step-handler.ts';
import { systemClock } from './system-clock.ts';

type CreateCollector = (
  dependencies: CollectDependencies,
) => (run: ExportRun, attempt: StepAttempt) => Promise<SectionResult>;

interface CollectorEnvironment extends HouseholdEnvironment {
  readonly EXPORT_JOBS_TABLE: string;
  readonly EXPORT_PACKAGES_BUCKET: string;
}

/** What a collector works with. */
export const collectDependencies = (environment: CollectorEnvironment): CollectDependencies => ({
  source: householdSource(environment),
  artifacts: artifactStore(environment),
  jobs: jobStore(environment),
  clock: systemClock,
});

/** The collector of a whole section as a Lambda handler; its environment names the one table it may read. */
export const collectorHandler = (
  functionName: string,
  environment: CollectorEnvironment,
  createCollector: CreateCollector,
) =>
  stepHandler({
    log: createLog(functionName),
    input: exportRun,
    useCase: createCollector(collectDependencies(environment)),
  });
