import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Readable } from 'node:stream';
import type { LocalSystem } from '../../infra/local/local-system.ts';
import type { Item } from '../../infra/local/sample-household/attribute-values.ts';
import { forEachConcurrently } from '../../infra/local/sample-household/for-each-concurrently.ts';
import type { BenchFile, BenchHousehold } from './bench-household.ts';

const BATCH_ITEMS = 25;
const AT_ONCE = 16;
const LARGEST_PUT_BYTES = 64 * 1024 ** 2;
const PART_BYTES = 16 * 1024 ** 2;

/** 0, `step`, twice `step` and so on, below `end`. */
const steps = (end: number, step: number): number[] =>
  Array.from({ length: Math.ceil(end / step) }, (_, at) => at * step);

const writeItems = (
  dynamodb: DynamoDBClient,
  table: string,
  count: number,
  itemAt: (index: number) => Item,
): Promise<void> =>
  forEachConcurrently(steps(count, BATCH_ITEMS), AT_ONCE, async (first) => {
    const length = Math.min(BATCH_ITEMS, count - first);
    const requests = Array.from({ length }, (_, at) => ({ PutRequest: { Item: itemAt(first + at) } }));
    const { UnprocessedItems = {} } = await dynamodb.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
    );
    if (Object.keys(UnprocessedItems).length > 0) throw new Error(`${table} did not take all records.`);
  });

const writeFile = async (s3: S3Client, bucket: string, file: BenchFile): Promise<void> => {
  const params = { Bucket: bucket, Key: file.s3Key };
  if (file.bytes <= LARGEST_PUT_BYTES) {
    await s3.send(new PutObjectCommand({ ...params, Body: Buffer.concat([...file.blocks()]) }));
    return;
  }
  const Body = Readable.from(file.blocks(), { objectMode: false });
  await new Upload({ client: s3, params: { ...params, Body }, partSize: PART_BYTES, queueSize: 2 }).done();
};

/** Writes a household's records and files. */
export const seedBenchHousehold = async (
  { clients: { dynamodb, s3 }, settings: { tables, fileBucket } }: LocalSystem,
  household: BenchHousehold,
): Promise<void> => {
  const { size, accounts, categories, transaction, fileRecord, file } = household;
  const few = [
    [tables.ACCOUNTS_TABLE, accounts()],
    [tables.CATEGORIES_TABLE_NAME, categories()],
  ] as const;
  for (const [table, items] of few) {
    await writeItems(dynamodb, table, items.length, (index) => items[index] ?? {});
  }
  await writeItems(dynamodb, tables.FILES_TABLE, size.files, fileRecord);
  await forEachConcurrently(steps(size.files, 1), AT_ONCE, (index) => writeFile(s3, fileBucket, file(index)));
  await writeItems(dynamodb, tables.TRANSACTIONS_TABLE, size.transactions, transaction);
};
