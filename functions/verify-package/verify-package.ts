import { ExportClosed, InterimCorrupted, InvalidStepInput } from '../../shared/domain/errors.ts';
import type { PackageSummary } from '../../shared/domain/manifest.ts';
import { LARGEST_HASHED_PACKAGE_BYTES } from '../../shared/domain/package-hash.ts';
import { checkpointKey } from '../../shared/domain/package-layout.ts';
import type { ArtifactStore, Clock, JobStore, Log, StoredObject } from '../../shared/ports.ts';
import { corrupted, countWrong, isVerdict } from '../../shared/verification/broken-package.ts';
import {
  verifyPart,
  type VerificationState,
  type VerifiedPart,
} from '../../shared/verification/verify-part.ts';
import type { VerifiedContents } from '../../shared/verification/verify-package.ts';
import type { ExportRun, StepAttempt, VerifyInput, VerifyResult } from '../../shared/workflow/contracts.ts';
import { createVerificationCheckpoints } from './verification-checkpoints.ts';
import { createVerificationProgress } from './verification-progress.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly log: Log;
  /** How many bytes of a package one call reads at the most, except that it never cuts an entry. */
  readonly bytesPerCall: number;
  /** A larger package gets no SHA-256 unless its maker told one, or one call reads it whole. */
  readonly largestHashedBytes?: number;
}

const replaced = (cause?: unknown): Error =>
  corrupted('PACKAGE_BYTES', 'The package was replaced or removed while it was verified.', cause);

/** Nobody but its maker writes a package, so one that is not there any more as it was opened is no package to hand out. */
const ofThePackage = async <T>(reading: Promise<T>): Promise<T> => {
  try {
    return await reading;
  } catch (error) {
    throw error instanceof InterimCorrupted ? replaced(error) : error;
  }
};

/** The job, its event and its status tell what the summary says: it must be what the package says. */
const checkSummary = ({ manifest }: VerifiedContents, summary: PackageSummary, run: ExportRun): void => {
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

const sumOf = (counts: Readonly<Partial<Record<string, number>>>): number =>
  Object.values(counts).reduce<number>((sum, count = 0) => sum + count, 0);

/** What a call answers, beside where the next one finds its state. */
const resultOf = (part: VerifiedPart, { version }: StoredObject): VerifyResult => {
  if (!part.done) {
    const { position, contents } = part.state;
    const records = sumOf(contents.sections);
    return { done: false, version, bytes: position, entries: contents.entries.length, records, sha256: null };
  }
  const { bytes, entries, records } = part.verified;
  return {
    done: true,
    version,
    bytes,
    entries: entries.length,
    records: sumOf(records),
    sha256: part.sha256,
  };
};

const createVerification = (dependencies: Dependencies) => {
  const { jobs, artifacts, clock, log, bytesPerCall } = dependencies;
  const { largestHashedBytes = LARGEST_HASHED_PACKAGE_BYTES } = dependencies;
  const checkpoints = createVerificationCheckpoints(artifacts);

  const formatOf = async (exportId: string) => {
    const job = await jobs.find(exportId);
    if (job?.status !== 'processing') throw new ExportClosed('The export is no longer in progress.');
    return job.exportFormat;
  };

  const opened = async ({ s3Key, packageSize }: PackageSummary): Promise<StoredObject> => {
    const source = await ofThePackage(artifacts.open(s3Key));
    if (source.size !== packageSize) {
      throw corrupted('PACKAGE_BYTES', 'The package does not have the size that it should have.');
    }
    const { key, version, size } = source;
    return { key, version, size, read: (start, length) => ofThePackage(source.read(start, length)) };
  };

  /** Where the call before this one left off. */
  const stateOf = async (
    { version }: StoredObject,
    { verified: before }: VerifyInput,
  ): Promise<VerificationState | undefined> => {
    if (before === undefined) return undefined;
    if (before.checkpointKey === undefined) throw new InvalidStepInput('There is nothing to go on with.');
    const checkpoint = await checkpoints.read(before.checkpointKey);
    if (checkpoint.version === version) return checkpoint.state;
    throw replaced();
  };

  const verified = async (input: VerifyInput, attempt: StepAttempt): Promise<VerifyResult> => {
    const { run, package: summary } = input;
    const format = await formatOf(run.exportId);
    const progress = createVerificationProgress({ jobs, clock }, run.exportId, summary.packageSize);
    await progress.startedAt(input.verified?.bytes ?? 0);
    const source = await opened(summary);
    const part = await verifyPart(source, {
      format,
      sha256: summary.sha256 ?? undefined,
      budgetBytes: bytesPerCall,
      largestHashedBytes,
      state: await stateOf(source, input),
      onProgress: progress.bytesRead,
    });
    const result = resultOf(part, source);
    if (part.done) checkSummary(part.verified, summary, run);
    await progress.stoppedAt(result.bytes);
    if (part.done) return result;
    const key = checkpointKey(run, attempt.attemptId);
    await checkpoints.write(key, { version: source.version, state: part.state });
    return { ...result, checkpointKey: key };
  };

  return async (input: VerifyInput, attempt: StepAttempt): Promise<VerifyResult> => {
    try {
      return await verified(input, attempt);
    } catch (error) {
      if (isVerdict(error)) {
        const { exportId } = input.run;
        // What was deleted meanwhile is not broken.
        await formatOf(exportId);
        log.failure('The package did not prove itself.', error, { exportId, reason: error.reason });
        await artifacts.remove(input.package.s3Key);
      }
      throw error;
    }
  };
};

/**
 * Reads a finished package back and lets it pass only when it proves itself; one that does not is removed. What one call
 * cannot read the next one goes on with, in the same version of the package.
 */
export const createVerifyPackage =
  (dependencies: Dependencies) =>
  (input: VerifyInput, attempt: StepAttempt): Promise<VerifyResult> => {
    const artifacts = dependencies.artifacts.until(attempt.signal);
    return createVerification({ ...dependencies, artifacts })(input, attempt);
  };
