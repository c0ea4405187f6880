import { ExportClosed, InvalidStepInput } from '../../shared/domain/errors.ts';
import { segmentKey, segmentReportKey } from '../../shared/domain/package-layout.ts';
import { packSegment } from '../../shared/packaging/pack-segment.ts';
import { entriesOf } from '../../shared/packaging/package-plan.ts';
import { openPackageSource } from '../../shared/packaging/package-source.ts';
import { createProgressReport } from '../../shared/packaging/progress-report.ts';
import { uploadZip } from '../../shared/packaging/upload-zip.ts';
import type { ArtifactStore, Clock, JobStore, StatementFiles } from '../../shared/ports.ts';
import type { PackedSegment, SegmentInput, StepAttempt } from '../../shared/workflow/contracts.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly artifacts: ArtifactStore;
  readonly files: StatementFiles;
  readonly clock: Clock;
}

/** Packs one segment of a large export into a ZIP of its own, and writes down beside it what is in there. */
export const createPackageSegment =
  ({ jobs, artifacts: bucket, files, clock }: Dependencies) =>
  async (input: SegmentInput, { attemptId, signal }: StepAttempt): Promise<PackedSegment> => {
    const { run, segment } = input;
    const artifacts = bucket.until(signal);
    const source = await openPackageSource({ jobs, artifacts }, input);
    const { segments } = source.plan;
    const planned = segments[segment];
    if (planned === undefined) throw new InvalidStepInput('The plan has no such segment.');
    const progress = createProgressReport(
      { jobs, clock },
      {
        exportId: run.exportId,
        from: segment / segments.length,
        to: (segment + 1) / segments.length,
        pieces: entriesOf(planned),
      },
    );
    const { pieceAdded } = progress;
    const key = segmentKey(run, segment, attemptId);
    const reportKey = segmentReportKey(run, segment, attemptId);
    const { told: report } = await uploadZip(artifacts, key, source.job.requestedAt, (archive) =>
      packSegment(archive, source, planned, { artifacts, files, pieceAdded }),
    );
    await artifacts.write(reportKey, [Buffer.from(JSON.stringify(report))], 'application/json');
    try {
      await progress.finished();
    } catch (error) {
      if (error instanceof ExportClosed) {
        await artifacts.remove(key);
        await artifacts.remove(reportKey);
      }
      throw error;
    }
    return { segment, attemptId };
  };
