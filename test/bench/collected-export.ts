import { createCollectTransactions } from '../../functions/collect-transactions/collect-transactions.ts';
import { createPlanPackage } from '../../functions/plan-package/plan-package.ts';
import type { Item } from '../../infra/local/sample-household/attribute-values.ts';
import { S3ArtifactStore } from '../../shared/aws/s3-artifact-store.ts';
import type { ProcessingJob } from '../../shared/domain/export-job.ts';
import { SECTION_PATHS } from '../../shared/domain/package-layout.ts';
import type { Section } from '../../shared/domain/sections.ts';
import { systemClock } from '../../shared/lambda/system-clock.ts';
import type { SourceRecord } from '../../shared/ports.ts';
import { createCollectSection } from '../../shared/use-cases/collect-section.ts';
import type { ExportRun, SectionResult } from '../../shared/workflow/contracts.ts';
import { ParsedRecord } from '../../shared/use-cases/parsed-record.ts';
import { anExportRun, aProcessingJob } from '../support/export-builders.ts';
import { expectedJson } from '../support/expected-json.ts';
import { InMemoryHousehold } from '../support/in-memory-household.ts';
import { InMemoryJobStore } from '../support/in-memory-job-store.ts';
import type { BenchHousehold } from './bench-household.ts';
import { seedBenchFiles } from './seed-bench-household.ts';
import { benchS3Client, createBuckets } from './started-s3.ts';

/** An export that has come as far as its packaging, in one piece. */
export interface CollectedExport {
  readonly job: ProcessingJob;
  readonly run: ExportRun;
  readonly planKey: string;
  readonly fileBucket: string;
  readonly packagesBucket: string;
}

const BUCKETS = { fileBucket: 'bench-files', packagesBucket: 'bench-packages' } as const;
const PAGE_RECORDS = 2_000;
const ATTEMPT = { attemptId: 'bench' };

const KEYS = {
  accounts: ['accountId', undefined],
  transactions: ['transactionId', 'date'],
  categories: ['categoryId', undefined],
  transactionFiles: ['fileId', undefined],
} as const satisfies Partial<Record<Section, readonly [primary: string, sort: string | undefined]>>;
type FilledSection = keyof typeof KEYS;

const recordOf = (section: FilledSection, item: Item): SourceRecord => {
  const [primary, sort] = KEYS[section];
  return new ParsedRecord({
    text: expectedJson(item, SECTION_PATHS[section]),
    primaryKey: item[primary]?.S ?? '',
    sortKey: sort === undefined ? '' : (item[sort]?.N ?? ''),
  });
};

const pagesOf = (section: FilledSection, count: number, itemAt: (index: number) => Item): SourceRecord[][] =>
  Array.from({ length: Math.ceil(count / PAGE_RECORDS) }, (_, page) =>
    Array.from({ length: Math.min(PAGE_RECORDS, count - page * PAGE_RECORDS) }, (_unused, at) =>
      recordOf(section, itemAt(page * PAGE_RECORDS + at)),
    ),
  );

const sourceOf = ({ size, accounts, categories, ...made }: BenchHousehold): InMemoryHousehold =>
  new InMemoryHousehold({
    accounts: pagesOf('accounts', accounts.length, (index) => accounts[index] ?? {}),
    transactions: pagesOf('transactions', size.transactions, made.transaction),
    categories: pagesOf('categories', categories.length, (index) => categories[index] ?? {}),
    transactionFiles: pagesOf('transactionFiles', size.files, made.fileRecord),
  });

/** Uploads a household's files, and lets the product's collectors and its planner write what they write, all into one S3. */
export const collectedExport = async (
  endpoint: string,
  household: BenchHousehold,
  signal: AbortSignal,
): Promise<CollectedExport> => {
  const s3 = benchS3Client(endpoint);
  try {
    await createBuckets(endpoint, ...Object.values(BUCKETS));
    await seedBenchFiles({ s3, bucket: BUCKETS.fileBucket }, household, signal);
    const { userId } = household;
    const job = aProcessingJob({ userId });
    const run = anExportRun({ userId, exportId: job.exportId });
    const jobs = new InMemoryJobStore(job);
    const artifacts = new S3ArtifactStore(s3, BUCKETS.packagesBucket);
    const ports = { source: sourceOf(household), artifacts, jobs, clock: systemClock };
    const results: SectionResult[] = [
      await createCollectTransactions(ports)({ run, part: { index: 0 } }, ATTEMPT),
    ];
    for (const section of ['accounts', 'categories', 'fileMaps', 'transactionFiles'] as const) {
      results.push(await createCollectSection(section, ports)(run, ATTEMPT));
    }
    const collected = results.filter((result) => result.requested);
    const plan = createPlanPackage({ jobs, artifacts, limits: { bytes: Infinity, entries: Infinity } });
    const { planKey } = await plan({ run, collected }, ATTEMPT);
    return { job, run, planKey, ...BUCKETS };
  } finally {
    s3.destroy();
  }
};
