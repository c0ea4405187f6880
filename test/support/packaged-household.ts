import { createCollectTransactions } from '../../functions/collect-transactions/collect-transactions.ts';
import { createJoinPackage } from '../../functions/join-package/join-package.ts';
import { createPackageExport } from '../../functions/package-export/package-export.ts';
import { createPackageSegment } from '../../functions/package-segment/package-segment.ts';
import { createPlanPackage } from '../../functions/plan-package/plan-package.ts';
import type { SegmentLimits } from '../../functions/plan-package/segment-planner.ts';
import { sectionsOf, type ExportRequest } from '../../shared/domain/export-request.ts';
import type { OmissionCode, PackageSummary } from '../../shared/domain/manifest.ts';
import { SECTIONS, type Section } from '../../shared/domain/sections.ts';
import type { SourceRecord } from '../../shared/ports.ts';
import { createCollectSection } from '../../shared/use-cases/collect-section.ts';
import { ParsedRecord } from '../../shared/use-cases/parsed-record.ts';
import type { PackedSegment, SectionResult } from '../../shared/workflow/contracts.ts';
import { A_USER, aCompleteRequest, anExportRun, aProcessingJob, NOON } from './export-builders.ts';
import { InMemoryArtifactStore } from './in-memory-artifact-store.ts';
import { InMemoryHousehold } from './in-memory-household.ts';
import { InMemoryJobStore } from './in-memory-job-store.ts';
import { InMemoryStatementFiles } from './in-memory-statement-files.ts';
import { SettableClock } from './recording-ports.ts';

export type StoredRecord = Readonly<Record<string, unknown>>;

/** A household as its tables and its bucket hold it; records as the package writes them. */
export interface Household {
  readonly records: Readonly<Partial<Record<Section, readonly StoredRecord[]>>>;
  /** By S3 key: the bytes, or why they cannot be had. */
  readonly files: ReadonlyMap<string, Buffer | OmissionCode>;
}

const ID_OF: Readonly<Record<Section, string>> = {
  accounts: 'accountId',
  transactions: 'transactionId',
  categories: 'categoryId',
  fileMaps: 'fileMapId',
  transactionFiles: 'fileId',
  analytics: 'pk',
};

const byUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A section's records in the order in which a package must hold them: transactions by date, then all by id. */
export const inPackageOrder = (section: Section, records: readonly StoredRecord[] = []): StoredRecord[] =>
  [...records].sort(
    (a, b) =>
      (section === 'transactions' ? Number(a['date']) - Number(b['date']) : 0) ||
      byUtf8(String(a[ID_OF[section]]), String(b[ID_OF[section]])),
  );

const sourceRecord = (section: Section, record: StoredRecord): SourceRecord =>
  new ParsedRecord({
    text: JSON.stringify(record),
    primaryKey: String(record[ID_OF[section]]),
    sortKey: section === 'transactions' ? String(record['date']) : '',
  });

export interface Packaged {
  readonly bytes: Buffer;
  readonly summary: PackageSummary;
  /** The collected text of each section. */
  readonly collected: ReadonlyMap<Section, Buffer>;
  readonly artifacts: InMemoryArtifactStore;
}

export interface Packaging {
  readonly artifacts: InMemoryArtifactStore;
  readonly files: InMemoryStatementFiles;
  readonly jobs: InMemoryJobStore;
  readonly collected: readonly SectionResult[];
  /** Packs what was collected, in one piece unless limits are given; may be called again. */
  readonly pack: (limits?: SegmentLimits) => Promise<Packaged>;
}

/** Stands for the page in a package, where only its place matters. */
export const VIEWER = Buffer.from('<!doctype html>\n<title>Viewer</title>\n');

const UNLIMITED: SegmentLimits = { bytes: Infinity, entries: Infinity };

/** Collects a household by the real collectors into memory, ready to be packed by the real packager. */
export const collectedHousehold = async (
  household: Household,
  overrides: Partial<ExportRequest> = {},
  viewerPage: Uint8Array = VIEWER,
): Promise<Packaging> => {
  const request = aCompleteRequest(overrides);
  const job = aProcessingJob({ ...request, parameters: request });
  const sections = [...sectionsOf(request)];
  const run = anExportRun({ exportId: job.exportId, sections, includeAnalytics: request.includeAnalytics });
  const pages = Object.fromEntries(
    SECTIONS.map((section) => [
      section,
      [inPackageOrder(section, household.records[section]).map((record) => sourceRecord(section, record))],
    ]),
  );
  const artifacts = new InMemoryArtifactStore();
  const files = new InMemoryStatementFiles(household.files);
  const jobs = new InMemoryJobStore(job);
  const clock = new SettableClock(NOON);
  const ports = { source: new InMemoryHousehold(pages), artifacts, jobs, clock };
  const collected: SectionResult[] = [];
  for (const section of SECTIONS) {
    if (section !== 'transactions') {
      collected.push(await createCollectSection(section, ports)(run, { attemptId: 'attempt-1' }));
    } else if (sections.includes(section)) {
      const attempt = { attemptId: 'attempt-1' };
      collected.push(await createCollectTransactions(ports)({ run, part: { index: 0 } }, attempt));
    }
  }

  const viewer = () => Promise.resolve(viewerPage);
  const packing = { jobs, artifacts, files, clock, applicationVersion: '7.1', viewer };
  const packageExport = createPackageExport(packing);
  const packageSegment = createPackageSegment(packing);
  const joinPackage = createJoinPackage(packing);
  /** The workflow's steps from the plan to the package. */
  const summaryOf = async (limits: SegmentLimits): Promise<PackageSummary> => {
    const requested = collected.filter((result) => result.requested);
    const { planKey, segments, inOnePiece } = await createPlanPackage({ jobs, artifacts, limits })(
      { run, collected: requested },
      { attemptId: 'attempt-2' },
    );
    if (inOnePiece) return packageExport({ run, planKey }, { attemptId: 'attempt-3' });
    const packed: PackedSegment[] = [];
    for (const segment of segments) {
      packed.push(await packageSegment({ run, planKey, segment }, { attemptId: 'attempt-3' }));
    }
    return joinPackage({ run, planKey, segments: packed }, { attemptId: 'attempt-4' });
  };
  const pack = async (limits: SegmentLimits = UNLIMITED): Promise<Packaged> => {
    const summary = await summaryOf(limits);
    const texts = collected.flatMap((result): [Section, Buffer][] =>
      result.requested ? [[result.section, artifacts.objects.get(result.key) ?? Buffer.alloc(0)]] : [],
    );
    const bytes = artifacts.objects.get(summary.s3Key) ?? Buffer.alloc(0);
    return { bytes, summary, collected: new Map(texts), artifacts };
  };
  return { artifacts, files, jobs, collected, pack };
};

export const packagedHousehold = async (
  household: Household,
  overrides: Partial<ExportRequest> = {},
): Promise<Packaged> => (await collectedHousehold(household, overrides)).pack();

export const OWN_PREFIX = `${A_USER}/`;
