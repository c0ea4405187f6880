import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SECTIONS, type Section } from '../../shared/domain/sections.ts';
import { expectSameHousehold } from '../support/exported-household.ts';
import { awsJsonError, type Fault, type ProxiedAnswer, type ProxiedRequest } from '../support/fault-proxy.ts';
import { type Item } from './added-records.ts';
import { exportedWhole } from './completed-export.ts';
import { FaultWorld } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';
import { TABLE_VARIABLES } from './marked-household.ts';

/** Keys of each table and of its index for a user's items, of which a cursor is made. */
const CURSORS: Readonly<Record<Section, readonly string[]>> = {
  accounts: ['accountId', 'userId', 'createdAt'],
  transactions: ['transactionId', 'userId', 'date'],
  categories: ['categoryId', 'userId', 'name'],
  fileMaps: ['fileMapId', 'userId'],
  transactionFiles: ['fileId', 'userId'],
  analytics: ['pk', 'sk', 'userId', 'analyticType'],
};

const PAGE_ITEMS = 7;
const EMPTY_PAGE = 1;
const THROTTLED_PAGE = 3;
/** More than the SDK lets one request have. */
const THROTTLES = 6;

interface Page {
  readonly Items: readonly Item[];
  readonly LastEvaluatedKey?: Item;
  readonly [attribute: string]: unknown;
}

const isCount = ({ body }: ProxiedRequest): boolean => body.includes('"Select":"COUNT"');

const withPage = (answer: ProxiedAnswer, change: (page: Page) => Page): ProxiedAnswer => {
  const page = change(JSON.parse(String(answer.body)) as Page);
  const body = Buffer.from(JSON.stringify({ ...page, Count: page.Items.length }));
  const others = Object.entries(answer.headers).filter(([name]) => name !== 'x-amz-crc32');
  return { status: answer.status, headers: Object.fromEntries(others), body };
};

/** Few items, and a cursor behind any that there are: the last page is empty. */
const shortPage = (section: Section) => (answer: ProxiedAnswer) =>
  withPage(answer, (page) => {
    const Items = page.Items.slice(0, PAGE_ITEMS);
    const last = Items.at(-1);
    if (last === undefined) return page;
    const cursor = Object.entries(last).filter(([name]) => CURSORS[section].includes(name));
    return { ...page, Items, LastEvaluatedKey: Object.fromEntries(cursor) };
  });

const emptyPage = (cursor: Item) => (answer: ProxiedAnswer) =>
  withPage(answer, () => ({ Items: [], LastEvaluatedKey: cursor }));

/** The items that tie on the index's sort key, the other way round. */
const tiesTurned = (sortKey: string | undefined) => (answer: ProxiedAnswer) =>
  withPage(answer, (page) => {
    const groups = Map.groupBy(page.Items, (item) =>
      sortKey === undefined ? '' : JSON.stringify(item[sortKey]),
    );
    return { ...page, Items: [...groups.values()].flatMap((group) => group.toReversed()) };
  });

describe('collecting a household', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  const tableOf = (section: Section): string => world.system.settings.tables[TABLE_VARIABLES[section]];

  /** Strikes what collectors ask of the household's tables. */
  const strikeQueries = (faultOf: (section: Section, request: ProxiedRequest) => Fault): void => {
    world.strike('dynamodb', (request) => {
      if (!String(request.headers['x-amz-target']).endsWith('.Query') || isCount(request)) return undefined;
      const { TableName } = JSON.parse(String(request.body)) as { TableName: string };
      const section = SECTIONS.find((one) => tableOf(one) === TableName);
      return section === undefined ? undefined : faultOf(section, request);
    });
  };

  it('row 8: reads all through throttled pages, an empty page with a cursor and an empty last page', async () => {
    const user = await world.aUser({ transactions: 60 });
    const undisturbed = await exportedWhole(world, user);
    /** How often each page of transactions behind the first was asked for, by its cursor. */
    const asked = new Map<string, number>();
    strikeQueries((section, { body }) => {
      const { ExclusiveStartKey: cursor } = JSON.parse(String(body)) as { ExclusiveStartKey?: Item };
      if (section !== 'transactions' || cursor === undefined) return { alter: shortPage(section) };
      const page = JSON.stringify(cursor);
      const times = (asked.get(page) ?? 0) + 1;
      asked.set(page, times);
      const number = [...asked.keys()].indexOf(page);
      if (number === EMPTY_PAGE && times === 1) return { alter: emptyPage(cursor) };
      if (number === THROTTLED_PAGE && times <= THROTTLES)
        return awsJsonError('ProvisionedThroughputExceededException');
      return { alter: shortPage(section) };
    });
    const { bytes } = await exportedWhole(world, user);
    const times = [...asked.values()];
    // So many pages have items, all but the first of which have a cursor before them, and the last has one behind it.
    expect(times).toHaveLength(Math.ceil(60 / PAGE_ITEMS));
    expect(times[EMPTY_PAGE]).toBeGreaterThanOrEqual(2);
    expect(times[THROTTLED_PAGE]).toBeGreaterThan(THROTTLES);
    await expectSameHousehold(bytes, undisturbed.bytes);
    await expectInvariants(world);
  });

  it('row 9: fails the export and clears up when one collector fails for ever', async () => {
    const user = await world.aUser();
    let struck = 0;
    strikeQueries((section) => {
      if (section !== 'categories') return undefined;
      struck += 1;
      return awsJsonError('InternalServerError', 500);
    });
    const exportId = await user.api.start();
    expect((await user.api.ended(exportId)).body).toMatchObject({
      status: 'failed',
      errorCode: 'ServiceUnavailable',
    });
    expect(struck).toBeGreaterThanOrEqual(7);
    await expectInvariants(world);
    const failures = (await world.events(exportId)).filter(
      (event) => event['detail-type'] === 'export.failed',
    );
    expect(new Set(failures.map(({ detail }) => detail.eventId)).size).toBe(1);
  });

  it.each(SECTIONS)('row 13: refuses an index of %s that does not hold all attributes', async (section) => {
    const { api } = await world.aUser({ transactions: 1, files: 0 });
    let struck = 0;
    world.strike('dynamodb', ({ headers, body }) => {
      const isIt = String(headers['x-amz-target']).endsWith('.DescribeTable');
      if (!isIt || !body.includes(tableOf(section))) return undefined;
      struck += 1;
      return {
        alter: ({ status, body: described }) => ({
          status,
          headers: { 'content-type': 'application/x-amz-json-1.0' },
          body: Buffer.from(String(described).replaceAll('"ALL"', '"KEYS_ONLY"')),
        }),
      };
    });
    const exportId = await api.start({ includeAnalytics: true });
    expect((await api.ended(exportId)).body).toMatchObject({
      status: 'failed',
      errorCode: 'IndexIncomplete',
    });
    expect(struck).toBeGreaterThan(0);
    await expectInvariants(world);
  });

  it('row 13: has the same bytes in whatever order an index gives what ties', async () => {
    const user = await world.aUser({ transactions: 40, files: 6 });
    const undisturbed = await exportedWhole(world, user);
    const given: string[] = [];
    strikeQueries((section) => ({
      alter: (answer) => {
        const sortKey = CURSORS[section][section === 'analytics' ? 3 : 2];
        const turned = tiesTurned(sortKey)(answer);
        if (String(turned.body) !== String(answer.body)) given.push(section);
        return turned;
      },
    }));
    const { bytes } = await exportedWhole(world, user);
    expect(given).toEqual(expect.arrayContaining(['transactions', 'transactionFiles']));
    await expectSameHousehold(bytes, undisturbed.bytes);
    await expectInvariants(world);
  });
});
