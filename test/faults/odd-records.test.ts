import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { SECTION_PATHS } from '../../shared/domain/package-layout.ts';
import { SECTIONS, type Section } from '../../shared/domain/sections.ts';
import { expectedFileJson, expectedJson } from '../support/expected-json.ts';
import { addRecords, type Item } from './added-records.ts';
import { exportedWhole } from './completed-export.ts';
import { type Exported } from './export-outcome.ts';
import { FaultWorld } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';
import { TABLE_VARIABLES } from './marked-household.ts';

/** With its other attributes such an item is just short of the 400 KB that DynamoDB takes. */
const LARGE_ITEM_BYTES = 409_300;

describe('records that nobody would expect', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  const tableOf = (section: Section): string => world.system.settings.tables[TABLE_VARIABLES[section]];

  const linesOf = ({ entries }: Exported, section: Section): string[] =>
    String(entries.get(SECTION_PATHS[section]))
      .split('\n')
      .slice(1, -2)
      .map((line) => line.replace(/,$/, ''));

  it('row 12: keeps whatever a table can hold', async () => {
    const user = await world.aUser();
    let deep: Item[string] = { S: user.mark };
    for (let level = 0; level < 31; level += 1) deep = level % 2 === 0 ? { M: { x: deep } } : { L: [deep] };
    const odd: Item = {
      amount: { N: '-1234567890123456789012345678.9012345678' },
      balance: { N: '1E-130' },
      transactionHash: { N: '18446744073709551615' },
      zero: { N: '-0' },
      huge: { N: '9.9999999999999999999999999999999999999E125' },
      numbers: { NS: ['10', '-1', '9', '18446744073709551615'] },
      texts: { SS: ['b', 'a', '😀'] },
      binary: { B: Uint8Array.from([0, 255, 128]) },
      binaries: { BS: [Uint8Array.from([2]), Uint8Array.from([1])] },
      nothing: { NULL: true },
      empty: { S: '' },
      emptyList: { L: [] },
      emptyMap: { M: {} },
      deep,
      constructor: { S: 'line\nbreak "quoted" \u0000 \u2028' },
    };
    const keysOf: Readonly<Record<Section, Item>> = {
      accounts: { accountId: { S: randomUUID() }, createdAt: { N: '-0.5' } },
      transactions: { transactionId: { S: randomUUID() }, date: { N: '1E-130' } },
      categories: { categoryId: { S: randomUUID() }, name: { S: '\u0000😀' } },
      fileMaps: { fileMapId: { S: 'not a UUID/..' } },
      transactionFiles: { fileId: { S: randomUUID() } },
      analytics: { pk: { S: `${user.userId}#x` }, sk: { S: '2026#ALL' }, analyticType: { S: 'x' } },
    };
    for (const section of SECTIONS) await addRecords(world, user, section, [{ ...keysOf[section], ...odd }]);
    const large = { transactionId: { S: randomUUID() }, date: { N: '1' } };
    const memo = { S: user.mark.repeat(LARGE_ITEM_BYTES / user.mark.length) };
    await addRecords(world, user, 'transactions', [{ ...large, amount: { N: '0.1' }, memo }]);

    const done = await exportedWhole(world, user);
    for (const section of SECTIONS) {
      const path = SECTION_PATHS[section];
      const whole = { userId: { S: user.userId }, ...keysOf[section], ...odd };
      const table = { TableName: tableOf(section) };
      const key = Object.entries(keysOf[section]).filter(([name]) => /Id$|^[ps]k$/.test(name));
      const { Item: stored = {} } = await world.system.clients.dynamodb.send(
        new GetItemCommand({ ...table, Key: Object.fromEntries(key) }),
      );
      expect(Object.keys(stored).sort()).toEqual(Object.keys(whole).sort());
      const line = linesOf(done, section).find((one) => one.includes('"emptyMap"')) ?? '';
      expect(line).toBe(
        section === 'transactionFiles'
          ? expectedFileJson(stored, (JSON.parse(line) as { packageEntry: unknown }).packageEntry)
          : expectedJson(stored, path),
      );
      expect(line).toContain('"amount":"-1234567890123456789012345678.9012345678"');
      expect(line).toContain(`"balance":"0.${'0'.repeat(129)}1"`);
      expect(line).toContain('"transactionHash":18446744073709551615');
      expect(line).toContain('"numbers":[-1,9,10,18446744073709551615]');
      expect(line).toContain('"binary":"AP+A"');
      expect(line).toContain(`${'{"x":['.repeat(15)}{"x":"${user.mark}"}`);
    }
    expect(linesOf(done, 'transactions').some((line) => line.includes(`"memo":"${memo.S}"`))).toBe(true);
    await expectInvariants(world);
  });

  it('row 13: exports records as they are, and warns where they break the contract', async () => {
    const user = await world.aUser();
    const [noAmount, wrongAmount, fileId] = [randomUUID(), randomUUID(), randomUUID()];
    const wrongFile: Item = {
      fileId: { S: fileId },
      fileName: { L: [{ S: 'may.csv' }] },
      s3Key: { N: '7' },
      fileSize: { S: 'large' },
      accountId: { M: {} },
      transactionCount: { S: '1' },
    };
    const wrong: Readonly<Record<Section, Item>> = {
      accounts: { accountId: { S: randomUUID() }, createdAt: { N: '1' }, accountName: { N: '5' } },
      transactions: {
        ...{ transactionId: { S: wrongAmount }, date: { N: '1' }, amount: { S: 'twelve' } },
        ...{ accountId: { S: randomUUID() }, categories: { S: 'food' }, primaryCategoryId: { BOOL: true } },
      },
      categories: { categoryId: { S: randomUUID() }, name: { S: ' ' }, rules: { M: {} } },
      fileMaps: { fileMapId: { S: randomUUID() }, mappings: { N: '1' }, name: { NULL: true } },
      transactionFiles: wrongFile,
      analytics: { pk: { S: randomUUID() }, sk: { S: 'x' }, analyticType: { S: 'x' }, data: { S: 'x' } },
    };
    for (const section of SECTIONS) await addRecords(world, user, section, [wrong[section]]);
    const bare: Item = { transactionId: { S: noAmount }, date: { N: '2' }, extra: { S: 'kept' } };
    await addRecords(world, user, 'transactions', [bare]);

    const done = await exportedWhole(world, user);
    for (const section of SECTIONS) {
      const expected = expectedJson(
        { userId: { S: user.userId }, ...wrong[section] },
        SECTION_PATHS[section],
      );
      const found = linesOf(done, section).map((line) => line.replace(/,"packageEntry":.*$/, '}'));
      expect(found).toContain(expected);
    }
    expect(linesOf(done, 'transactions')).toContain(
      `{"transactionId":"${noAmount}","userId":"${user.userId}","date":2,"extra":"kept"}`,
    );
    const { warnings, omissions } = done.manifest;
    expect(warnings.map(({ code, section, count }) => [code, section, count])).toEqual(
      expect.arrayContaining([
        ['AMOUNT_MISSING', 'transactions', 2],
        ['DANGLING_REFERENCE', 'transactions', 1],
        ['NO_KEY', 'transactionFiles', 1],
      ]),
    );
    expect(omissions.map(({ id, code }) => [id, code])).toEqual([[fileId, 'NO_KEY']]);
    await expectInvariants(world);
  });
});
