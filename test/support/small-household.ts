import { BatchWriteItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import type { LocalClients } from '../../infra/local/local-system.ts';
import type { LocalSettings } from '../../infra/local/local-settings.ts';

type Item = Record<string, AttributeValue>;

const INSTANT = 1_700_000_000_000;
const stamps: Item = { createdAt: { N: String(INSTANT) }, updatedAt: { N: String(INSTANT) } };

/** A user with one of everything: enough to see whether a whole export works, and fast. */
export const seedSmallHousehold = async (
  { dynamodb, s3 }: LocalClients,
  { tables, fileBucket }: LocalSettings,
  userId: string,
): Promise<{ fileBytes: Buffer; fileId: string }> => {
  const user: Item = { userId: { S: userId } };
  const [accountId, fileId] = [randomUUID(), randomUUID()];
  const s3Key = `${userId}/${fileId}/may.csv`;
  const fileBytes = Buffer.from('date,amount\n2026-05-01,-12.50\n');
  const items: readonly (readonly [string, Item])[] = [
    [
      tables.ACCOUNTS_TABLE,
      {
        ...user,
        ...stamps,
        accountId: { S: accountId },
        accountName: { S: 'Current' },
        balance: { N: '100.10' },
      },
    ],
    [
      tables.TRANSACTIONS_TABLE,
      {
        ...user,
        ...stamps,
        transactionId: { S: randomUUID() },
        accountId: { S: accountId },
        fileId: { S: fileId },
        date: { N: String(INSTANT) },
        amount: { N: '-12.5' },
        description: { S: 'Bakery' },
      },
    ],
    [
      tables.CATEGORIES_TABLE_NAME,
      { ...user, ...stamps, categoryId: { S: randomUUID() }, name: { S: 'Food' } },
    ],
    [tables.FILE_MAPS_TABLE, { ...user, ...stamps, fileMapId: { S: randomUUID() }, name: { S: 'Bank CSV' } }],
    [
      tables.FILES_TABLE,
      {
        ...user,
        ...stamps,
        fileId: { S: fileId },
        fileName: { S: 'may.csv' },
        s3Key: { S: s3Key },
        fileSize: { N: String(fileBytes.length) },
        transactionCount: { N: '1' },
      },
    ],
    [
      tables.ANALYTICS_DATA_TABLE,
      {
        ...user,
        pk: { S: `${userId}#cash_flow` },
        sk: { S: '2026-05#ALL' },
        analyticType: { S: 'cash_flow' },
        timePeriod: { S: '2026-05' },
        data: { M: { net: { N: '-12.5' } } },
      },
    ],
  ];
  await dynamodb.send(
    new BatchWriteItemCommand({
      RequestItems: Object.fromEntries(items.map(([table, Item]) => [table, [{ PutRequest: { Item } }]])),
    }),
  );
  await s3.send(new PutObjectCommand({ Bucket: fileBucket, Key: s3Key, Body: fileBytes }));
  return { fileBytes, fileId };
};
