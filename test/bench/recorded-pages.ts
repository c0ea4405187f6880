import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDynamoDbServer } from '../../infra/local/dynamodb/dynamodb-server.ts';
import { localSettings } from '../../infra/local/local-settings.ts';
import { BareClient } from './bare-client.ts';
import { barePages, lastEvaluatedKey, userItemsQuery } from './bare-query.ts';
import type { BenchRun } from './bench-case.ts';
import type { BenchHousehold } from './bench-household.ts';
import { seedBenchRecords } from './seed-bench-household.ts';

/** One answer of DynamoDB as it came. */
export interface RecordedPage {
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** A query and all its answers, in order. */
export interface Recording {
  readonly query: object;
  readonly pages: readonly RecordedPage[];
}

const pageFile = (folder: string, index: number): string => join(folder, `page-${index}.json`);
const indexFile = (folder: string): string => join(folder, 'index.json');

/** Headers of the connection, and what each answer gets anew. */
const PASSING = ['connection', 'keep-alive', 'date', 'transfer-encoding'];

const lasting = (rawHeaders: readonly string[]): string[] =>
  rawHeaders.filter((_, at) => !PASSING.includes((rawHeaders[at - (at % 2)] ?? '').toLowerCase()));

/** Writes a household into the embedded DynamoDB once, and its answers about the transactions into a folder. */
export const recordTransactionPages = async (
  { folder, signal, note }: BenchRun,
  household: BenchHousehold,
): Promise<{ readonly folder: string; readonly query: QueryCommandInput }> => {
  const settings = localSettings({ LOCAL_DATA_DIR: folder });
  note(
    `Writing ${household.size.transactions} transactions, and recording the pages in which they are read …`,
  );
  await seedBenchRecords(settings, household, signal);
  const { credentials, tables } = settings;
  const server = await startDynamoDbServer({ dataDir: join(folder, 'dynamodb'), port: 0, credentials });
  const client = new BareClient(server.url, 'dynamodb');
  const recording = join(folder, 'recording');
  const query = userItemsQuery(tables.TRANSACTIONS_TABLE, 'UserIdIndex', household.userId);
  try {
    await mkdir(recording);
    const headers: string[][] = [];
    for await (const { rawHeaders, body } of barePages(client, query)) {
      signal.throwIfAborted();
      await writeFile(pageFile(recording, headers.length), body);
      headers.push(lasting(rawHeaders));
    }
    await writeFile(indexFile(recording), JSON.stringify({ query, headers }));
    return { folder: recording, query };
  } finally {
    client.close();
    await server.close();
  }
};

export const readRecording = async (folder: string): Promise<Recording> => {
  const index = JSON.parse(await readFile(indexFile(folder), 'utf8')) as {
    query: object;
    headers: string[][];
  };
  const pages = index.headers.map(async (rawHeaders, at) => ({
    rawHeaders,
    body: await readFile(pageFile(folder, at)),
  }));
  return { query: index.query, pages: await Promise.all(pages) };
};

const inKeyOrder = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** The same text for the same JSON, in whatever order its members are. */
const canonical = (value: unknown): string => JSON.stringify(value ?? null, inKeyOrder);

interface AskedPage {
  readonly ExclusiveStartKey?: unknown;
}

/** Finds the page that a request's body asks for; undefined when the query is another, or there is no such page. */
export const pageFinder = ({ query, pages }: Recording): ((body: string) => RecordedPage | undefined) => {
  const byStart = new Map<string, RecordedPage>();
  let start: unknown;
  for (const page of pages) {
    byStart.set(canonical(start), page);
    start = lastEvaluatedKey(page.body);
  }
  const recorded = canonical(query);
  return (body) => {
    const { ExclusiveStartKey, ...asked } = JSON.parse(body) as AskedPage;
    return canonical(asked) === recorded ? byStart.get(canonical(ExclusiveStartKey)) : undefined;
  };
};
