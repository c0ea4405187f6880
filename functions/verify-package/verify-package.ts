import { ExportClosed } from '../../shared/domain/errors.ts';
import type { PackageSummary } from '../../shared/domain/manifest.ts';
import type { ArtifactStore, Clock, JobStore, Log } from '../../shared/ports.ts';
import { corrupted, countWrong, isVerdict } from '../../shared/verification/broken-package.ts';
import { verifyPackage, type VerifiedPackage } from '../../shared/verification/verify-package.ts';
import type { ExportRun, VerifyInput, VerifyResult } from '../../shared/workflow/contracts.ts';
import { createVerificationProgress } from './verification-progress.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** The job, its event and its status tell what the summary says: it must be what the package says. */
const checkSummary = ({ manifest }: VerifiedPackage, summary: PackageSummary, run: ExportRun): void => {
  if (manifest.exportId !== run.exportId || manifest.userId !== run.userId) {
    throw corrupted('OTHER_EXPORT', 'The package is that of another export.');
  }
  if (manifest.completeness !== summary.completeness) {
    throw corrupted('MANIFEST_CONTRADICTION', 'The manifest and the summary differ in completeness.');
  }
  for (const [section, { expected, included, omitted }] of Object.entries(summary.counts)) {
    const stated = Object.entries(manifest.counts).find(([name]) => name === section)?.[1];
    if (stated?.expected !== expected || stated.included !== included || stated.omitted !== omitted) {
      throw countWrong(
        'SUMMARY_COUNT',
        `The manifest and the summary differ in the counts of the section ${section}.`,
      );
    }
  }
};

/** Reads a finished package back and lets it pass only when it proves itself; one that does not is removed. */
export const createVerifyPackage = ({ jobs, artifacts, clock, log }: Dependencies) => {
  const formatOf = async (exportId: string) => {
    const job = await jobs.find(exportId);
    if (job?.status !== 'processing') throw new ExportClosed('The export is no longer in progress.');
    return job.exportFormat;
  };

  const verified = async ({ run, package: summary }: VerifyInput): Promise<VerifiedPackage> => {
    const format = await formatOf(run.exportId);
    const { s3Key, packageSize, sha256 } = summary;
    const progress = createVerificationProgress({ jobs, clock }, run.exportId, packageSize);
    await progress.started();
    const source = await artifacts.open(s3Key);
    if (source.size !== packageSize) {
      throw corrupted('PACKAGE_BYTES', 'The package does not have the size that it should have.');
    }
    const result = await verifyPackage(source, { format, sha256, onProgress: progress.bytesRead });
    checkSummary(result, summary, run);
    await progress.finished();
    return result;
  };

  return async (input: VerifyInput): Promise<VerifyResult> => {
    try {
      const { bytes, entries, records } = await verified(input);
      const counts = Object.values(records);
      return { bytes, entries: entries.length, records: counts.reduce((sum, count) => sum + count, 0) };
    } catch (error) {
      if (isVerdict(error)) {
        const { exportId } = input.run;
        log.failure('The package did not prove itself.', error, { exportId, reason: error.reason });
        await artifacts.remove(input.package.s3Key);
      }
      throw error;
    }
  };
};
