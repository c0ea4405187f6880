import {
  BatchWriteItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { transactionParts } from '../../../../functions/begin-export/transaction-parts.ts';
import { DynamoHouseholdSource } from '../../../../shared/aws/dynamo-household-source.ts';
import {
  EVERYTHING,
  selectionOf,
  type DatePart,
  type Selection,
} from '../../../../shared/domain/selection.ts';
import { inRecordOrder } from '../../../../shared/use-cases/in-record-order.ts';
import { EmbeddedDynamoDb } from '../../../support/embedded-dynamodb.ts';

type Item = Record<string, AttributeValue>;

const TABLE = 'transactions';
const DAY = 24 * 60 * 60 * 1000;
const FIRST = Date.UTC(2026, 0, 1);
const ACCOUNTS = ['account-1', 'account-2', 'account-3'];

/** Dates that tie, that only digits beyond a double tell apart, and that no calendar has. */
const DATES = [
  ...Array.from({ length: 10 }, (_, day) => String(FIRST + day * DAY)),
  ...['.00000000000000000000001', '.5', '.9999'].map((fraction) => `${FIRST}${fraction}`),
  ...[`${FIRST - 1}.9999999999999999999999999`, `${FIRST + DAY - 1}.9999999999999999999999999`],
  ...['-1E+120', '-0.5', '0', '9007199254740993', '12345678901234567890123456789012345678', '9.9E+125'],
];

const itemsOf = (userId: string, count: number, memo: string): Item[] =>
  Array.from({ length: count }, (_, at) => ({
    transactionId: { S: `${userId}-${String((at * 7919) % count).padStart(5, '0')}` },
    userId: { S: userId },
    accountId: { S: ACCOUNTS[at % ACCOUNTS.length] ?? '' },
    date: { N: DATES[(at * 31) % DATES.length] ?? '' },
    memo: { S: memo },
  }));

const MINE = 'user-1';
/** Of 2 KB each: more than two index pages of 1 MB. */
const mine = itemsOf(MINE, 1300, 'm'.repeat(2000));
const others = itemsOf('user-2', 60, 'of somebody else');

let database: EmbeddedDynamoDb;

beforeAll(async () => {
  database = await EmbeddedDynamoDb.start({ TRANSACTIONS_TABLE: TABLE });
  const items = [...mine, ...others];
  for (let at = 0; at < items.length; at += 25) {
    const requests = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await database.client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests } }));
  }
});
afterAll(() => database.close());

interface Asked {
  readonly index: string;
  readonly input: QueryCommandInput;
  readonly scanned: number;
  readonly count: number;
}

/** A source, and what it asks the database. */
const watched = (change: (input: QueryCommandInput, asked: number) => void = () => undefined) => {
  const client: DynamoDBClient = database.clientAt(database.url);
  const asked: Asked[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const input = args.input as QueryCommandInput;
      if (input.KeyConditionExpression === undefined) return next(args);
      change(input, asked.length);
      const answer = await next(args);
      const { ScannedCount: scanned = 0, Count: count = 0 } = answer.output as QueryCommandOutput;
      asked.push({ index: input.IndexName ?? '', input, scanned, count });
      return answer;
    },
    { step: 'initialize' },
  );
  return { source: new DynamoHouseholdSource(client, { transactions: TABLE }), asked };
};

const idsOf = async (source: DynamoHouseholdSource, selection: Selection): Promise<string[]> => {
  const ids: string[] = [];
  for await (const records of inRecordOrder(source.pages('transactions', MINE, selection)))
    ids.push(...records.map(({ primaryKey }) => primaryKey));
  return ids;
};

const partsBetween = (seams: readonly number[]): DatePart[] => {
  const sorted = [...new Set(seams)].toSorted((a, b) => a - b);
  return [undefined, ...sorted].map((from, at) => ({ from, before: sorted[at] }));
};

const seam = fc.oneof(
  fc.constantFrom(...DATES).map((date) => Math.round(Number(date))),
  fc.integer({ min: FIRST - 3, max: FIRST + 10 * DAY }),
);

describe('transactions read in parts', () => {
  it.each<[string, Selection, string]>([
    ['all of the user', EVERYTHING, 'UserIdIndex'],
    ['of two accounts', selectionOf({ accountIds: ACCOUNTS.slice(0, 2) }), 'AccountDateIndex'],
    ['of some days', selectionOf({ dateRangeStart: FIRST, dateRangeEnd: FIRST + 8 * DAY }), 'UserIdIndex'],
    [
      'of some days and an account',
      selectionOf({ dateRangeStart: FIRST, dateRangeEnd: FIRST + 8 * DAY, accountIds: ACCOUNTS.slice(1, 2) }),
      'AccountDateIndex',
    ],
  ])('%s are those read in one go, in the same order, wherever they are cut', async (_, selection, index) => {
    const { source, asked } = watched();
    const inOneGo = await idsOf(source, selection);
    expect(inOneGo.length).toBeGreaterThan(50);
    expect(new Set(inOneGo).size).toBe(inOneGo.length);
    const { dateRangeStart = -Infinity, dateRangeEnd = Infinity } = selection;
    const seams = fc.array(
      seam.filter((one) => one > dateRangeStart && one <= dateRangeEnd),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(seams, async (cuts) => {
        const ids = await Promise.all(
          partsBetween(cuts).map((datePart) => idsOf(source, { ...selection, datePart })),
        );
        expect(ids.flat()).toEqual(inOneGo);
      }),
      { numRuns: 12, examples: [[[FIRST]], [[FIRST, FIRST + DAY]]] },
    );
    expect(new Set(asked.map((one) => one.index))).toEqual(new Set([index]));
    if (selection === EVERYTHING) expect(inOneGo).toHaveLength(mine.length);
  });

  it('are not read by other parts, but for what lies at the seam', async () => {
    const { source, asked } = watched();
    const seams = [FIRST + 2.5 * DAY, FIRST + 5 * DAY, FIRST + 7.5 * DAY];
    for (const datePart of partsBetween(seams)) await idsOf(source, { datePart });
    const onSeam = mine.filter((item) => Number(item['date']?.N) === FIRST + 5 * DAY).length;
    const scanned = asked.reduce((sum, one) => sum + one.scanned, 0);
    expect([scanned, onSeam > 0]).toEqual([mine.length + onSeam, true]);
  });
});

describe('the ends of a user’s transactions', () => {
  const sorted = mine.map((item) => Number(item['date']?.N)).sort((a, b) => a - b);

  it('cost two queries, which bring dates alone', async () => {
    const { source, asked } = watched();
    const ends = await source.transactionEnds(MINE, EVERYTHING);
    expect(asked.map(({ index }) => index)).toEqual(['UserIdIndex', 'UserIdIndex']);
    for (const { input } of asked) {
      const { Items = [] } = await database.client.send(new QueryCommand(input));
      expect(new Set(Items.flatMap(Object.keys))).toEqual(new Set(['date']));
    }
    const { first, last } = ends ?? {};
    const fromEnd = sorted.toReversed();
    const [a = 0, b = 0] = [first?.count, last?.count];
    for (const count of [a, b]) {
      expect(count).toBeGreaterThan(300);
      expect(count).toBeLessThan(mine.length);
    }
    expect(first).toEqual({ count: a, middle: sorted[Math.floor(a / 2)], inner: sorted[a - 1] });
    expect(last).toEqual({ count: b, middle: fromEnd[Math.floor(b / 2)], inner: fromEnd[b - 1] });
  });

  it.each<[string, string, Selection]>([
    ['the user has few', 'user-2', EVERYTHING],
    ['the user has none', 'nobody', EVERYTHING],
    ['few lie within the dates', MINE, selectionOf({ dateRangeStart: FIRST, dateRangeEnd: FIRST + DAY })],
  ])('cost one query and tell nothing where %s', async (_, userId, selection) => {
    const { source, asked } = watched();
    expect(await source.transactionEnds(userId, selection)).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it('are those of the selected dates, whatever accounts are selected', async () => {
    const { source } = watched();
    const range = { dateRangeStart: FIRST, dateRangeEnd: FIRST + 8 * DAY };
    const ends = await source.transactionEnds(MINE, selectionOf({ ...range, accountIds: ['account-1'] }));
    expect(ends).toEqual(await source.transactionEnds(MINE, selectionOf(range)));
    expect(ends?.first.inner).toBeGreaterThanOrEqual(FIRST);
    expect(ends?.last.inner).toBeLessThanOrEqual(FIRST + 8 * DAY);
  });

  it('are looked for beyond a page without items', async () => {
    // A filter that nothing passes makes such pages.
    const { source, asked } = watched((input, before) => {
      if (before === 0) Object.assign(input, { FilterExpression: 'attribute_exists(nothing)' });
    });
    const ends = await source.transactionEnds(MINE, EVERYTHING);
    expect(asked.map(({ count }) => count > 0)).toEqual([false, true, true]);
    expect(ends?.first.count).toBeGreaterThan(300);
  });

  it('give parts that together are everything', async () => {
    const { source } = watched();
    const range = selectionOf({ dateRangeStart: FIRST, dateRangeEnd: FIRST + 9 * DAY });
    for (const selection of [EVERYTHING, range]) {
      const ends = await source.transactionEnds(MINE, selection);
      const parts = transactionParts(ends, 100);
      const ids: string[] = [];
      for (const datePart of parts) ids.push(...(await idsOf(source, { ...selection, datePart })));
      expect(ids).toEqual(await idsOf(source, selection));
    }
  });
});
