import { join } from 'node:path';
import { localSettings } from '../../../infra/local/local-settings.ts';
import { anExportRun, aProcessingJob } from '../../support/export-builders.ts';
import type { BenchCase, BenchRun, ResultRow } from '../bench-case.ts';
import { benchHousehold } from '../bench-household.ts';
import { recordTransactionPages } from '../recorded-pages.ts';
import { measureInTurns, stageRows, stagesOf, type StageResult } from '../stage.ts';
import { createBuckets, startS3Process } from '../started-s3.ts';
import { startServerProcess } from '../started-server.ts';
import type * as stages from '../stages/collect-stages.ts';

const TRANSACTIONS = 200_000;
const STAGES = new URL('../stages/collect-stages.ts', import.meta.url);
const MOST_TIMES_PARSED = 1.6;
const LEAST_FASTER_THAN_LIBRARY = 3;
const BUCKET = 'bench-interim';

type Way = 'bare read' | 'bare read and JSON.parse' | 'lib-dynamodb' | 'reader' | 'collector';
type Results = Readonly<Record<Way, StageResult>>;

const assertAllThere = (results: Results, transactions: number): void => {
  for (const way of ['bare read and JSON.parse', 'lib-dynamodb', 'reader', 'collector'] as const) {
    const { records } = results[way].told;
    if (records !== transactions) throw new Error(`The ${way} found ${records ?? 0} of ${transactions}.`);
  }
};

const rowsOf = (results: Results): ResultRow[] => {
  const { 'bare read': read, 'bare read and JSON.parse': parsed, 'lib-dynamodb': library } = results;
  const { reader, collector } = results;
  const peer = { name: 'lib-dynamodb', value: library.seconds };
  return [
    { name: 'pages, as DynamoDB sends them', value: (read.told['bytes'] ?? NaN) / 1e6, unit: 'MB' },
    { name: 'records, as JSON', value: (reader.told['bytes'] ?? NaN) / 1e6, unit: 'MB' },
    ...stageRows('bare HTTP', read),
    ...stageRows('bare HTTP, JSON.parse', parsed),
    ...stageRows('lib-dynamodb, JSON.stringify', library),
    ...stageRows('our reader', reader, { peer }),
    ...stageRows('our whole collector', collector, { peer }),
    {
      name: 'our reader is faster than lib-dynamodb',
      value: library.seconds / reader.seconds,
      unit: '×',
      atLeast: LEAST_FASTER_THAN_LIBRARY,
      plotted: true,
    },
    {
      name: 'our whole collector, in (bare HTTP, JSON.parse)',
      value: collector.seconds / parsed.seconds,
      unit: '×',
      limit: MOST_TIMES_PARSED,
      plotted: true,
    },
  ];
};

const measure = async (run: BenchRun): Promise<ResultRow[]> => {
  const transactions = run.given.transactions ?? TRANSACTIONS;
  const household = benchHousehold({ transactions, files: 0, fileBytes: 0, textFilesInHundred: 0 });
  const { userId } = household;
  const table = localSettings({}).tables.TRANSACTIONS_TABLE;
  const { folder, query } = await recordTransactionPages(run, household);
  const job = aProcessingJob({ userId });
  const exportRun = anExportRun({ userId, exportId: job.exportId });
  const dynamodb = await startServerProcess(new URL('../replay-process.ts', import.meta.url), [folder]);
  const s3 = await startS3Process(join(run.folder, 's3'), 0);
  try {
    await createBuckets(s3.url, BUCKET);
    const stage = stagesOf<typeof stages>(STAGES, { dynamodb: dynamodb.url, s3: s3.url }, run.signal);
    const results = await measureInTurns<Way>(
      {
        'bare read': () => stage('bareRead', { url: dynamodb.url, query }),
        'bare read and JSON.parse': () => stage('bareReadAndParse', { url: dynamodb.url, query }),
        'lib-dynamodb': () => stage('libDynamodb', { query, userId }),
        reader: () => stage('productRead', { table, userId }),
        collector: () => stage('productCollect', { table, bucket: BUCKET, job, run: exportRun }),
      },
      run,
    );
    assertAllThere(results, transactions);
    return rowsOf(results);
  } finally {
    await s3.close();
    await dynamodb.close();
  }
};

export const collect: BenchCase = {
  name: 'collect',
  about: `${TRANSACTIONS} transactions from DynamoDB's pages, replayed by a server that does nothing else, into S3.`,
  measure,
};
