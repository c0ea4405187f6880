import { setTimeout as delay } from 'node:timers/promises';
import { BatchWriteItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient, WriteRequest } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import type { ApplicationTableVariable, TableNames } from '../application-tables.ts';
import type { Item } from './attribute-values.ts';
import type { SampleFile } from './files.ts';
import { forEachConcurrently } from './for-each-concurrently.ts';
import { SAMPLE_USER_ID } from './household-plans.ts';
import { generateSampleHousehold } from './sample-household.ts';
import type { SampleHousehold } from './sample-household.ts';

type ApplicationTableNames = Readonly<Record<ApplicationTableVariable, string>>;

export interface SampleDestination {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly tables: ApplicationTableNames;
  /** Where the application keeps uploaded files. */
  readonly bucket: string;
  /** What is written; by default the household of the default options. */
  readonly household?: SampleHousehold;
}

const BATCH_SIZE = 25;
const BATCHES_AT_ONCE = 8;
const OBJECTS_AT_ONCE = 8;
const BATCH_ATTEMPTS = 8;
const FIRST_DELAY_MS = 50;

/** Accounts come last, because their presence says that all else is there. */
const BEFORE_ACCOUNTS = [
  'CATEGORIES_TABLE_NAME',
  'FILE_MAPS_TABLE',
  'FILES_TABLE',
  'TRANSACTIONS_TABLE',
  'ANALYTICS_DATA_TABLE',
] as const;

const batchesOf = (items: readonly Item[]): WriteRequest[][] =>
  Array.from({ length: Math.ceil(items.length / BATCH_SIZE) }, (_, batch) =>
    items.slice(batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE).map((Item) => ({ PutRequest: { Item } })),
  );

const writeBatch = async (dynamodb: DynamoDBClient, table: string, batch: WriteRequest[]): Promise<void> => {
  let left = batch;
  for (let attempt = 0; attempt < BATCH_ATTEMPTS; attempt++) {
    if (attempt > 0) await delay(FIRST_DELAY_MS * 2 ** (attempt - 1));
    const { UnprocessedItems } = await dynamodb.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: left } }),
    );
    left = UnprocessedItems?.[table] ?? [];
    if (left.length === 0) return;
  }
  throw new Error(`${left.length} sample records were not taken by table ${table}.`);
};

const writeItems = (dynamodb: DynamoDBClient, table: string, items: readonly Item[]): Promise<void> =>
  forEachConcurrently(batchesOf(items), BATCHES_AT_ONCE, (batch) => writeBatch(dynamodb, table, batch));

const writeFiles = (s3: S3Client, bucket: string, files: readonly SampleFile[]): Promise<void> =>
  forEachConcurrently(files, OBJECTS_AT_ONCE, async ({ s3Key, contentType, bytes }) => {
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: s3Key, Body: bytes, ContentType: contentType }),
    );
  });

/** Writes the sample household into existing tables and an existing bucket. Doing it again changes nothing. */
export const seedSampleHousehold = async ({
  dynamodb,
  s3,
  tables,
  bucket,
  household,
}: SampleDestination): Promise<void> => {
  const { items, files } = household ?? (await generateSampleHousehold());
  await writeFiles(s3, bucket, files);
  for (const variable of BEFORE_ACCOUNTS) await writeItems(dynamodb, tables[variable], items[variable]);
  await writeItems(dynamodb, tables.ACCOUNTS_TABLE, items.ACCOUNTS_TABLE);
};

/** Whether the sample household was written completely: its accounts are written last. */
export const sampleHouseholdIsSeeded = async (
  dynamodb: DynamoDBClient,
  { ACCOUNTS_TABLE }: Pick<TableNames, 'ACCOUNTS_TABLE'>,
): Promise<boolean> => {
  const { Count } = await dynamodb.send(
    new QueryCommand({
      TableName: ACCOUNTS_TABLE,
      IndexName: 'UserIdIndex',
      KeyConditionExpression: 'userId = :user',
      ExpressionAttributeValues: { ':user': { S: SAMPLE_USER_ID } },
      Select: 'COUNT',
      Limit: 1,
    }),
  );
  return (Count ?? 0) > 0;
};
