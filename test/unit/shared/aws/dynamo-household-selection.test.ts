import {
  BatchWriteItemCommand,
  CreateTableCommand,
  waitUntilTableExists,
  type CreateTableCommandInput,
  type DynamoDBClient,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTableInput } from '../../../../infra/local/application-tables.ts';
import { DynamoHouseholdSource } from '../../../../shared/aws/dynamo-household-source.ts';
import { IndexIncomplete } from '../../../../shared/domain/errors.ts';
import { EVERYTHING, selectionOf, type Selection } from '../../../../shared/domain/selection.ts';
import { EmbeddedDynamoDb } from '../../../support/embedded-dynamodb.ts';
import { generateFilteredHousehold } from '../../../support/filtered-household.ts';

const household = generateFilteredHousehold(4711);
const { userId, accountIds, foreignAccountIds, categoryIds, dates } = household;
const transactions = household.items.TRANSACTIONS_TABLE;
type Transaction = (typeof transactions)[number];

/** One after the other of the ways in which a table may have, or lack, the index by account. */
const TABLES = {
  whole: 'transactions',
  'keys only': 'transactions-keys-only',
  missing: 'transactions-no-index',
};
type AccountIndex = keyof typeof TABLES;

const tableWith = (accountIndex: AccountIndex): CreateTableCommandInput => {
  const input = createTableInput('TRANSACTIONS_TABLE', TABLES[accountIndex]);
  const byUser = input.GlobalSecondaryIndexes?.filter(({ IndexName }) => IndexName === 'UserIdIndex') ?? [];
  const byAccount =
    input.GlobalSecondaryIndexes?.filter(({ IndexName }) => IndexName !== 'UserIdIndex') ?? [];
  switch (accountIndex) {
    case 'whole':
      return input;
    case 'keys only': {
      const keysOnly = byAccount.map((index) => ({
        ...index,
        Projection: { ProjectionType: 'KEYS_ONLY' as const },
      }));
      return { ...input, GlobalSecondaryIndexes: [...byUser, ...keysOnly] };
    }
    case 'missing':
      return {
        ...input,
        AttributeDefinitions: input.AttributeDefinitions?.filter(
          ({ AttributeName }) => AttributeName !== 'accountId',
        ),
        GlobalSecondaryIndexes: byUser,
      };
  }
};

describe('the household in DynamoDB', () => {
  let database: EmbeddedDynamoDb;

  /** A table takes no items before it is ACTIVE. */
  const create = async (input: CreateTableCommandInput): Promise<void> => {
    const { client } = database;
    await client.send(new CreateTableCommand(input));
    const seconds = { maxWaitTime: 60, minDelay: 0.05, maxDelay: 2 };
    await waitUntilTableExists({ client, ...seconds }, { TableName: input.TableName });
  };

  beforeAll(async () => {
    database = await EmbeddedDynamoDb.start({});
    for (const accountIndex of Object.keys(TABLES) as AccountIndex[]) {
      await create(tableWith(accountIndex));
      for (let at = 0; at < transactions.length; at += 25) {
        const requests = transactions.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
        const RequestItems = { [TABLES[accountIndex]]: requests };
        await database.client.send(new BatchWriteItemCommand({ RequestItems }));
      }
    }
  });
  afterAll(() => database.close());

  /** A source, and what it asks the database. */
  const watched = (
    accountIndex: AccountIndex = 'whole',
    change: (input: QueryCommandInput) => void = () => undefined,
  ) => {
    const client: DynamoDBClient = database.clientAt(database.url);
    const asked: { index: string; scanned: number }[] = [];
    client.middlewareStack.add(
      (next) => async (args) => {
        const input = args.input as QueryCommandInput;
        if (input.KeyConditionExpression === undefined) return next(args);
        change(input);
        const answer = await next(args);
        const { ScannedCount: scanned = 0 } = answer.output as QueryCommandOutput;
        asked.push({ index: input.IndexName ?? '', scanned });
        return answer;
      },
      { step: 'initialize' },
    );
    return { source: new DynamoHouseholdSource(client, { transactions: TABLES[accountIndex] }), asked };
  };

  const idsOf = async (source: DynamoHouseholdSource, selection: Selection): Promise<string[]> => {
    const ids: string[] = [];
    let last = '';
    for await (const page of source.pages('transactions', userId, selection)) {
      for (const { primaryKey, sortKey, json } of page) {
        expect(JSON.parse(Buffer.from(json).toString())).toMatchObject({ userId, transactionId: primaryKey });
        expect(sortKey >= last).toBe(true);
        last = sortKey;
        ids.push(primaryKey);
      }
    }
    return ids.sort();
  };

  const mine = transactions.filter((item) => item['userId']?.S === userId);
  const expectedIds = (isSelected: (item: Transaction) => boolean): string[] =>
    mine
      .filter(isSelected)
      .map((item) => item['transactionId']?.S ?? '')
      .sort();
  const inAccounts = (ids: readonly string[]) => (item: Transaction) =>
    ids.includes(item['accountId']?.S ?? '');
  const scannedBy = (asked: readonly { scanned: number }[]) =>
    asked.reduce((sum, { scanned }) => sum + scanned, 0);
  const [from = 0, to = 0] = dates.slice(4, 6);
  const isWithin = (item: Transaction): boolean =>
    Number(item['date']?.N) >= from && Number(item['date']?.N) <= to;

  it.each<[string, Parameters<typeof selectionOf>[0], (date: number) => boolean]>([
    ['from a date on', { dateRangeStart: from }, (date) => date >= from],
    ['up to a date', { dateRangeEnd: to }, (date) => date <= to],
    ['between dates', { dateRangeStart: from, dateRangeEnd: to }, (date) => date >= from && date <= to],
    ['on one date', { dateRangeStart: from, dateRangeEnd: from }, (date) => date === from],
  ])('does not even read what is not %s', async (_, filters, isDated) => {
    const { source, asked } = watched();
    const expected = expectedIds((item) => isDated(Number(item['date']?.N)));
    expect(await idsOf(source, selectionOf(filters))).toEqual(expected);
    expect(scannedBy(asked)).toBe(expected.length);
    expect(expected.length).toBeLessThan(mine.length);
  });

  it('reads of a few accounts only their own transactions, of the dates that are wanted', async () => {
    const wanted = [...accountIds.slice(0, 3), ...foreignAccountIds];
    const { source, asked } = watched();
    const filters = { accountIds: wanted, dateRangeStart: from, dateRangeEnd: to };
    expect(await idsOf(source, selectionOf(filters))).toEqual(
      expectedIds((item) => inAccounts(wanted)(item) && isWithin(item)),
    );
    expect(new Set(asked.map(({ index }) => index))).toEqual(new Set(['AccountDateIndex']));
    const ofAnybody = transactions.filter((item) => inAccounts(wanted)(item) && isWithin(item));
    expect(scannedBy(asked)).toBe(ofAnybody.length);
  });

  it('never gives away what somebody else has in an account, even if the filter expression let it through', async () => {
    let stripped = 0;
    const withoutFilter = (input: QueryCommandInput): void => {
      if (input.FilterExpression !== undefined) stripped += 1;
      const names = Object.entries(input.ExpressionAttributeNames ?? {});
      const values = Object.entries(input.ExpressionAttributeValues ?? {});
      delete input.FilterExpression;
      input.ExpressionAttributeNames = Object.fromEntries(
        names.filter(([name]) => !name.startsWith('#filter')),
      );
      input.ExpressionAttributeValues = Object.fromEntries(
        values.filter(([name]) => !name.startsWith(':value')),
      );
    };
    const wanted = [...accountIds.slice(0, 2), ...foreignAccountIds];
    const { source } = watched('whole', withoutFilter);
    const selection = selectionOf({ accountIds: wanted, categoryIds: categoryIds.slice(0, 2) });
    expect(await idsOf(source, selection)).toEqual(
      expectedIds(
        (item) =>
          inAccounts(wanted)(item) && categoryIds.slice(0, 2).includes(item['primaryCategoryId']?.S ?? ''),
      ),
    );
    expect(stripped).toBeGreaterThan(0);
  });

  it('looks through all transactions of the user when many accounts are wanted', async () => {
    const wanted = [...accountIds.slice(0, 8), foreignAccountIds[0] ?? ''];
    const { source, asked } = watched();
    expect(await idsOf(source, selectionOf({ accountIds: wanted }))).toEqual(expectedIds(inAccounts(wanted)));
    expect(new Set(asked.map(({ index }) => index))).toEqual(new Set(['UserIdIndex']));
    expect(asked.length).toBeGreaterThan(1);
  });

  it.each<[AccountIndex]>([['keys only'], ['missing']])(
    'does without the index by account when that is %s, for it only saves reading',
    async (accountIndex) => {
      const wanted = accountIds.slice(0, 2);
      const { source, asked } = watched(accountIndex);
      await source.assertComplete(['transactions']);
      expect(await idsOf(source, selectionOf({ accountIds: wanted }))).toEqual(
        expectedIds(inAccounts(wanted)),
      );
      expect(new Set(asked.map(({ index }) => index))).toEqual(new Set(['UserIdIndex']));
    },
  );

  it('takes more ids than one expression can list', async () => {
    const many = Array.from({ length: 150 }, (_, at) => `nobody-${at}`);
    const [account = '', category = ''] = [accountIds[0], categoryIds[0]];
    const { source } = watched();
    expect(await idsOf(source, selectionOf({ accountIds: [account, ...many] }))).toEqual(
      expectedIds(inAccounts([account])),
    );
    expect(
      await idsOf(
        source,
        selectionOf({ accountIds: accountIds.slice(0, 100), categoryIds: [category, ...many] }),
      ),
    ).toEqual(
      expectedIds((item) => inAccounts(accountIds)(item) && item['primaryCategoryId']?.S === category),
    );
  });

  it('counts what is selected, and says when there are more pages than it may read', async () => {
    const { source } = watched();
    const countOf = (selection: Selection, pages: number) =>
      source.count('transactions', userId, selection, pages);
    expect(await countOf(EVERYTHING, 3)).toEqual({ count: mine.length, whole: true });
    expect((await countOf(EVERYTHING, 1)).whole).toBe(false);
    expect(await countOf(selectionOf({ accountIds: accountIds.slice(0, 2), dateRangeEnd: to }), 3)).toEqual({
      count: expectedIds((item) => inAccounts(accountIds.slice(0, 2))(item) && Number(item['date']?.N) <= to)
        .length,
      whole: true,
    });
  });

  describe('from a few pages', () => {
    /** How many pages of five items are asked for, those read ahead included. */
    const inPagesOfFive = () => {
      const queries = { count: 0 };
      const { source } = watched('whole', (input) => {
        input.Limit = 5;
        queries.count += 1;
      });
      return { source, queries };
    };
    const narrowed = selectionOf({ accountIds: accountIds.slice(0, 2) });

    it.each([
      [1, EVERYTHING],
      [3, EVERYTHING],
      [3, narrowed],
    ])('of which %d may be read, is counted without asking for one more', async (most, selection) => {
      const { source, queries } = inPagesOfFive();
      const { count, whole } = await source.count('transactions', userId, selection, most);
      expect([queries.count, whole]).toEqual([most, false]);
      expect(count).toBeLessThanOrEqual(5 * most);
      if (selection === EVERYTHING) expect(count).toBe(5 * most);
    });

    it('gives the first items, without asking for a page more', async () => {
      const { source, queries } = inPagesOfFive();
      const { records, whole } = await source.first('transactions', userId, EVERYTHING, 3);
      expect([queries.count, whole]).toEqual([3, false]);
      const dates = mine.map((item) => Number(item['date']?.N)).sort((a, b) => a - b);
      expect(records.map(({ sortKey }) => Number(sortKey))).toEqual(dates.slice(0, 15));
    });

    it('gives nothing but what is selected', async () => {
      const { source } = watched();
      const { records, whole } = await source.first('transactions', userId, narrowed, 3);
      expect(whole).toBe(true);
      expect(records.map(({ primaryKey }) => primaryKey).sort()).toEqual(
        expectedIds(inAccounts(accountIds.slice(0, 2))),
      );
    });

    it('ends with the last page when there are fewer', async () => {
      const { source, asked } = watched();
      const { records, whole } = await source.first('transactions', userId, EVERYTHING, 1_000);
      expect([records.length, whole]).toEqual([mine.length, true]);
      const pages = asked.length;
      expect(await source.count('transactions', userId, EVERYTHING, pages)).toEqual({
        count: mine.length,
        whole: true,
      });
      expect(asked).toHaveLength(2 * pages);
    });
  });

  it('fails when the index by user is not whole', async () => {
    const input = createTableInput('FILE_MAPS_TABLE', 'file-maps-keys-only');
    const indexes = input.GlobalSecondaryIndexes?.map((index) => ({
      ...index,
      Projection: { ProjectionType: 'KEYS_ONLY' as const },
    }));
    await create({ ...input, GlobalSecondaryIndexes: indexes });
    const tables = { fileMaps: 'file-maps-keys-only', accounts: 'no-such-table' };
    const source = new DynamoHouseholdSource(database.client, tables);
    await expect(source.assertComplete(['fileMaps'])).rejects.toBeInstanceOf(IndexIncomplete);
    await expect(source.assertComplete(['accounts'])).rejects.toBeInstanceOf(IndexIncomplete);
  });
});
