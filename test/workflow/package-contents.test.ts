import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BatchWriteItemCommand, GetItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash, randomUUID } from 'node:crypto';
import type { Manifest } from '../../shared/domain/manifest.ts';
import { ExportApi } from '../support/export-api.ts';
import { executionArn } from '../support/exported-household.ts';
import { parseCsv } from '../support/parse-csv.ts';
import { readZip } from '../support/read-zip.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';

type Item = Record<string, AttributeValue>;

const DATE = Date.UTC(2026, 4, 1);
const text = (S: string): AttributeValue => ({ S });
const number = (N: number | string): AttributeValue => ({ N: String(N) });

/** File records and what must become of each. The object's bytes are those given; without any there is no object. */
interface Upload {
  readonly id: string;
  readonly s3Key?: AttributeValue;
  readonly fileName?: AttributeValue;
  readonly bytes?: Buffer;
  readonly fileSize?: AttributeValue;
  readonly storageClass?: 'GLACIER';
  /** The omission, or null where the bytes are in the package. */
  readonly expected: string | null;
}

const uploadsOf = (userId: string): Upload[] => {
  const key = (id: string): AttributeValue => text(`${userId}/${id}/f`);
  const bytes = Buffer.from('date,amount\n');
  const uploads: Upload[] = [
    { id: 'f-whole', bytes, fileSize: number(bytes.length), expected: null },
    { id: 'f-empty', bytes: Buffer.alloc(0), fileSize: number(0), expected: null },
    { id: 'f-longer', bytes, fileSize: number(3), expected: null },
    { id: 'f-large', bytes: Buffer.alloc(700_000, 'x'), fileSize: number(10), expected: null },
    { id: 'f-odd-types', bytes, fileName: number(7), fileSize: text('12'), expected: null },
    { id: 'f-up', bytes, s3Key: text(`${userId}/f-up/../f`), fileName: text('../../x'), expected: null },
    { id: 'f-gone', expected: 'MISSING_OBJECT' },
    { id: 'f-archived', bytes, storageClass: 'GLACIER', expected: 'ARCHIVED_OBJECT' },
    { id: 'f-too-long', s3Key: text(`${userId}/${'k'.repeat(1500)}`), expected: 'MISSING_OBJECT' },
    { id: 'f-foreign', s3Key: text('somebody/f/secret.csv'), expected: 'FOREIGN_KEY' },
    { id: 'f-like-own', s3Key: text(`${userId}0/f/secret.csv`), expected: 'FOREIGN_KEY' },
    { id: 'f-empty-key', s3Key: text(''), expected: 'NO_KEY' },
    { id: 'f-number-key', s3Key: number(7), expected: 'NO_KEY' },
  ];
  return uploads.map((upload) => ({ s3Key: key(upload.id), ...upload }));
};

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Trace {
  readonly path: string | null;
  readonly omission?: string;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly transactionCount: number;
}

describe('the export of a household with gaps', () => {
  const userId = `user-${randomUUID()}`;
  const uploads = uploadsOf(userId);
  let system: RunningSystem;
  let api: ExportApi;
  let exportId: string;
  let status: Readonly<Record<string, unknown>>;
  let entries: Map<string, Buffer>;
  let manifest: Manifest;

  const put = async (table: string, items: readonly Item[]): Promise<void> => {
    const requests = items.map((item) => ({ PutRequest: { Item: { userId: text(userId), ...item } } }));
    await system.clients.dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  };

  const seed = async (): Promise<void> => {
    const { tables, fileBucket } = system.settings;
    await put(tables.ACCOUNTS_TABLE, [
      {
        accountId: text('a-1'),
        accountName: text('=Current'),
        createdAt: number(1),
        balance: number('-0.50'),
      },
    ]);
    await put(tables.CATEGORIES_TABLE_NAME, [
      { categoryId: text('c-1'), name: text('Food') },
      { categoryId: text('c-2'), name: text('Bakery'), parentCategoryId: text('c-1') },
      { categoryId: text('c-3'), name: text('Orphan'), parentCategoryId: text('c-gone') },
    ]);
    await put(
      tables.TRANSACTIONS_TABLE,
      [
        {
          accountId: text('a-1'),
          fileId: text('f-whole'),
          amount: number('-12.50'),
          primaryCategoryId: text('c-2'),
        },
        {
          accountId: text('a-1'),
          fileId: text('f-whole'),
          amount: number('1E-3'),
          description: text('@x, "y"\r\nz'),
        },
        { accountId: text('a-1'), fileId: text('f-gone'), description: text('no amount') },
        {
          accountId: text('a-gone'),
          fileId: text('file-gone'),
          amount: number('99999999999999999999999999999999999.99'),
        },
      ].map((item, at) => ({ ...item, transactionId: text(`t-${at}`), date: number(DATE + at) })),
    );
    await put(
      tables.FILES_TABLE,
      uploads.map(({ id, s3Key, fileName = text(`${id}.csv`), fileSize }) => ({
        fileId: text(id),
        fileName,
        transactionCount: number(id === 'f-whole' ? 2 : 0),
        ...(s3Key === undefined ? {} : { s3Key }),
        ...(fileSize === undefined ? {} : { fileSize }),
      })),
    );
    for (const { s3Key, bytes, storageClass } of uploads) {
      if (bytes === undefined) continue;
      const object = { Bucket: fileBucket, Key: s3Key?.S, Body: bytes };
      await system.clients.s3.send(
        new PutObjectCommand({
          ...object,
          ...(storageClass === undefined ? {} : { StorageClass: storageClass }),
        }),
      );
    }
    const secret = { Bucket: fileBucket, Body: 'secret' };
    await system.clients.s3.send(new PutObjectCommand({ ...secret, Key: 'somebody/f/secret.csv' }));
    await system.clients.s3.send(new PutObjectCommand({ ...secret, Key: `${userId}0/f/secret.csv` }));
  };

  beforeAll(async () => {
    system = await startRunningSystem();
    await seed();
    api = new ExportApi(system.apiUrl, await system.issueToken(userId));
    exportId = await api.start({ includeCsv: true });
    status = (await api.ended(exportId)).body;
    const { body } = await api.call('GET', `/export/${exportId}/download`, {
      headers: { accept: 'application/json' },
    });
    entries = await readZip(Buffer.from(await (await fetch(String(body['downloadUrl']))).arrayBuffer()));
    manifest = JSON.parse(entries.get('manifest.json')?.toString() ?? '{}') as Manifest;
  });
  afterAll(() => system.end());

  it('is completed as partial, each gap by its own code, nobody else’s bytes in it', () => {
    expect(status).toMatchObject({ status: 'completed', completeness: 'partial' });
    const omitted = uploads.filter(({ expected }) => expected !== null);
    expect(manifest.omissions.map(({ id, code }) => [id, code]).sort()).toEqual(
      omitted.map(({ id, expected }) => [id, expected]).sort(),
    );
    expect([...entries.values()].some((bytes) => bytes.toString() === 'secret')).toBe(false);
  });

  it('traces each file record to its bytes or to why they are missing', () => {
    const records = JSON.parse(entries.get('data/transaction_files.json')?.toString() ?? '[]') as {
      fileId: string;
      packageEntry: Trace;
    }[];
    const counts: Readonly<Record<string, number>> = { 'f-whole': 2, 'f-gone': 1 };
    for (const { id, expected, bytes = Buffer.alloc(0) } of uploads) {
      const trace = records.find(({ fileId }) => fileId === id)?.packageEntry;
      const transactionCount = counts[id] ?? 0;
      if (expected === null) {
        expect(trace).toMatchObject({ bytes: bytes.length, sha256: digest(bytes), transactionCount });
        expect(entries.get(trace?.path ?? '')?.equals(bytes)).toBe(true);
      } else expect(trace).toEqual({ path: null, omission: expected, transactionCount });
    }
    expect(records).toHaveLength(uploads.length);
  });

  it('warns of what is not as it should be at the source, with its first examples', () => {
    expect(manifest.warnings).toEqual([
      {
        code: 'DANGLING_REFERENCE',
        section: 'transactions',
        count: 2,
        examples: [
          { id: 't-3', attribute: 'accountId', refersTo: 'a-gone' },
          { id: 't-3', attribute: 'fileId', refersTo: 'file-gone' },
        ],
      },
      {
        code: 'DANGLING_REFERENCE',
        section: 'categories',
        count: 1,
        examples: [{ id: 'c-3', attribute: 'parentCategoryId', refersTo: 'c-gone' }],
      },
      {
        code: 'TRANSACTION_COUNT_DIFFERS',
        section: 'transactionFiles',
        count: 1,
        examples: [{ id: 'f-gone', attribute: 'transactionCount' }],
      },
      {
        code: 'FILE_SIZE_DIFFERS',
        section: 'transactionFiles',
        count: 2,
        examples: [
          { id: 'f-large', attribute: 'fileSize' },
          { id: 'f-longer', attribute: 'fileSize' },
        ],
      },
      {
        code: 'AMOUNT_MISSING',
        section: 'transactions',
        count: 1,
        examples: [{ id: 't-2', attribute: 'amount' }],
      },
      {
        code: 'MISSING_OBJECT',
        section: 'transactionFiles',
        count: 2,
        examples: [{ id: 'f-gone' }, { id: 'f-too-long' }],
      },
      { code: 'ARCHIVED_OBJECT', section: 'transactionFiles', count: 1, examples: [{ id: 'f-archived' }] },
      {
        code: 'FOREIGN_KEY',
        section: 'transactionFiles',
        count: 2,
        examples: [{ id: 'f-foreign' }, { id: 'f-like-own' }],
      },
      {
        code: 'NO_KEY',
        section: 'transactionFiles',
        count: 2,
        examples: [{ id: 'f-empty-key' }, { id: 'f-number-key' }],
      },
    ]);
  });

  it('proves the money in exact decimals', () => {
    expect(manifest.controlTotals).toEqual([
      expect.objectContaining({
        accountId: 'a-1',
        count: 3,
        debits: '-12.5',
        credits: '0.001',
        net: '-12.499',
      }),
      expect.objectContaining({
        accountId: 'a-gone',
        count: 1,
        credits: '99999999999999999999999999999999999.99',
      }),
    ]);
    expect(manifest.transactionsByMonth).toEqual({ '2026-05': 4 });
  });

  it('has tables that a spreadsheet reads and does not calculate', () => {
    const table = (path: string) => parseCsv((entries.get(path)?.toString() ?? '').slice(1));
    const [header = [], ...rows] = table('csv/transactions.csv');
    const column = (title: string) => rows.map((row) => row[header.indexOf(title)]);
    expect(column('amount')).toEqual(['-12.5', '0.001', '', '99999999999999999999999999999999999.99']);
    expect(column('description')).toEqual(['', '\'@x, "y"\r\nz', 'no amount', '']);
    expect(column('accountName')).toEqual(["'=Current", "'=Current", "'=Current", '']);
    expect(column('categoryPath')).toEqual(['Food > Bakery', '', '', '']);
    expect(column('fileName')).toEqual(['f-whole.csv', 'f-whole.csv', 'f-gone.csv', '']);
    expect(column('date')).toEqual(Array.from({ length: 4 }, () => '2026-05-01'));
    expect(table('csv/accounts.csv')[1]).toContain('-0.5');
    expect(manifest.entries.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['csv/accounts.csv', 'README.txt']),
    );
  });

  it('tells the same summary in status, event and job, and no examples in any of them', async () => {
    const files = uploads.length;
    const omitted = uploads.filter(({ expected }) => expected !== null).length;
    const summary = {
      counts: manifest.counts,
      completeness: 'partial',
      warnings: [
        { code: 'DANGLING_REFERENCE', count: 3 },
        { code: 'TRANSACTION_COUNT_DIFFERS', count: 1 },
        { code: 'FILE_SIZE_DIFFERS', count: 2 },
        { code: 'AMOUNT_MISSING', count: 1 },
        { code: 'MISSING_OBJECT', count: 2 },
        { code: 'ARCHIVED_OBJECT', count: 1 },
        { code: 'FOREIGN_KEY', count: 2 },
        { code: 'NO_KEY', count: 2 },
      ],
    };
    expect(manifest.counts.transactionFiles).toEqual({ expected: files, included: files - omitted, omitted });
    expect(status).toMatchObject(summary);
    const answer = await fetch(`${system.endpoints.eventbridge}/_local/events`);
    const { events } = (await answer.json()) as {
      events: { 'detail-type': string; detail: { data: object } }[];
    };
    const completed = events.find((event) => event['detail-type'] === 'export.completed');
    const { counts: dataSummary, completeness, warnings } = summary;
    expect(completed?.detail.data).toMatchObject({ exportId, dataSummary, completeness, warnings });
    const { Item: job } = await system.clients.dynamodb.send(
      new GetItemCommand({
        TableName: system.settings.tables.EXPORT_JOBS_TABLE,
        Key: { exportId: text(exportId) },
      }),
    );
    const told = JSON.stringify([status, completed, job]);
    for (const hidden of ['f-gone', 'c-gone', 'a-gone', 't-3']) expect(told).not.toContain(hidden);
  });

  it('lets no name, amount or record into the execution’s history', async () => {
    const { events = [] } = await system.clients.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: executionArn(exportId), maxResults: 1000 }),
    );
    const history = JSON.stringify(events);
    expect(history).toContain('PackageExport');
    for (const hidden of ['Bakery', '12.5', 'f-gone', 'Current']) expect(history).not.toContain(hidden);
  });
});
