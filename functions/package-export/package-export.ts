import { text } from 'node:stream/consumers';
import { ExportClosed } from '../../shared/domain/errors.ts';
import { PHASE_STARTS, type ProcessingJob } from '../../shared/domain/export-job.ts';
import type { PackageSummary } from '../../shared/domain/manifest.ts';
import { packageKey } from '../../shared/domain/package-layout.ts';
import { SECTIONS } from '../../shared/domain/sections.ts';
import {
  transactionTally,
  TransactionTally,
  type TransactionTallies,
} from '../../shared/domain/transaction-tally.ts';
import { openZipArchive, type ZipArchive } from '../../shared/packaging/zip-archive.ts';
import type { ArtifactStore, Clock, JobStore, StatementFiles } from '../../shared/ports.ts';
import type {
  PackageInput,
  SectionCollected,
  SectionResult,
  StepAttempt,
} from '../../shared/workflow/contracts.ts';
import { createPackageContents, type PackageContents } from './package-contents.ts';
import { createProgressReport } from './progress-report.ts';
import { statementFileRecords } from './statement-file-records.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly artifacts: ArtifactStore;
  readonly files: StatementFiles;
  readonly clock: Clock;
  /** Of the household application, for the manifest. */
  readonly applicationVersion: string;
}

const inPackageOrder = (collected: readonly SectionResult[]): SectionCollected[] =>
  SECTIONS.flatMap((name) => collected.filter((result) => result.section === name)).filter(
    (result) => result.requested,
  );

/** Streams the collected sections and the statement files into one ZIP, hashing every byte; nothing is held whole. */
export const createPackageExport = ({ jobs, artifacts, files, clock, applicationVersion }: Dependencies) => {
  const processingJob = async (exportId: string): Promise<ProcessingJob> => {
    const job = await jobs.find(exportId);
    if (job?.status !== 'processing') throw new ExportClosed('The export is no longer in progress.');
    return job;
  };

  const addFiles = async (
    contents: PackageContents,
    userId: string,
    section: SectionCollected,
  ): Promise<void> => {
    for await (const record of statementFileRecords(await artifacts.read(section.key))) {
      await contents.addFile(record, await files.open(userId, record.s3Key));
    }
  };

  const tallies = async (transactions: SectionCollected | undefined): Promise<TransactionTallies> =>
    transactions?.tallyKey === undefined
      ? new TransactionTally().result()
      : transactionTally.parse(JSON.parse(await text(await artifacts.read(transactions.tallyKey))));

  const fill = async (
    contents: PackageContents,
    job: ProcessingJob,
    sections: readonly SectionCollected[],
  ) => {
    for (const section of sections) await contents.addSection(section, await artifacts.read(section.key));
    const fileSection = sections.find(({ section }) => section === 'transactionFiles');
    if (fileSection !== undefined) await addFiles(contents, job.userId, fileSection);
    const transactions = sections.find(({ section }) => section === 'transactions');
    const { byMonth, controlTotals } = await tallies(transactions);
    return contents.finish({
      exportId: job.exportId,
      userId: job.userId,
      request: job.parameters,
      requestedAt: job.requestedAt,
      startedAt: job.startedAt,
      applicationVersion,
      filters: {},
      warnings: [],
      controlTotals,
      transactionsByMonth: byMonth,
    });
  };

  /** Fills and uploads at the same time; when one of the two fails, the other is ended before the error goes on. */
  const upload = async <T>(
    key: string,
    archive: ZipArchive,
    filling: (archive: ZipArchive) => Promise<T>,
  ) => {
    const uploading = artifacts.write(key, archive.output, 'application/zip');
    uploading.catch(archive.abort);
    try {
      const filled = await filling(archive);
      await archive.finish();
      return { ...(await uploading), filled };
    } catch (error) {
      archive.abort(error);
      await uploading.catch(() => undefined);
      throw error;
    }
  };

  return async ({ run, collected }: PackageInput, { attemptId }: StepAttempt): Promise<PackageSummary> => {
    const job = await processingJob(run.exportId);
    const sections = inPackageOrder(collected);
    const report = createProgressReport({ jobs, clock }, run.exportId, sections);
    await report.started();

    const s3Key = packageKey(run, attemptId, 'zip');
    const { bytes, sha256, filled } = await upload(s3Key, openZipArchive(job.requestedAt), (archive) =>
      fill(createPackageContents(archive, report.entryAdded), job, sections),
    );
    try {
      await jobs.recordProgress(run.exportId, PHASE_STARTS.packaged, 'building_package');
    } catch (error) {
      if (error instanceof ExportClosed) await artifacts.remove(s3Key);
      throw error;
    }
    return { s3Key, packageSize: bytes, sha256, ...filled };
  };
};
