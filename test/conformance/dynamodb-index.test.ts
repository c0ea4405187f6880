import {
  DeleteItemCommand,
  paginateQuery,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createIndexedTable,
  startLocalDynamoDb,
  writeItems,
  type LocalDynamoDb,
} from './fixtures/dynamodb/local-dynamodb.ts';

type Item = Record<string, AttributeValue>;

let local: LocalDynamoDb;
beforeAll(async () => {
  local = await startLocalDynamoDb();
});
afterAll(() => local.dispose());

const byUser = (tableName: string, overrides: Partial<QueryCommandInput> = {}): QueryCommandInput => ({
  TableName: tableName,
  IndexName: 'UserIdIndex',
  KeyConditionExpression: 'userId = :u',
  ExpressionAttributeValues: { ':u': { S: 'user' } },
  ...overrides,
});

interface Read {
  readonly items: Item[];
  readonly counts: number[];
}

const readAll = async (input: QueryCommandInput): Promise<Read> => {
  const items: Item[] = [];
  const counts: number[] = [];
  for await (const page of paginateQuery({ client: local.client }, input)) {
    items.push(...(page.Items ?? []));
    counts.push(page.Count ?? 0);
  }
  return { items, counts };
};

const idsOf = (items: readonly Item[]): string[] => items.map(({ id }) => id?.S ?? '');
const datesOf = (items: readonly Item[]): number[] => items.map(({ date }) => Number(date?.N));

describe('items that share their index keys', () => {
  const DATES = 10;
  // These ids are chosen: among them are some whose hashes agree in the 24 bits by which dynalite told index entries apart.
  const idOf = (index: number) => `row-${String(index).padStart(5, '0')}`;
  const shapes = [
    [
      'dates',
      20_000,
      'N',
      (index: number): Item => ({ date: { N: String(1_700_000_000_000 + (index % DATES)) } }),
    ],
    ['names', 8_000, 'S', (index: number): Item => ({ date: { S: `category ${index % DATES}` } })],
    ['hash-only', 8_000, undefined, (): Item => ({})],
  ] as const;

  it.each(shapes)('all come back once through paged queries of the index: %s, %i items', async (...shape) => {
    const [table, count, rangeType, rangeOf] = shape;
    const ids = Array.from({ length: count }, (_, index) => idOf(index));
    await createIndexedTable(local.client, table, rangeType);
    const note = { S: 'x'.repeat(200) };
    await writeItems(
      local.client,
      table,
      ids.map((id, index) => ({ id: { S: id }, userId: { S: 'user' }, note, ...rangeOf(index) })),
    );
    const { items, counts } = await readAll(byUser(table));
    expect(items).toHaveLength(count);
    expect(idsOf(items).sort()).toEqual(ids);
    // A page ends at 1 MB, so that several were needed.
    expect(counts.length).toBeGreaterThan(1);
    const backwards = await readAll(byUser(table, { ScanIndexForward: false, Limit: 1_999 }));
    expect(idsOf(backwards.items)).toEqual(idsOf(items).reverse());
  });
});

describe('an index of numbers', () => {
  const table = 'numbers';
  const dates = [-12.5, -3, 0, 0.001, 1, 2, 10, 100, 1_700_000_000_000];

  beforeAll(async () => {
    await createIndexedTable(local.client, table, 'N');
    const items = dates.flatMap((date) =>
      ['a', 'b', 'c'].map((suffix) => ({
        id: { S: `${date}${suffix}` },
        userId: { S: 'user' },
        date: { N: String(date) },
        kind: { S: suffix },
      })),
    );
    await writeItems(local.client, table, items);
  });

  it('is sorted by number in both directions', async () => {
    const sorted = dates.flatMap((date) => [date, date, date]);
    expect(datesOf((await readAll(byUser(table))).items)).toEqual(sorted);
    const { items } = await readAll(byUser(table, { ScanIndexForward: false }));
    expect(datesOf(items)).toEqual(sorted.reverse());
  });

  it.each([1, 2, 4, 26, 27, 28])(
    'continues behind a cursor in both directions with pages of %i',
    async (Limit) => {
      for (const ScanIndexForward of [true, false]) {
        const whole = await readAll(byUser(table, { ScanIndexForward }));
        const paged = await readAll(byUser(table, { ScanIndexForward, Limit }));
        expect(idsOf(paged.items)).toEqual(idsOf(whole.items));
        expect(Math.max(...paged.counts)).toBeLessThanOrEqual(Limit);
      }
    },
  );

  it('answers a range of dates with both ends included', async () => {
    const { items } = await readAll(
      byUser(table, {
        KeyConditionExpression: 'userId = :u AND #d BETWEEN :from AND :to',
        ExpressionAttributeNames: { '#d': 'date' },
        ExpressionAttributeValues: { ':u': { S: 'user' }, ':from': { N: '-3' }, ':to': { N: '2' } },
        Limit: 4,
      }),
    );
    expect(new Set(datesOf(items))).toEqual(new Set([-3, 0, 0.001, 1, 2]));
    expect(items).toHaveLength(15);
  });

  it('counts without items when only the count is selected', async () => {
    const answer = await local.client.send(new QueryCommand(byUser(table, { Select: 'COUNT' })));
    expect(answer).toMatchObject({ Count: 27, ScannedCount: 27 });
    expect(answer.Items).toBeUndefined();
  });

  it('filters after a page is cut, so that an empty page can have a cursor', async () => {
    const input = byUser(table, {
      FilterExpression: 'kind = :k AND #d > :d',
      ExpressionAttributeNames: { '#d': 'date' },
      ExpressionAttributeValues: { ':u': { S: 'user' }, ':k': { S: 'b' }, ':d': { N: '10' } },
      Limit: 3,
    });
    const refused = local.client.send(new QueryCommand(input));
    // The index's own range key is not allowed in a filter.
    await expect(refused).rejects.toThrow(/Filter Expression can only contain non-primary key attributes/);
    const { items, counts } = await readAll(
      byUser(table, {
        FilterExpression: 'kind = :k AND id IN (:first, :last)',
        ExpressionAttributeValues: {
          ':u': { S: 'user' },
          ':k': { S: 'b' },
          ':first': { S: '10b' },
          ':last': { S: '1700000000000b' },
        },
        Limit: 3,
      }),
    );
    expect(idsOf(items)).toEqual(['10b', '1700000000000b']);
    expect(counts.slice(0, 9)).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 1]);
  });

  it('cannot be read consistently', async () => {
    const read = local.client.send(new QueryCommand(byUser(table, { ConsistentRead: true })));
    await expect(read).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('has nothing of another user', async () => {
    const values = { ':u': { S: 'user2' } };
    const { items } = await readAll(byUser(table, { ExpressionAttributeValues: values }));
    expect(items).toEqual([]);
  });
});

describe('a sparse index', () => {
  const table = 'sparse';
  const key = { id: { S: 'job' } };
  const set = (expression: string, values?: Record<string, AttributeValue>) =>
    local.client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: key,
        UpdateExpression: expression,
        ExpressionAttributeNames: { '#d': 'date' },
        ...(values ? { ExpressionAttributeValues: values } : {}),
      }),
    );
  const indexed = async () => (await readAll(byUser(table))).items;

  it('follows its item in, along and out', async () => {
    await createIndexedTable(local.client, table, 'N');
    await local.client.send(
      new PutItemCommand({ TableName: table, Item: { ...key, userId: { S: 'user' } } }),
    );
    expect(await indexed()).toEqual([]);
    await set('SET #d = :d', { ':d': { N: '5' } });
    expect(await indexed()).toEqual([{ ...key, userId: { S: 'user' }, date: { N: '5' } }]);
    await set('SET #d = :d, note = :n', { ':d': { N: '7' }, ':n': { S: 'moved' } });
    expect(await indexed()).toEqual([
      { ...key, userId: { S: 'user' }, date: { N: '7' }, note: { S: 'moved' } },
    ]);
    await set('REMOVE #d');
    expect(await indexed()).toEqual([]);
    await set('SET #d = :d', { ':d': { N: '9' } });
    await local.client.send(new DeleteItemCommand({ TableName: table, Key: key }));
    expect(await indexed()).toEqual([]);
  });
});
