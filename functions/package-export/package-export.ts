import { ExportClosed } from '../../shared/domain/errors.ts';
import type { Manifest, PackageSummary } from '../../shared/domain/manifest.ts';
import { packageKey } from '../../shared/domain/package-layout.ts';
import { packEnding } from '../../shared/packaging/pack-ending.ts';
import { packSegment } from '../../shared/packaging/pack-segment.ts';
import { figuresOf, type PackageTold } from '../../shared/packaging/package-manifest.ts';
import { entriesOf } from '../../shared/packaging/package-plan.ts';
import { householdFacts, openPackageSource } from '../../shared/packaging/package-source.ts';
import { createProgressReport } from '../../shared/packaging/progress-report.ts';
import type { SegmentReport } from '../../shared/packaging/segment-report.ts';
import { uploadZip } from '../../shared/packaging/upload-zip.ts';
import type { ArtifactStore, Clock, JobStore, StatementFiles } from '../../shared/ports.ts';
import type { PackageInput, StepAttempt } from '../../shared/workflow/contracts.ts';
import { jsonPackage } from './json-package.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly artifacts: ArtifactStore;
  readonly files: StatementFiles;
  readonly clock: Clock;
  /** Of the household application, for the manifest. */
  readonly applicationVersion: string;
  /** The page that shows a package; asked for when one is to get it. */
  readonly viewer: () => Promise<Uint8Array>;
}

interface Uploaded {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly told: Manifest;
}

/** Streams all that was collected, and the statement files, into one package, hashing every byte; nothing is held whole. */
export const createPackageExport = (dependencies: Dependencies) => {
  const { jobs, artifacts: bucket, files, clock, applicationVersion, viewer } = dependencies;

  const uploadJson = async (
    artifacts: ArtifactStore,
    key: string,
    told: PackageTold,
    pieceAdded: () => Promise<void>,
  ): Promise<Uploaded> => {
    const { manifest, content } = await jsonPackage(told, pieceAdded);
    return { ...(await artifacts.write(key, content, 'application/json')), told: manifest };
  };

  const uploadWhole = (
    artifacts: ArtifactStore,
    key: string,
    told: PackageTold,
    pieceAdded: () => Promise<void>,
  ): Promise<Uploaded> =>
    uploadZip(artifacts, key, told.source.job.requestedAt, async (archive) => {
      const reports: SegmentReport[] = [];
      for (const segment of told.source.plan.segments) {
        reports.push(await packSegment(archive, told.source, segment, { artifacts, files, pieceAdded }));
      }
      return (await packEnding(archive, { ...told, reports, viewer: await viewer() })).manifest;
    });

  return async (input: PackageInput, { attemptId, signal }: StepAttempt): Promise<PackageSummary> => {
    const { run } = input;
    const artifacts = bucket.until(signal);
    const source = await openPackageSource({ jobs, artifacts }, input);
    const pieces = source.plan.segments.reduce((sum, segment) => sum + entriesOf(segment), 1);
    const progress = createProgressReport(
      { jobs, clock },
      { exportId: run.exportId, from: 0, to: 1, pieces },
    );
    await progress.started();
    const told = { source, facts: await householdFacts(artifacts, source), applicationVersion };
    const s3Key = packageKey(run, attemptId, source.job.exportFormat);
    const upload = { zip: uploadWhole, json: uploadJson }[source.job.exportFormat];
    const { bytes, sha256, told: manifest } = await upload(artifacts, s3Key, told, progress.pieceAdded);
    try {
      await progress.finished();
    } catch (error) {
      if (error instanceof ExportClosed) await artifacts.remove(s3Key);
      throw error;
    }
    return { s3Key, packageSize: bytes, sha256, ...figuresOf(manifest) };
  };
};
