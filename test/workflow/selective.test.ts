import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { ExportApi } from '../support/export-api.ts';
import {
  generateFilteredHousehold,
  seedFilteredHousehold,
  type FilteredTable,
} from '../support/filtered-household.ts';
import { readZip } from '../support/read-zip.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';

type Item = Readonly<Record<string, AttributeValue>>;

interface Filters {
  readonly accountIds?: readonly string[];
  readonly categoryIds?: readonly string[];
  readonly dateRangeStart?: number;
  readonly dateRangeEnd?: number;
}

const household = generateFilteredHousehold(20_260_101);
const UNKNOWN_ID = randomUUID();

const ownIds = (table: FilteredTable, key: string): ReadonlySet<string> =>
  new Set(
    household.items[table]
      .filter(({ userId }) => userId?.S === household.userId)
      .map((item) => item[key]?.S ?? ''),
  );
/** An id that is not the user's selects nothing, although some of the user's transactions name one. */
const OWN_IDS = new Set([
  ...ownIds('ACCOUNTS_TABLE', 'accountId'),
  ...ownIds('CATEGORIES_TABLE_NAME', 'categoryId'),
]);

const named = (ids: readonly string[] | undefined, value: AttributeValue | undefined): boolean =>
  ids === undefined || (value?.S !== undefined && ids.includes(value.S) && OWN_IDS.has(value.S));

/** The data contract's table of filters, written a second time: what each section keeps of the user's items. */
const KEPT: Readonly<Record<FilteredTable, (item: Item, filters: Filters) => boolean>> = {
  ACCOUNTS_TABLE: (item, { accountIds }) => named(accountIds, item['accountId']),
  TRANSACTIONS_TABLE: (
    item,
    { accountIds, categoryIds, dateRangeStart = -Infinity, dateRangeEnd = Infinity },
  ) =>
    named(accountIds, item['accountId']) &&
    named(categoryIds, item['primaryCategoryId']) &&
    Number(item['date']?.N) >= dateRangeStart &&
    Number(item['date']?.N) <= dateRangeEnd,
  CATEGORIES_TABLE_NAME: (item, { categoryIds }) => named(categoryIds, item['categoryId']),
  FILE_MAPS_TABLE: (item, { accountIds }) => named(accountIds, item['accountId']),
  FILES_TABLE: (item, { accountIds }) => named(accountIds, item['accountId']),
};

const SECTIONS = [
  ['data/accounts.json', 'ACCOUNTS_TABLE', 'createdAt', 'accountId'],
  ['data/transactions.json', 'TRANSACTIONS_TABLE', 'date', 'transactionId'],
  ['data/categories.json', 'CATEGORIES_TABLE_NAME', 'name', 'categoryId'],
  ['data/file_maps.json', 'FILE_MAPS_TABLE', undefined, 'fileMapId'],
  ['data/transaction_files.json', 'FILES_TABLE', undefined, 'fileId'],
] as const;

const bytewise = (a = '', b = ''): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** By sort key, then primary key; dates and instants here are all of one length. */
const inOrder = (items: readonly Item[], sortKey: string | undefined, primaryKey: string): Item[] => {
  const text = (item: Item): string | undefined =>
    sortKey === undefined ? '' : (item[sortKey]?.S ?? item[sortKey]?.N);
  return items.toSorted((a, b) => bytewise(text(a), text(b)) || bytewise(a[primaryKey]?.S, b[primaryKey]?.S));
};

const expectedIds = (filters: Filters) =>
  Object.fromEntries(
    SECTIONS.map(([path, table, sortKey, primaryKey]) => {
      const kept = household.items[table].filter(
        (item) => item['userId']?.S === household.userId && KEPT[table](item, filters),
      );
      return [path, inOrder(kept, sortKey, primaryKey).map((item) => item[primaryKey]?.S)];
    }),
  );

const accountId = fc.constantFrom(...household.accountIds, ...household.foreignAccountIds, UNKNOWN_ID);
const categoryId = fc.constantFrom(...household.categoryIds, UNKNOWN_ID);
/** On a date that transactions have, or just beside it. */
const instant = fc
  .record({ date: fc.constantFrom(...household.dates), beside: fc.constantFrom(-1, 0, 0, 1) })
  .map(({ date, beside }) => date + beside);

const filters: fc.Arbitrary<Filters> = fc
  .record(
    {
      accountIds: fc.array(accountId, { minLength: 1, maxLength: 14 }),
      categoryIds: fc.array(categoryId, { minLength: 1, maxLength: 4 }),
      dateRangeStart: instant,
      dateRangeEnd: instant,
    },
    { requiredKeys: [] },
  )
  .map(({ dateRangeStart: start, dateRangeEnd: end, ...ids }) =>
    start !== undefined && end !== undefined
      ? { ...ids, dateRangeStart: Math.min(start, end), dateRangeEnd: Math.max(start, end) }
      : {
          ...ids,
          ...(start === undefined ? {} : { dateRangeStart: start }),
          ...(end === undefined ? {} : { dateRangeEnd: end }),
        },
  );

describe('a selective export', () => {
  let system: RunningSystem;
  let api: ExportApi;

  beforeAll(async () => {
    system = await startRunningSystem();
    await seedFilteredHousehold(system.clients, system.settings, household);
    api = new ExportApi(system.apiUrl, await system.issueToken(household.userId));
  });
  afterAll(() => system.end());

  const exported = async (wanted: Filters): Promise<Map<string, Buffer>> => {
    const exportId = await api.start({ exportType: 'selective', ...wanted });
    const { body: ended } = await api.ended(exportId);
    expect(ended).toMatchObject({ status: 'completed' });
    const { body } = await api.call('GET', `/export/${exportId}/download`, {
      headers: { accept: 'application/json' },
    });
    const download = await fetch(String(body['downloadUrl']));
    return readZip(Buffer.from(await download.arrayBuffer()));
  };

  const jsonIn = (entries: Map<string, Buffer>, path: string): unknown =>
    JSON.parse(entries.get(path)?.toString('utf8') ?? 'null');
  const recordsIn = (entries: Map<string, Buffer>, path: string) =>
    jsonIn(entries, path) as readonly Readonly<Record<string, unknown>>[];
  const idsIn = (entries: Map<string, Buffer>) =>
    Object.fromEntries(
      SECTIONS.map(([path, , , key]) => [path, recordsIn(entries, path).map((record) => record[key])]),
    );

  it('holds exactly what a plain filter leaves of the data, in order, and echoes what was asked', async () => {
    await fc.assert(
      fc.asyncProperty(filters, async (wanted) => {
        const entries = await exported(wanted);
        const expected = expectedIds(wanted);
        expect(idsIn(entries)).toEqual(expected);
        for (const [path] of SECTIONS) {
          for (const { userId } of recordsIn(entries, path)) expect(userId).toBe(household.userId);
        }
        const files = [...entries.keys()].filter((path) => path.startsWith('files/'));
        expect(files).toHaveLength(expected['data/transaction_files.json']?.length ?? 0);
        const sorted = (ids: readonly string[] | undefined) =>
          ids === undefined ? undefined : [...new Set(ids)].sort();
        const { accountIds, categoryIds, ...dates } = wanted;
        const { parameters } = jsonIn(entries, 'manifest.json') as { parameters: unknown };
        expect(parameters).toEqual({
          exportType: 'selective',
          exportFormat: 'zip',
          includeAnalytics: false,
          includeCsv: false,
          accountIds: sorted(accountIds),
          categoryIds: sorted(categoryIds),
          ...dates,
        });
      }),
      {
        numRuns: 25,
        examples: [
          [{}],
          [{ accountIds: [household.accountIds[0] ?? '', household.foreignAccountIds[0] ?? ''] }],
          [{ accountIds: [...household.accountIds, ...household.foreignAccountIds] }],
          [{ dateRangeStart: household.dates[3] ?? 0, dateRangeEnd: household.dates[3] ?? 0 }],
        ],
      },
    );
  }, 180_000);

  it('of nothing but ids of somebody else and of nobody is empty, and still a package', async () => {
    const theirs = { accountIds: [...household.foreignAccountIds, UNKNOWN_ID], categoryIds: [UNKNOWN_ID] };
    const entries = await exported(theirs);
    for (const path of ['data/accounts.json', 'data/transactions.json', 'data/categories.json']) {
      expect(recordsIn(entries, path)).toEqual([]);
    }
    const refersTo = (item: Item) => household.foreignAccountIds.includes(item['accountId']?.S ?? '');
    const own = household.items.TRANSACTIONS_TABLE.filter(({ userId }) => userId?.S === household.userId);
    expect(own.some(refersTo)).toBe(true);
  });

  it('may name thousands of ids', async () => {
    const accountIds = [household.accountIds[0] ?? '', ...Array.from({ length: 3000 }, () => randomUUID())];
    expect(idsIn(await exported({ accountIds }))).toEqual(expectedIds({ accountIds }));
  });

  it('is one export for one Idempotency-Key whatever the order of its ids', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const [first = '', second = ''] = household.accountIds;
    const [one, other] = [
      [first, second],
      [second, first, second],
    ].map((accountIds) => ({
      exportType: 'selective',
      accountIds,
    }));
    const exportId = await api.start(one, headers);
    expect(await api.start(other, headers)).toBe(exportId);
    const changed = { ...one, dateRangeEnd: 0 };
    expect((await api.call('POST', '/export', { body: changed, headers })).status).toBe(422);
    await api.ended(exportId);
  });
});
