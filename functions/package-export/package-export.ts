import { text } from 'node:stream/consumers';
import { ExportClosed, InterimCorrupted } from '../../shared/domain/errors.ts';
import { PHASE_STARTS, type ProcessingJob } from '../../shared/domain/export-job.ts';
import type { Manifest, PackageSummary } from '../../shared/domain/manifest.ts';
import { packageKey } from '../../shared/domain/package-layout.ts';
import { SECTIONS } from '../../shared/domain/sections.ts';
import {
  transactionTally,
  TransactionTally,
  type TransactionTallies,
} from '../../shared/domain/transaction-tally.ts';
import { openZipArchive } from '../../shared/packaging/zip-archive.ts';
import type { ArtifactStore, Clock, JobStore, StatementFiles } from '../../shared/ports.ts';
import type {
  PackageInput,
  SectionCollected,
  SectionResult,
  StepAttempt,
} from '../../shared/workflow/contracts.ts';
import { surveyHousehold } from './household-survey.ts';
import { interimSections } from './interim-sections.ts';
import { jsonPackage } from './json-package.ts';
import { figuresOf } from './package-manifest.ts';
import { sectionNamed, type PackageSource } from './package-source.ts';
import { createProgressReport } from './progress-report.ts';
import { fillZipPackage } from './zip-package.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly artifacts: ArtifactStore;
  readonly files: StatementFiles;
  readonly clock: Clock;
  /** Of the household application, for the manifest. */
  readonly applicationVersion: string;
}

interface Uploaded {
  /** Bytes. */
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly manifest: Manifest;
}

const inPackageOrder = (collected: readonly SectionResult[]): SectionCollected[] =>
  SECTIONS.flatMap((name) => collected.filter((result) => result.section === name)).filter(
    (result) => result.requested,
  );

/** Streams the collected sections and the statement files into one package, hashing every byte; nothing is held whole. */
export const createPackageExport = (dependencies: Dependencies) => {
  const { jobs, artifacts, clock } = dependencies;
  const interim = interimSections(artifacts);

  const processingJob = async (exportId: string): Promise<ProcessingJob> => {
    const job = await jobs.find(exportId);
    if (job?.status !== 'processing') throw new ExportClosed('The export is no longer in progress.');
    return job;
  };

  const tallyOf = async (transactions: SectionCollected | undefined): Promise<TransactionTallies> => {
    if (transactions === undefined) return new TransactionTally().result();
    if (transactions.tallyKey === undefined) throw new InterimCorrupted('The transactions have no tally.');
    const tally = transactionTally.parse(JSON.parse(await text(await artifacts.read(transactions.tallyKey))));
    if (tally.count !== transactions.count) {
      throw new InterimCorrupted('The tally of the transactions is one of others.');
    }
    return tally;
  };

  const sourceOf = async (
    job: ProcessingJob,
    collected: PackageInput['collected'],
  ): Promise<PackageSource> => {
    const { files, applicationVersion } = dependencies;
    const sections = inPackageOrder(collected);
    const report = createProgressReport({ jobs, clock }, job, sections);
    await report.started();
    const tally = await tallyOf(sectionNamed({ sections }, 'transactions'));
    return {
      job,
      applicationVersion,
      sections,
      interim,
      survey: await surveyHousehold(interim, sections),
      tally,
      transactionsByFile: new Map(tally.references.fileId.map(({ id, count }) => [id, count])),
      files,
      pieceAdded: report.pieceAdded,
    };
  };

  const uploadJson = async (key: string, source: PackageSource): Promise<Uploaded> => {
    const { manifest, content } = jsonPackage(source);
    return { ...(await artifacts.write(key, content, 'application/json')), manifest };
  };

  /** Fills and uploads at the same time; when one of the two fails, the other is ended before the error goes on. */
  const uploadZip = async (key: string, source: PackageSource): Promise<Uploaded> => {
    const archive = openZipArchive(source.job.requestedAt);
    const uploading = artifacts.write(key, archive.output, 'application/zip');
    uploading.catch(archive.abort);
    try {
      const manifest = await fillZipPackage(archive, source);
      await archive.finish();
      return { ...(await uploading), manifest };
    } catch (error) {
      archive.abort(error);
      await uploading.catch(() => undefined);
      throw error;
    }
  };

  return async ({ run, collected }: PackageInput, { attemptId }: StepAttempt): Promise<PackageSummary> => {
    const job = await processingJob(run.exportId);
    const source = await sourceOf(job, collected);
    const s3Key = packageKey(run, attemptId, job.exportFormat);
    const upload = { zip: uploadZip, json: uploadJson }[job.exportFormat];
    const { bytes, sha256, manifest } = await upload(s3Key, source);
    try {
      await jobs.recordProgress(run.exportId, PHASE_STARTS.packaged, 'building_package');
    } catch (error) {
      if (error instanceof ExportClosed) await artifacts.remove(s3Key);
      throw error;
    }
    return { s3Key, packageSize: bytes, sha256, ...figuresOf(manifest) };
  };
};
