import { beforeAll, describe, expect, it } from '@jest/globals';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { createTableInput, tableNamesFrom } from '../../../../infra/local/application-tables.ts';
import type { ApplicationTableVariable } from '../../../../infra/local/application-tables.ts';
import type { Item } from '../../../../infra/local/sample-household/attribute-values.ts';
import {
  SAMPLE_USER_ID,
  SECOND_SAMPLE_USER_ID,
} from '../../../../infra/local/sample-household/household-plans.ts';
import { generateSampleHousehold } from '../../../../infra/local/sample-household/sample-household.ts';
import type { SampleHousehold } from '../../../../infra/local/sample-household/sample-household.ts';

const SECTIONS: readonly ApplicationTableVariable[] = [
  'ACCOUNTS_TABLE',
  'TRANSACTIONS_TABLE',
  'CATEGORIES_TABLE_NAME',
  'FILE_MAPS_TABLE',
  'FILES_TABLE',
  'ANALYTICS_DATA_TABLE',
];
const USERS = [SAMPLE_USER_ID, SECOND_SAMPLE_USER_ID];

let household: SampleHousehold;

beforeAll(async () => {
  household = await generateSampleHousehold();
});

const textOf = (item: Item, name: string): string => {
  const value = item[name]?.S;
  if (value === undefined) throw new Error(`${name} is not a string`);
  return value;
};

const numberOf = (item: Item, name: string): string => {
  const value = item[name]?.N;
  if (value === undefined) throw new Error(`${name} is not a number`);
  return value;
};

const owned = (variable: ApplicationTableVariable, userId: string): Item[] =>
  household.items[variable].filter((item) => item['userId']?.S === userId);

/** `key@owner`, so that a reference across users is not found. */
const keysWithOwner = (variable: ApplicationTableVariable, key: string): Set<string> =>
  new Set(household.items[variable].map((item) => `${textOf(item, key)}@${textOf(item, 'userId')}`));

const dangling = (items: readonly Item[], reference: string, targets: ReadonlySet<string>): Item[] =>
  items.filter(
    (item) => item[reference] && !targets.has(`${textOf(item, reference)}@${textOf(item, 'userId')}`),
  );

const cents = (decimal: string): bigint => {
  const [whole = '', fraction = ''] = decimal.split('.');
  return BigInt(`${whole}${fraction.padEnd(2, '0')}`);
};

const valuesWithin = (value: AttributeValue): AttributeValue[] => [
  value,
  ...(value.L ?? []).flatMap(valuesWithin),
  ...Object.values(value.M ?? {}).flatMap(valuesWithin),
];

/** Unlike Math.max, takes more numbers than a call has room for. */
const largest = (numbers: readonly number[]): number => numbers.reduce((one, other) => Math.max(one, other));

const allTransactionValues = (): AttributeValue[] =>
  household.items.TRANSACTIONS_TABLE.flatMap((item) => Object.values(item).flatMap(valuesWithin));

describe('the sample household', () => {
  it('is the same to the last byte each time it is generated', async () => {
    const again = await generateSampleHousehold();
    expect(JSON.stringify(again.items)).toBe(JSON.stringify(household.items));
    expect(again.files.map(({ s3Key }) => s3Key)).toEqual(household.files.map(({ s3Key }) => s3Key));
    expect(again.files.filter(({ bytes }, index) => !household.files[index]?.bytes.equals(bytes))).toEqual(
      [],
    );
  });

  it('has other bookings on the same accounts with another seed', async () => {
    const other = await generateSampleHousehold({ seed: 2 });
    const ids = ({ items }: SampleHousehold) => items.ACCOUNTS_TABLE.map(({ accountId }) => accountId?.S);
    const amounts = ({ items }: SampleHousehold) =>
      items.TRANSACTIONS_TABLE.map(({ amount }) => amount?.N).join();
    expect(ids(other)).toEqual(ids(household));
    expect(amounts(other)).not.toBe(amounts(household));
  });

  it('ends before the month of the reference date and spans six years', async () => {
    const { items } = await generateSampleHousehold({ referenceDate: Date.UTC(2031, 4, 17, 13) });
    const dates = items.TRANSACTIONS_TABLE.map(({ date }) => Number(date?.N));
    expect(new Date(Math.min(...dates)).toISOString()).toMatch(/^2025-05-0/);
    expect(new Date(Math.max(...dates)).toISOString()).toBe('2031-04-28T00:00:00.000Z');
  });

  it('has six accounts in three currencies, some 12,000 transactions and 80 files for the main user', () => {
    const accounts = owned('ACCOUNTS_TABLE', SAMPLE_USER_ID);
    const count = owned('TRANSACTIONS_TABLE', SAMPLE_USER_ID).length;
    expect(accounts).toHaveLength(6);
    expect(new Set(accounts.map(({ currency }) => currency?.S)).size).toBe(3);
    expect(Math.abs(count - 12_000)).toBeLessThan(200);
    expect(owned('FILES_TABLE', SAMPLE_USER_ID)).toHaveLength(80);
    expect(owned('FILE_MAPS_TABLE', SAMPLE_USER_ID)).toHaveLength(6);
    expect(owned('ANALYTICS_DATA_TABLE', SAMPLE_USER_ID).length).toBeGreaterThan(20);
  });

  it('gives the second user something in every table and each record to one of the two', () => {
    for (const variable of SECTIONS) {
      expect(owned(variable, SECOND_SAMPLE_USER_ID).length).toBeGreaterThan(0);
      expect(USERS.flatMap((userId) => owned(variable, userId))).toHaveLength(
        household.items[variable].length,
      );
    }
  });

  it('has every key attribute of its table and indexes in every record, of the right type and not empty', () => {
    const names = tableNamesFrom({});
    for (const variable of SECTIONS) {
      const { AttributeDefinitions = [] } = createTableInput(variable, names[variable]);
      for (const { AttributeName = '', AttributeType } of AttributeDefinitions) {
        const read = AttributeType === 'N' ? numberOf : textOf;
        expect(household.items[variable].filter((item) => read(item, AttributeName) === '')).toEqual([]);
      }
    }
  });

  it('has no primary key twice', () => {
    for (const variable of SECTIONS) {
      const { KeySchema = [] } = createTableInput(variable, 'any');
      const keys = household.items[variable].map((item) =>
        KeySchema.map(({ AttributeName = '' }) => textOf(item, AttributeName)).join('\n'),
      );
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it("refers only to the same user's accounts, files, categories and file maps", () => {
    const { TRANSACTIONS_TABLE, CATEGORIES_TABLE_NAME, FILES_TABLE, FILE_MAPS_TABLE, ...rest } =
      household.items;
    const accounts = keysWithOwner('ACCOUNTS_TABLE', 'accountId');
    const files = keysWithOwner('FILES_TABLE', 'fileId');
    const categories = keysWithOwner('CATEGORIES_TABLE_NAME', 'categoryId');
    const fileMaps = keysWithOwner('FILE_MAPS_TABLE', 'fileMapId');
    expect(dangling(TRANSACTIONS_TABLE, 'accountId', accounts)).toEqual([]);
    expect(dangling(TRANSACTIONS_TABLE, 'fileId', files)).toEqual([]);
    expect(dangling(TRANSACTIONS_TABLE, 'primaryCategoryId', categories)).toEqual([]);
    expect(dangling(CATEGORIES_TABLE_NAME, 'parentCategoryId', categories)).toEqual([]);
    expect(dangling(FILES_TABLE, 'accountId', accounts)).toEqual([]);
    expect(dangling(FILES_TABLE, 'fileMapId', fileMaps)).toEqual([]);
    expect(dangling(FILE_MAPS_TABLE, 'accountId', accounts)).toEqual([]);
    expect(dangling(rest.ACCOUNTS_TABLE, 'defaultFileMapId', fileMaps)).toEqual([]);
    expect(dangling(rest.ANALYTICS_DATA_TABLE, 'accountId', accounts)).toEqual([]);
  });

  it('assigns categories by rules which those categories have', () => {
    const rules = new Set(
      household.items.CATEGORIES_TABLE_NAME.flatMap(({ categoryId, rules: those }) =>
        (those?.L ?? []).map((rule) => `${String(categoryId?.S)}/${String(rule.M?.['ruleId']?.S)}`),
      ),
    );
    const assigned = household.items.TRANSACTIONS_TABLE.flatMap(({ categories }) => categories?.L ?? []);
    const byRule = assigned.flatMap(({ M }) =>
      M?.['ruleId'] ? [`${String(M['categoryId']?.S)}/${String(M['ruleId'].S)}`] : [],
    );
    expect(byRule.length).toBeGreaterThan(5_000);
    expect(byRule.filter((rule) => !rules.has(rule))).toEqual([]);
  });

  it('has some forty categories on three levels, with bounded rules', () => {
    const categories = owned('CATEGORIES_TABLE_NAME', SAMPLE_USER_ID);
    const parents = new Map(
      categories.map((item) => [textOf(item, 'categoryId'), item['parentCategoryId']?.S]),
    );
    const depth = (id: string): number => {
      const parent = parents.get(id);
      return parent === undefined ? 1 : 1 + depth(parent);
    };
    expect(Math.abs(categories.length - 40)).toBeLessThan(6);
    expect(Math.max(...[...parents.keys()].map(depth))).toBe(3);
    const rules = categories.flatMap((item) => item['rules']?.L ?? []);
    expect(rules.filter(({ M }) => M?.['amountMin']?.N && M['amountMax']?.N).length).toBeGreaterThan(10);
  });

  it('counts in each file record the transactions that point to it', () => {
    const pointing = new Map<string, number>();
    for (const item of household.items.TRANSACTIONS_TABLE) {
      const fileId = textOf(item, 'fileId');
      pointing.set(fileId, (pointing.get(fileId) ?? 0) + 1);
    }
    const counted = household.items.FILES_TABLE.map((item) => [
      textOf(item, 'fileId'),
      Number(numberOf(item, 'transactionCount')),
    ]);
    expect(counted).toEqual(counted.map(([fileId]) => [fileId, pointing.get(String(fileId)) ?? 0]));
    expect(pointing.size).toBe(household.items.FILES_TABLE.length);
  });

  it('keeps balances true: what a file opens with and what was booked makes what it closes with', () => {
    const transactions = Map.groupBy(household.items.TRANSACTIONS_TABLE, (item) => textOf(item, 'fileId'));
    const change = (fileId: string) =>
      (transactions.get(fileId) ?? [])
        .map((item) => numberOf(item, 'amount'))
        // Amounts finer than a cent are each taken back on the same day.
        .filter((amount) => /^-?\d+(\.\d{1,2})?$/.test(amount))
        .reduce((sum, amount) => sum + cents(amount), 0n);
    for (const file of household.items.FILES_TABLE) {
      const opening = cents(numberOf(file, 'openingBalance'));
      expect(opening + change(textOf(file, 'fileId'))).toBe(cents(numberOf(file, 'closingBalance')));
    }
  });

  it('puts hundreds of transactions on one date', () => {
    const days = Map.groupBy(owned('TRANSACTIONS_TABLE', SAMPLE_USER_ID), (item) => numberOf(item, 'date'));
    expect(Math.max(...[...days.values()].map((those) => those.length))).toBeGreaterThan(500);
  });

  it('holds numbers which a double would spoil', () => {
    const hashes = new Set(
      household.items.TRANSACTIONS_TABLE.map((item) => numberOf(item, 'transactionHash')),
    );
    const amounts = new Set(household.items.TRANSACTIONS_TABLE.map((item) => numberOf(item, 'amount')));
    expect([...hashes]).toEqual(expect.arrayContaining(['18446744073709551615', '9007199254740993', '0']));
    expect([...amounts]).toEqual(
      expect.arrayContaining(['0.1', '-12.50', '12345678901234567890123456789012345678']),
    );
    expect(allTransactionValues().some(({ N }) => N === '1E-30')).toBe(true);
  });

  it('stays within what DynamoDB takes: 38 digits, 32 levels, no empty member in a set', () => {
    const digits = ({ N = '' }: AttributeValue) =>
      N.replace(/E.*$/, '').replaceAll(/\D/g, '').replace(/^0+/, '').replace(/0+$/, '').length;
    const depth = ({ L, M }: AttributeValue): number =>
      1 + Math.max(0, ...(L ?? []).map(depth), ...Object.values(M ?? {}).map(depth));
    const values = Object.values(household.items)
      .flat()
      .flatMap((item) => Object.values(item));
    const deepest = largest(values.map(depth));
    expect(largest(values.flatMap(valuesWithin).map(digits))).toBe(38);
    expect(deepest).toBeGreaterThan(25);
    expect(deepest).toBeLessThanOrEqual(32);
    expect(values.filter(({ SS, NS }) => SS?.includes('') || NS?.includes(''))).toEqual([]);
  });

  it('holds every type of attribute, emoji, right-to-left text, empty strings and attributes nobody has named', () => {
    const values = allTransactionValues();
    const types = new Set(values.flatMap((value) => Object.keys(value)));
    const texts = values.flatMap(({ S }) => S ?? []);
    expect([...types].sort()).toEqual(['B', 'BOOL', 'BS', 'L', 'M', 'N', 'NS', 'NULL', 'S', 'SS']);
    expect(texts.some((text) => /\p{Extended_Pictographic}/u.test(text))).toBe(true);
    expect(texts.some((text) => /\p{Script=Arabic}/u.test(text))).toBe(true);
    expect(texts.some((text) => /\p{Script=Hebrew}/u.test(text))).toBe(true);
    expect(texts).toContain('');
    expect(
      Math.max(...owned('TRANSACTIONS_TABLE', SAMPLE_USER_ID).map((t) => textOf(t, 'description').length)),
    ).toBe(1000);
    expect(household.items.TRANSACTIONS_TABLE.some((item) => 'importTrace' in item)).toBe(true);
  });

  it('keys analytics by user and type, and by period and account', () => {
    for (const item of household.items.ANALYTICS_DATA_TABLE) {
      expect(textOf(item, 'pk')).toBe(`${textOf(item, 'userId')}#${textOf(item, 'analyticType')}`);
      expect(textOf(item, 'sk')).toBe(`${textOf(item, 'timePeriod')}#${item['accountId']?.S ?? 'ALL'}`);
    }
  });
});
