import {
  CreateTableCommand,
  PutItemCommand,
  waitUntilTableExists,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTableInput, type TableVariable } from '../../../../infra/local/application-tables.ts';
import { DynamoHouseholdSource } from '../../../../shared/aws/dynamo-household-source.ts';
import { IndexIncomplete } from '../../../../shared/domain/errors.ts';
import { EVERYTHING } from '../../../../shared/domain/selection.ts';
import type { Section } from '../../../../shared/domain/sections.ts';
import type { SourceRecord } from '../../../../shared/ports.ts';
import { inRecordOrder } from '../../../../shared/use-cases/in-record-order.ts';
import { EmbeddedDynamoDb, SECTION_TABLES } from '../../../support/embedded-dynamodb.ts';
import {
  awsJsonError,
  FaultProxy,
  type ProxiedAnswer,
  type ProxiedRequest,
} from '../../../support/fault-proxy.ts';

const TABLES = {
  ACCOUNTS_TABLE: 'accounts',
  TRANSACTIONS_TABLE: 'transactions',
  CATEGORIES_TABLE_NAME: 'categories',
  FILE_MAPS_TABLE: 'file-maps',
  FILES_TABLE: 'files',
  ANALYTICS_DATA_TABLE: 'analytics',
} as const satisfies Partial<Record<TableVariable, string>>;

type Item = Record<string, AttributeValue>;

let dynamodb: EmbeddedDynamoDb;
let proxy: FaultProxy;
let source: DynamoHouseholdSource;

beforeAll(async () => {
  dynamodb = await EmbeddedDynamoDb.start(TABLES);
  proxy = await FaultProxy.start(dynamodb.url);
  source = new DynamoHouseholdSource(dynamodb.client, SECTION_TABLES);
});
beforeEach(() => proxy.reset());
afterAll(async () => {
  await proxy.close();
  await dynamodb.close();
});

let users = 0;
const aUser = (): string => `user-${(users += 1)}`;

const put = async (table: string, ...items: readonly Item[]): Promise<void> => {
  await Promise.all(
    items.map((Item) => dynamodb.client.send(new PutItemCommand({ TableName: table, Item }))),
  );
};

const recordsFrom = async (
  from: DynamoHouseholdSource,
  section: Section,
  userId: string,
): Promise<SourceRecord[]> => {
  const all: SourceRecord[] = [];
  for await (const page of from.pages(section, userId, EVERYTHING)) all.push(...page);
  return all;
};
const records = (section: Section, userId: string) => recordsFrom(source, section, userId);

const anAccount = (userId: string, accountId: string, more: Item = {}): Item => ({
  accountId: { S: accountId },
  userId: { S: userId },
  createdAt: { N: '1' },
  ...more,
});
const aTransaction = (userId: string, transactionId: string, date: string, more: Item = {}): Item => ({
  transactionId: { S: transactionId },
  userId: { S: userId },
  date: { N: date },
  ...more,
});

/** The one account of a user with these attributes, as it is exported. */
const exported = async (more: Item): Promise<string> => {
  const userId = aUser();
  await put('accounts', anAccount(userId, userId, more));
  const [record] = await records('accounts', userId);
  const json = Buffer.from(record?.json ?? []).toString();
  return json.replace(`{"accountId":"${userId}","userId":"${userId}",`, '{');
};

describe('a stored item', () => {
  it('keeps every number to its last digit: money as text, others as numbers', async () => {
    const json = await exported({
      balance: { N: '-12345678901234567890123456789.123456789' },
      lastTransactionDate: { N: '18446744073709551615' },
      tiny: { N: '1E-130' },
      huge: { N: '9.9999999999999999999999999999999999999E125' },
      zero: { N: '-0' },
      amount: { N: '1E-130' },
      nested: { M: { amountMin: { N: '0.10' }, count: { N: '7' } } },
    });
    expect(json).toContain('"balance":"-12345678901234567890123456789.123456789"');
    expect(json).toContain('"lastTransactionDate":18446744073709551615');
    expect(json).toContain(`"amount":"0.${'0'.repeat(129)}1"`);
    expect(json).toMatch(/"nested":\{"amountMin":"0\.10?","count":7\}/);
    const { tiny, huge, zero } = JSON.parse(json) as Record<string, number>;
    expect([tiny, huge, Math.abs(zero ?? 1)]).toEqual([1e-130, 1e126, 0]);
    expect(json).not.toMatch(/:\+|:\./);
  });

  it('keeps types that plain JSON has, empty ones too', async () => {
    const json = await exported({
      notes: { S: '' },
      isActive: { BOOL: false },
      institution: { NULL: true },
      list: { L: [{ S: 'a' }, { N: '1' }, { NULL: true }, { L: [] }, { M: {} }] },
      text: { S: 'line\n"quote" \u2028 😀 \u0000' },
    });
    expect(JSON.parse(json)).toEqual({
      notes: '',
      isActive: false,
      institution: null,
      createdAt: 1,
      list: ['a', 1, null, [], {}],
      text: 'line\n"quote" \u2028 😀 \u0000',
    });
    expect(json).not.toContain('\n');
  });

  it('has its sets sorted by value and its binaries in base64', async () => {
    const json = await exported({
      numbers: { NS: ['10', '-1', '9', '0.5', '18446744073709551615'] },
      texts: { SS: ['😀', '\uffee', 'b', 'a'] },
      bytes: { B: Uint8Array.from([0, 255, 128]) },
      byteSet: { BS: [Uint8Array.from([255]), Uint8Array.from([0])] },
    });
    expect(json).toContain('"numbers":[-1,0.5,9,10,18446744073709551615]');
    expect(json).toContain('"texts":["a","b","\uffee","😀"]');
    expect(json).toContain('"bytes":"AP+A"');
    expect(json).toContain('"byteSet":["AA==","/w=="]');
  });

  it('may be 32 levels deep', async () => {
    let value: AttributeValue = { S: 'bottom' };
    for (let level = 0; level < 31; level += 1)
      value = level % 2 === 0 ? { M: { x: value } } : { L: [value] };
    const json = await exported({ deep: value });
    expect(json).toContain('bottom');
    expect(json.match(/\{"x":/g)).toHaveLength(16);
  });

  it('has its keys in the order of the contract, then alphabetically by bytes, inside known lists too', async () => {
    const userId = aUser();
    await put('categories', {
      updatedAt: { N: '2' },
      '\uffee': { S: 'b' },
      '😀': { S: 'c' },
      zebra: { S: 'z' },
      apple: { S: 'a' },
      name: { S: 'Food' },
      rules: { L: [{ M: { value: { S: 'v' }, other: { S: 'o' }, ruleId: { S: 'r' } } }] },
      userId: { S: userId },
      categoryId: { S: 'c-1' },
    });
    const [record] = await records('categories', userId);
    expect(Buffer.from(record?.json ?? []).toString()).toBe(
      `{"categoryId":"c-1","userId":"${userId}","name":"Food","rules":[{"ruleId":"r","value":"v","other":"o"}],` +
        '"updatedAt":2,"apple":"a","zebra":"z","\uffee":"b","😀":"c"}',
    );
  });
});

describe('the items of a user', () => {
  it('are all of theirs and none of others', async () => {
    const [mine, other] = [aUser(), aUser()];
    await put('accounts', anAccount(mine, 'a1'), anAccount(mine, 'a2'), anAccount(other, 'a3'));
    expect((await records('accounts', mine)).map(({ primaryKey }) => primaryKey).sort()).toEqual([
      'a1',
      'a2',
    ]);
    expect(await records('accounts', aUser())).toEqual([]);
    expect(await records('accounts', `${mine}0`)).toEqual([]);
  });

  it.each<[Section, string, Item, [primaryKey: string, sortKey: string]]>([
    ['accounts', 'accounts', { accountId: { S: 'id' }, createdAt: { N: '17' } }, ['id', '17']],
    ['transactions', 'transactions', { transactionId: { S: 'id' }, date: { N: '17' } }, ['id', '17']],
    ['categories', 'categories', { categoryId: { S: 'id' }, name: { S: 'Food' } }, ['id', 'Food']],
    ['fileMaps', 'file-maps', { fileMapId: { S: 'id' } }, ['id', '']],
    ['transactionFiles', 'files', { fileId: { S: 'id' } }, ['id', '']],
    [
      'analytics',
      'analytics',
      { pk: { S: 'u#spending' }, sk: { S: '2026#ALL' }, analyticType: { S: 'spending' } },
      ['u#spending\u00002026#ALL', 'spending'],
    ],
  ])('of %s come with their keys', async (section, table, item, [primaryKey, sortKey]) => {
    const userId = aUser();
    await put(table, { ...item, userId: { S: userId } });
    const keys = (await records(section, userId)).map((record) => [record.primaryKey, record.sortKey]);
    expect(keys).toEqual([[primaryKey, sortKey]]);
  });

  it('come whole over many pages, ties across them included, and in one order', async () => {
    const userId = aUser();
    const padding = { S: 'x'.repeat(20_000) };
    const items = Array.from({ length: 150 }, (_, at) =>
      aTransaction(userId, `t-${String((at * 61) % 150).padStart(3, '0')}`, String(at % 3), { padding }),
    );
    await put('transactions', ...items);
    const pages: number[] = [];
    for await (const page of source.pages('transactions', userId, EVERYTHING)) pages.push(page.length);
    expect(pages.length).toBeGreaterThan(2);
    const ordered: string[] = [];
    for await (const batch of inRecordOrder(source.pages('transactions', userId, EVERYTHING)))
      ordered.push(...batch.map(({ sortKey, primaryKey }) => `${sortKey} ${primaryKey}`));
    expect(ordered).toEqual(
      items.map((item) => `${item['date']?.N ?? ''} ${item['transactionId']?.S ?? ''}`).sort(),
    );
    expect(await source.count('transactions', userId, EVERYTHING, 3)).toEqual({ count: 150, whole: true });
    const [some, one] = [
      await source.count('transactions', userId, EVERYTHING, 2),
      await source.count('transactions', userId, EVERYTHING, 1),
    ];
    expect([some.whole, one.whole]).toEqual([false, false]);
    expect(some.count).toBeGreaterThan(one.count);
    expect(some.count).toBeLessThan(150);
  });

  it('are counted, as long as they are few', async () => {
    const userId = aUser();
    await put('transactions', ...Array.from({ length: 7 }, (_, at) => aTransaction(userId, `c-${at}`, '1')));
    expect(await source.count('transactions', userId, EVERYTHING, 3)).toEqual({ count: 7, whole: true });
    expect(await source.count('transactions', aUser(), EVERYTHING, 3)).toEqual({ count: 0, whole: true });
  });

  it('cannot be asked of a section whose table the function does not have', async () => {
    const narrow = new DynamoHouseholdSource(dynamodb.client, { accounts: 'accounts' });
    await expect(recordsFrom(narrow, 'transactions', 'u')).rejects.toBeInstanceOf(TypeError);
  });
});

describe('reading through faults', () => {
  const isQuery = ({ headers }: ProxiedRequest) => String(headers['x-amz-target']).endsWith('.Query');
  const through = (maxAttempts: number) =>
    new DynamoHouseholdSource(dynamodb.clientAt(proxy.url, { maxAttempts }), SECTION_TABLES);

  /** A page without items that has a cursor, as a Query may answer at any time; the cursor is that of the true answer. */
  const emptyPage = (answer: ProxiedAnswer): ProxiedAnswer => ({
    ...answer,
    body: Buffer.from(
      JSON.stringify({ Items: [], Count: 0, ScannedCount: 0, LastEvaluatedKey: firstKey(answer) }),
    ),
    headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name !== 'x-amz-crc32')),
  });
  const firstKey = ({ body }: ProxiedAnswer): Item => {
    const [first] = (JSON.parse(body.toString()) as { Items: Item[] }).Items;
    return Object.fromEntries(
      ['userId', 'date', 'transactionId'].map((name) => [name, first?.[name] ?? { S: '' }]),
    );
  };

  const seed = async (): Promise<string> => {
    const userId = aUser();
    await put(
      'transactions',
      ...Array.from({ length: 5 }, (_, at) => aTransaction(userId, `${userId}-${at}`, String(at))),
    );
    return userId;
  };
  const idsOf = (found: readonly SourceRecord[]) =>
    found.map(({ primaryKey }) => primaryKey.replace(/^.*-/, ''));

  it('goes on after an empty page that has a cursor', async () => {
    const userId = await seed();
    let queries = 0;
    proxy.faultOf = (request) =>
      isQuery(request) && (queries += 1) === 1 ? { alter: emptyPage } : undefined;
    // The proxy's empty page pretends that the first item was passed over.
    expect(idsOf(await recordsFrom(through(1), 'transactions', userId))).toEqual(['1', '2', '3', '4']);
    expect(queries).toBe(2);
  });

  it('neither loses nor doubles anything when pages are throttled', async () => {
    const userId = await seed();
    let queries = 0;
    proxy.faultOf = (request) =>
      isQuery(request) && (queries += 1) <= 2
        ? awsJsonError('ProvisionedThroughputExceededException')
        : undefined;
    expect(idsOf(await recordsFrom(through(5), 'transactions', userId))).toEqual(['0', '1', '2', '3', '4']);
    expect(queries).toBe(3);
  });

  it('fails rather than take a page for one with other items than it tells of', async () => {
    const userId = await seed();
    const spread = (answer: ProxiedAnswer): ProxiedAnswer => ({
      headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name !== 'x-amz-crc32')),
      status: answer.status,
      body: Buffer.from(answer.body.toString().replace('"Items":', `"Items":${' '.repeat(40)}`)),
    });
    proxy.faultOf = (request) => (isQuery(request) ? { alter: spread } : undefined);
    await expect(recordsFrom(through(1), 'transactions', userId)).rejects.toThrow(
      'DynamoDB told of 5 items, and 0 were read.',
    );
  });

  it('reads a page again that was changed on its way, and never takes it for what was stored', async () => {
    const userId = await seed();
    const changed = (answer: ProxiedAnswer): ProxiedAnswer => ({
      ...answer,
      body: Buffer.from(answer.body.toString().replace('"date":{"N":"1', '"date":{"N":"2')),
    });
    let queries = 0;
    proxy.faultOf = (request) => (isQuery(request) && (queries += 1) <= 2 ? { alter: changed } : undefined);
    const found = await recordsFrom(through(3), 'transactions', userId);
    expect(found.map(({ json }) => json)).toEqual(
      (await records('transactions', userId)).map(({ json }) => json),
    );
    expect(queries).toBe(3);

    proxy.faultOf = (request) => (isQuery(request) ? { alter: changed } : undefined);
    await expect(recordsFrom(through(2), 'transactions', userId)).rejects.toMatchObject({
      name: 'ServiceUnavailable',
    });
  });

  it('tells by its own error when throttling does not end, also for a page read ahead', async () => {
    const userId = await seed();
    proxy.faultOf = () => awsJsonError('ThrottlingException');
    await expect(recordsFrom(through(1), 'transactions', userId)).rejects.toMatchObject({
      name: 'ServiceUnavailable',
    });
    let queries = 0;
    proxy.faultOf = () =>
      (queries += 1) === 1 ? { alter: emptyPage } : awsJsonError('AccessDeniedException');
    await expect(recordsFrom(through(1), 'transactions', userId)).rejects.toMatchObject({
      name: 'AccessRefused',
    });
  });
});

describe('whether an index can show everything', () => {
  it('is so for the tables as the application makes them', async () => {
    await source.assertComplete([
      'accounts',
      'transactions',
      'categories',
      'fileMaps',
      'transactionFiles',
      'analytics',
    ]);
    await source.assertComplete([]);
  });

  it('is not so when the table is missing', async () => {
    const missing = new DynamoHouseholdSource(dynamodb.client, {
      ...SECTION_TABLES,
      accounts: 'no-such-table',
    });
    await expect(missing.assertComplete(['transactions', 'accounts'])).rejects.toBeInstanceOf(
      IndexIncomplete,
    );
    await missing.assertComplete(['transactions']);
  });

  it.each([
    ['projects keys only', { ProjectionType: 'KEYS_ONLY' as const }],
    ['projects some attributes', { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['name'] }],
  ])('is not so when the index %s', async (_, Projection) => {
    const input = createTableInput('ACCOUNTS_TABLE', `accounts-${Projection.ProjectionType}`);
    const [index] = input.GlobalSecondaryIndexes ?? [];
    if (index === undefined) throw new Error('The table has an index.');
    await dynamodb.client.send(
      new CreateTableCommand({ ...input, GlobalSecondaryIndexes: [{ ...index, Projection }] }),
    );
    await waitUntilTableExists(
      { client: dynamodb.client, maxWaitTime: 30, minDelay: 0.05 },
      { TableName: input.TableName ?? '' },
    );
    const narrow = new DynamoHouseholdSource(dynamodb.client, { accounts: input.TableName });
    await expect(narrow.assertComplete(['accounts'])).rejects.toBeInstanceOf(IndexIncomplete);
  });

  it('is not so when the index has another name', async () => {
    const wrong = new DynamoHouseholdSource(dynamodb.client, { analytics: 'accounts' });
    await expect(wrong.assertComplete(['analytics'])).rejects.toBeInstanceOf(IndexIncomplete);
  });
});
