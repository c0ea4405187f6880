import { BatchWriteItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import type { ApplicationTableVariable } from '../../infra/local/application-tables.ts';
import type { LocalClients } from '../../infra/local/local-system.ts';
import type { LocalSettings } from '../../infra/local/local-settings.ts';
import type { Section } from '../../shared/domain/sections.ts';

type Item = Record<string, AttributeValue>;

const FIRST_DATE = Date.UTC(2026, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
/** The environment variable that names each section's table. */
export const TABLE_VARIABLES: Readonly<Record<Section, ApplicationTableVariable>> = {
  accounts: 'ACCOUNTS_TABLE',
  transactions: 'TRANSACTIONS_TABLE',
  categories: 'CATEGORIES_TABLE_NAME',
  fileMaps: 'FILE_MAPS_TABLE',
  transactionFiles: 'FILES_TABLE',
  analytics: 'ANALYTICS_DATA_TABLE',
};

/** DynamoDB takes so many items in one BatchWriteItem. */
const BATCH = 25;

/** A household whose every secret can be found again wherever it should not be. */
export interface MarkedHousehold {
  readonly userId: string;
  /** Stands in every description, memo, name, address and statement file, and in nobody else's. */
  readonly mark: string;
  /** Texts that no log line, event, job or history may hold. */
  readonly secrets: readonly string[];
  /** Records by section. */
  readonly counts: Readonly<Record<Section, number>>;
  /** Of the bucket of statement files. */
  readonly fileKeys: readonly string[];
}

export interface HouseholdSize {
  readonly transactions?: number;
  readonly files?: number;
  /** Of each statement file. */
  readonly fileBytes?: number;
  /** Names of the first statement files, as their user has called them; the others have a plain one. */
  readonly fileNames?: readonly string[];
  /** Sections of which the user has nothing. */
  readonly without?: readonly Section[];
}

const statementText = (mark: string, bytes: number): string => {
  const line = `2026-05-01,-12.50,${mark} bakery\n`;
  return line.repeat(Math.ceil(bytes / line.length)).slice(0, Math.max(bytes, line.length));
};

/** Writes a household of the given size for a new user. */
export const seedMarkedHousehold = async (
  { dynamodb, s3 }: LocalClients,
  { tables, fileBucket }: LocalSettings,
  { transactions = 40, files = 3, fileBytes = 20_000, fileNames = [], without = [] }: HouseholdSize = {},
): Promise<MarkedHousehold> => {
  const mark = `Zq${randomUUID().replaceAll('-', '')}`;
  const userId = `user-${randomUUID()}`;
  const amount = `-98765.${String(parseInt(mark.slice(2, 10), 16)).padStart(10, '0')}`;
  const [accountId, categoryId, fileMapId] = [randomUUID(), randomUUID(), randomUUID()];
  const owned: Item = { userId: { S: userId }, createdAt: { N: String(FIRST_DATE) } };
  const statements = Array.from({ length: without.includes('transactionFiles') ? 0 : files }, () => {
    const fileId = randomUUID();
    return { fileId, key: `${userId}/${fileId}/may.csv` };
  });
  const body = statementText(mark, fileBytes);

  const all: Readonly<Record<Section, readonly Item[]>> = {
    accounts: [
      {
        ...owned,
        accountId: { S: accountId },
        accountName: { S: `${mark} current` },
        balance: { N: amount },
      },
    ],
    transactions: Array.from({ length: transactions }, (_, at) => ({
      ...owned,
      transactionId: { S: randomUUID() },
      accountId: { S: accountId },
      primaryCategoryId: { S: categoryId },
      date: { N: String(FIRST_DATE + Math.floor(at / 3) * DAY_MS) },
      amount: { N: amount },
      description: { S: `${mark} bakery ${at}` },
      memo: { S: `${mark}@example.org` },
    })),
    categories: [{ ...owned, categoryId: { S: categoryId }, name: { S: `${mark} food` } }],
    fileMaps: [{ ...owned, fileMapId: { S: fileMapId }, name: { S: `${mark} bank` } }],
    transactionFiles: statements.map(({ fileId, key }, at) => ({
      ...owned,
      fileId: { S: fileId },
      fileName: { S: fileNames[at] ?? `${mark}.csv` },
      s3Key: { S: key },
      fileSize: { N: String(body.length) },
    })),
    analytics: [
      {
        ...owned,
        pk: { S: `${userId}#cash_flow` },
        sk: { S: '2026-05#ALL' },
        analyticType: { S: 'cash_flow' },
      },
    ],
  };
  const items = Object.fromEntries(
    Object.entries(all).map(([section, records]) => [
      section,
      without.includes(section as Section) ? [] : records,
    ]),
  ) as unknown as typeof all;

  for (const [section, records] of Object.entries(items)) {
    for (let at = 0; at < records.length; at += BATCH) {
      const requests = records.slice(at, at + BATCH).map((Item) => ({ PutRequest: { Item } }));
      const RequestItems = { [tables[TABLE_VARIABLES[section as Section]]]: requests };
      await dynamodb.send(new BatchWriteItemCommand({ RequestItems }));
    }
  }
  for (const { key } of statements) {
    await s3.send(new PutObjectCommand({ Bucket: fileBucket, Key: key, Body: body }));
  }
  return {
    userId,
    mark,
    secrets: [mark, amount, amount.slice(1)],
    counts: Object.fromEntries(
      Object.entries(items).map(([section, records]) => [section, records.length]),
    ) as Record<Section, number>,
    fileKeys: statements.map(({ key }) => key),
  };
};
