import { BatchWriteItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { LocalClients } from '../../infra/local/local-system.ts';
import type { LocalSettings } from '../../infra/local/local-settings.ts';

type Item = Record<string, AttributeValue>;

const DAY = 24 * 60 * 60 * 1000;
const FIRST_DATE = Date.UTC(2026, 0, 1);

/** The same numbers from the same seed (a linear congruential generator, Numerical Recipes). */
const numbersFrom = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

export interface FilteredHousehold {
  readonly userId: string;
  /** The user's own; more than are read by a query each. */
  readonly accountIds: readonly string[];
  /** Of another user, who has transactions in them. */
  readonly foreignAccountIds: readonly string[];
  readonly categoryIds: readonly string[];
  /** Those on which transactions lie, each on many. */
  readonly dates: readonly number[];
  /** Everything of both users, by the variable that names the table. */
  readonly items: Readonly<Record<FilteredTable, readonly Item[]>>;
}

export type FilteredTable =
  'ACCOUNTS_TABLE' | 'TRANSACTIONS_TABLE' | 'CATEGORIES_TABLE_NAME' | 'FILE_MAPS_TABLE' | 'FILES_TABLE';

/**
 * A household made to fool filters: dates that tie, attributes that are missing or of another type, transactions of
 * another user in this user's accounts, and the other way round.
 */
export const generateFilteredHousehold = (seed: number): FilteredHousehold => {
  const random = numbersFrom(seed);
  const uuid = (): string => {
    const hex = Array.from({ length: 32 }, () => random(16).toString(16)).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
  const uuids = (length: number): string[] => Array.from({ length }, uuid);
  const oneOf = <T>(values: readonly T[]): T => values[random(values.length)] as T;

  const [userId, otherUserId] = ['filtered-user', 'filtered-user-2'];
  const [accountIds, foreignAccountIds, categoryIds] = [uuids(10), uuids(2), uuids(5)];
  const dates = Array.from({ length: 12 }, (_, at) => FIRST_DATE + at * DAY);
  const stamp = (): AttributeValue => ({ N: String(FIRST_DATE + random(3)) });

  const accountAttribute = (own: readonly string[], wrong: AttributeValue): Item =>
    oneOf<Item>([...own.map((accountId) => ({ accountId: { S: accountId } })), {}, { accountId: wrong }]);
  const categoryAttribute = (): Item =>
    oneOf<Item>([
      ...categoryIds.map((id) => ({ primaryCategoryId: { S: id } })),
      {},
      { primaryCategoryId: { N: '7' } },
      { primaryCategoryId: { NULL: true } },
      { primaryCategoryId: { L: [{ S: categoryIds[0] ?? '' }] } },
    ]);

  /** An index key cannot be of another type: DynamoDB refuses such an item. It can be missing. */
  const aTransaction = (owner: string, accounts: readonly string[]): Item => ({
    transactionId: { S: uuid() },
    userId: { S: owner },
    ...oneOf<Item>([...accounts.map((accountId) => ({ accountId: { S: accountId } })), {}]),
    ...categoryAttribute(),
    date: { N: String(oneOf(dates)) },
    amount: { N: String(random(10_000) / 100) },
    // Makes a user's transactions several index pages long.
    memo: { S: 'm'.repeat(3000) },
  });
  const transactionsOf = (owner: string, count: number): Item[] =>
    Array.from({ length: count }, () => aTransaction(owner, [...accountIds, ...foreignAccountIds]));

  const aFile = (owner: string, accounts: readonly string[]): Item => {
    const fileId = uuid();
    return {
      fileId: { S: fileId },
      userId: { S: owner },
      fileName: { S: 'statement.csv' },
      s3Key: { S: `${owner}/${fileId}/statement.csv` },
      ...accountAttribute(accounts, { BOOL: true }),
    };
  };

  return {
    ...{ userId, accountIds, foreignAccountIds, categoryIds, dates },
    items: {
      ACCOUNTS_TABLE: [
        ...accountIds.map((id) => ({ accountId: { S: id }, userId: { S: userId }, createdAt: stamp() })),
        ...foreignAccountIds.map((id) => ({
          ...{ accountId: { S: id }, userId: { S: otherUserId }, createdAt: stamp() },
        })),
      ],
      TRANSACTIONS_TABLE: [...transactionsOf(userId, 450), ...transactionsOf(otherUserId, 150)],
      CATEGORIES_TABLE_NAME: categoryIds.map((id) => ({
        ...{ categoryId: { S: id }, userId: { S: userId }, name: { S: oneOf(['Food', 'food', 'Ärzte']) } },
      })),
      FILE_MAPS_TABLE: Array.from({ length: 20 }, () => ({
        fileMapId: { S: uuid() },
        userId: { S: userId },
        name: { S: 'Bank CSV' },
        ...accountAttribute(accountIds, { N: '1' }),
      })),
      FILES_TABLE: [
        ...Array.from({ length: 20 }, () => aFile(userId, [...accountIds, ...foreignAccountIds])),
        ...Array.from({ length: 5 }, () => aFile(otherUserId, accountIds)),
      ],
    },
  };
};

/** Most items that one call writes (DynamoDB API reference, BatchWriteItem). */
const LARGEST_BATCH = 25;

/** Writes the household's items, and a small object for each of its files. */
export const seedFilteredHousehold = async (
  { dynamodb, s3 }: LocalClients,
  { tables, fileBucket }: LocalSettings,
  { items }: FilteredHousehold,
): Promise<void> => {
  for (const variable of Object.keys(items) as FilteredTable[]) {
    const all = items[variable];
    for (let at = 0; at < all.length; at += LARGEST_BATCH) {
      const requests = all.slice(at, at + LARGEST_BATCH).map((Item) => ({ PutRequest: { Item } }));
      await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [tables[variable]]: requests } }));
    }
  }
  for (const { s3Key: { S: Key = '' } = {} } of items.FILES_TABLE) {
    await s3.send(new PutObjectCommand({ Bucket: fileBucket, Key, Body: Key }));
  }
};
