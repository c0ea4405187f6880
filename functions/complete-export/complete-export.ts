import { ExportClosed, InvalidStepInput } from '../../shared/domain/errors.ts';
import { exportCompleted, pendingEvents } from '../../shared/domain/events.ts';
import {
  FOLLOW_UP_MS,
  PHASE_STARTS,
  type CompletedJob,
  type ExportJob,
} from '../../shared/domain/export-job.ts';
import type { PackageSummary } from '../../shared/domain/manifest.ts';
import type { Measurements } from '../../shared/domain/measures.ts';
import type { ActiveExports, ArtifactStore, Clock, JobStore, Metrics } from '../../shared/ports.ts';
import type { PublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';
import { createSettleExport } from '../../shared/use-cases/settle-export.ts';
import { corrupted } from '../../shared/verification/broken-package.ts';
import type { CompleteInput, VerifyResult } from '../../shared/workflow/contracts.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly activeExports: ActiveExports;
  readonly artifacts: ArtifactStore;
  readonly publish: PublishPendingEvents;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** How long a package can be downloaded. */
  readonly retentionMs: number;
  /** Where packages lie, for the event. */
  readonly packagesBucket: string;
}

/** The package with the hash that it was found to have; another checksum only where there is none. */
const hashed = ({ crc64nvme, ...summary }: PackageSummary, { sha256 }: VerifyResult): PackageSummary => ({
  ...summary,
  sha256,
  ...(sha256 === null && crc64nvme !== undefined ? { crc64nvme } : {}),
});

const measurementsOf = (job: CompletedJob): Measurements => {
  const counts = Object.values(job.counts);
  return {
    ExportsCompleted: 1,
    ExportsPartial: job.completeness === 'partial' ? 1 : 0,
    ExportDuration: job.completedAt - job.requestedAt,
    PackageSize: job.packageSize,
    RecordsExported: counts.reduce((sum, { expected }) => sum + expected, 0),
    MissingFiles: counts.reduce((sum, { omitted }) => sum + omitted, 0),
  };
};

/** Makes the package the job's result, tells the world, and removes everything else the export has written. */
export const createCompleteExport = (dependencies: Dependencies) => {
  const { jobs, artifacts, clock, metrics, retentionMs, packagesBucket } = dependencies;
  const settle = createSettleExport(dependencies);

  const complete = async (job: ExportJob, result: PackageSummary): Promise<CompletedJob> => {
    if (job.status === 'completed' && job.s3Key === result.s3Key) return job;
    if (job.status !== 'processing') throw new ExportClosed('The export is no longer in progress.');
    const completedAt = clock.now();
    const completed: CompletedJob = {
      ...job,
      ...result,
      status: 'completed',
      currentPhase: 'completed',
      progress: PHASE_STARTS.completed,
      completedAt,
      expiresAt: completedAt + retentionMs,
      dueAt: completedAt + FOLLOW_UP_MS,
    };
    const withEvent = {
      ...completed,
      pendingEvents: { ...job.pendingEvents, ...pendingEvents(exportCompleted(completed, packagesBucket)) },
    };
    await jobs.complete(withEvent);
    metrics.record(measurementsOf(completed));
    return withEvent;
  };

  const assertAsVerified = async ({ s3Key }: PackageSummary, { version }: VerifyResult): Promise<void> => {
    if ((await artifacts.open(s3Key)).version === version) return;
    throw corrupted('PACKAGE_BYTES', 'The package was replaced after it was verified.');
  };

  return async ({ run, package: made, verified }: CompleteInput): Promise<{ exportId: string }> => {
    if (!verified.done) throw new InvalidStepInput('The package is not verified to its end.');
    const { exportId } = run;
    const job = await jobs.find(exportId);
    if (job === undefined || job.status === 'deleted') throw new ExportClosed('The export is gone.');
    if (job.status === 'processing') await assertAsVerified(made, verified);
    await settle(await complete(job, hashed(made, verified)));
    return { exportId };
  };
};
