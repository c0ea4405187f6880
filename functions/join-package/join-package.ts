import { ExportClosed, InvalidStepInput } from '../../shared/domain/errors.ts';
import type { PackageSummary } from '../../shared/domain/manifest.ts';
import { packageKey, segmentKey, segmentReportKey } from '../../shared/domain/package-layout.ts';
import { packEnding } from '../../shared/packaging/pack-ending.ts';
import { figuresOf } from '../../shared/packaging/package-manifest.ts';
import {
  householdFacts,
  openPackageSource,
  readJson,
  type PackageSource,
} from '../../shared/packaging/package-source.ts';
import { createProgressReport } from '../../shared/packaging/progress-report.ts';
import { segmentReport, type SegmentReport } from '../../shared/packaging/segment-report.ts';
import { uploadZip } from '../../shared/packaging/upload-zip.ts';
import type { ArtifactStore, Clock, JobStore } from '../../shared/ports.ts';
import type { JoinInput, PackedSegment, StepAttempt } from '../../shared/workflow/contracts.ts';
import { joinedZip, type ZipSegment } from './joined-zip.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  /** Of the household application, for the manifest. */
  readonly applicationVersion: string;
  /** The page that shows a package. */
  readonly viewer: () => Promise<Uint8Array>;
}

/** Objects read at once: storage answers after tens of milliseconds. */
const READ_AT_ONCE = 16;

/** What `read` gives for each item, in order, some of them under way at once. */
async function* readAhead<Item, Result>(
  items: readonly Item[],
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  for (let at = 0; at < items.length; at += READ_AT_ONCE) {
    yield* await Promise.all(items.slice(at, at + READ_AT_ONCE).map(read));
  }
}

/** Joins packed segments into one package; only directories and lists are read, the entries' bytes are copied in the bucket. */
export const createJoinPackage = (dependencies: Dependencies) => {
  const { jobs, artifacts: bucket, clock, applicationVersion, viewer } = dependencies;

  const checkSegments = ({ plan }: PackageSource, segments: readonly PackedSegment[]): void => {
    const inOrder = segments.every(({ segment }, at) => segment === at);
    if (!inOrder || segments.length !== plan.segments.length) {
      throw new InvalidStepInput('The segments to join are not those of the plan.');
    }
  };

  return async (input: JoinInput, { attemptId, signal }: StepAttempt): Promise<PackageSummary> => {
    const { run, segments } = input;
    const artifacts = bucket.until(signal);
    const source = await openPackageSource({ jobs, artifacts }, input);
    checkSegments(source, segments);
    const reportOf = ({ segment, attemptId: packer }: PackedSegment): Promise<SegmentReport> =>
      readJson(artifacts, segmentReportKey(run, segment, packer), segmentReport);
    const reports = await Array.fromAsync(readAhead(segments, reportOf));

    const facts = await householdFacts(artifacts, source);
    const endingKey = segmentKey(run, segments.length, attemptId);
    const { told: ending } = await uploadZip(artifacts, endingKey, source.job.requestedAt, async (archive) =>
      packEnding(archive, { source, facts, reports, applicationVersion, viewer: await viewer() }),
    );

    const zips = [
      ...segments.map(({ segment, attemptId: packer }, at) => ({
        key: segmentKey(run, segment, packer),
        entries: reports[at]?.entries ?? [],
      })),
      { key: endingKey, entries: ending.added },
    ];
    const opened = readAhead(zips, async ({ key, entries }): Promise<ZipSegment> => ({
      zip: await artifacts.open(key),
      entries,
    }));
    const s3Key = packageKey(run, attemptId, 'zip');
    const { bytes, crc64nvme } = await artifacts.join(s3Key, joinedZip(opened), 'application/zip');
    try {
      const share = { exportId: run.exportId, from: 1, to: 1, pieces: 1 };
      await createProgressReport({ jobs, clock }, share).finished();
    } catch (error) {
      if (error instanceof ExportClosed) await artifacts.remove(s3Key);
      throw error;
    }
    return { s3Key, packageSize: bytes, sha256: null, crc64nvme, ...figuresOf(ending.manifest) };
  };
};
