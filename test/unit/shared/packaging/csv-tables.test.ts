import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Section } from '../../../../shared/domain/sections.ts';
import { anyHousehold } from '../../../support/generated-household.ts';
import { openedPackage, recordsOf } from '../../../support/opened-package.ts';
import type { Household } from '../../../support/packaged-household.ts';
import { parseCsv } from '../../../support/parse-csv.ts';

const RUNS = { numRuns: 60 };

describe('the tables of a package', () => {
  const DECIMAL = /^-?\d+(\.\d+)?$/;
  const plain = (value: unknown): string => {
    if (value === undefined || value === null) return '';
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return typeof value === 'string' && /^[=+\-@\t\r\n＝]/.test(text) ? `'${text}` : text;
  };
  const amountOf = (value: unknown): string =>
    typeof value === 'string' && DECIMAL.test(value) ? value : plain(value);

  const tableOf = (text: string): Record<string, string>[] => {
    expect(text.startsWith('\ufeff')).toBe(true);
    const [header = [], ...rows] = parseCsv(text.slice(1));
    for (const row of rows) expect(row).toHaveLength(header.length);
    return rows.map((row) => Object.fromEntries(header.map((title, at) => [title, row[at] ?? ''])));
  };

  /** By walking up, and stopping at the second visit. */
  const pathOf = (id: unknown, household: Household): string => {
    const names: string[] = [];
    const seen: unknown[] = [];
    const find = (wanted: unknown) =>
      household.records.categories?.find(({ categoryId }) => categoryId === wanted);
    for (let at = find(id); at !== undefined && !seen.includes(at); at = find(at['parentCategoryId'])) {
      seen.push(at);
      names.unshift(typeof at['name'] === 'string' ? at['name'] : String(at['categoryId']));
    }
    return names.join(' > ');
  };

  it('have a line for each record, names for ids, exact amounts and nothing a spreadsheet calculates', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, async (household) => {
        const { text } = await openedPackage(household);
        const transactions = recordsOf(household, 'transactions');
        const rows = tableOf(text('csv/transactions.csv'));
        expect(rows).toHaveLength(transactions.length);
        for (const [at, record] of transactions.entries()) {
          const named = (section: Section, id: string, name: string): string => {
            const found = household.records[section]?.find((other) => other[id] === record[id])?.[name];
            return typeof found === 'string' ? plain(found) : '';
          };
          expect(rows[at]).toMatchObject({
            transactionId: plain(record['transactionId']),
            date: new Date(Number(record['date'])).toISOString().slice(0, 10),
            timestamp: new Date(Number(record['date'])).toISOString(),
            amount: amountOf(record['amount']),
            balance: amountOf(record['balance']),
            description: plain(record['description']),
            memo: plain(record['memo']),
            accountName: named('accounts', 'accountId', 'accountName'),
            fileName: named('transactionFiles', 'fileId', 'fileName'),
            categoryPath: plain(pathOf(record['primaryCategoryId'], household)),
          });
        }
        const accounts = recordsOf(household, 'accounts');
        const accountRows = tableOf(text('csv/accounts.csv'));
        expect(accountRows).toHaveLength(accounts.length);
        for (const [at, record] of accounts.entries()) {
          expect(accountRows[at]).toMatchObject({
            accountId: record['accountId'],
            accountName: plain(record['accountName']),
            balance: amountOf(record['balance']),
            notes: plain(record['notes']),
            createdAt:
              typeof record['createdAt'] === 'number' ? new Date(record['createdAt']).toISOString() : '',
          });
        }
        for (const row of [...rows, ...accountRows])
          for (const cell of Object.values(row))
            if (!DECIMAL.test(cell)) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝]/);
      }),
      RUNS,
    );
  });

  it('keep every digit of numbers, alone and inside lists and maps', async () => {
    const transactions = [
      {
        transactionId: '1',
        date: Date.UTC(2026, 4, 1),
        checkNumber: JSON.rawJSON('18446744073709551615'),
        fitId: JSON.rawJSON('9.99E125'),
        memo: JSON.rawJSON('-0.12345678901234567890123456789012345678'),
        importOrder: JSON.rawJSON('99999999999999999999999999999999999999'),
        status: [JSON.rawJSON('1E-130'), 1.5, { of: [JSON.rawJSON('9007199254740993'), '9007199254740993'] }],
        amount: '-12345678901234567890.12',
      },
      { transactionId: '2', date: Date.UTC(2026, 4, 2), checkNumber: 4711, importOrder: -1 },
    ];
    const accounts = [
      { accountId: 'a', createdAt: 1, notes: { limit: JSON.rawJSON('18446744073709551615') } },
    ];
    const { text } = await openedPackage({ records: { accounts, transactions }, files: new Map() });
    expect(tableOf(text('csv/transactions.csv'))).toMatchObject([
      {
        date: '2026-05-01',
        timestamp: '2026-05-01T00:00:00.000Z',
        checkNumber: '18446744073709551615',
        fitId: '9.99E125',
        memo: '-0.12345678901234567890123456789012345678',
        importOrder: '99999999999999999999999999999999999999',
        status: '[1E-130,1.5,{"of":[9007199254740993,"9007199254740993"]}]',
        amount: '-12345678901234567890.12',
      },
      { date: '2026-05-02', checkNumber: '4711', importOrder: '-1' },
    ]);
    expect(tableOf(text('csv/accounts.csv'))).toMatchObject([
      { createdAt: '1970-01-01T00:00:00.001Z', notes: '{"limit":18446744073709551615}' },
    ]);
  });

  it('end a tree of categories that leads back into itself', async () => {
    const { text } = await openedPackage({
      records: {
        categories: [
          { categoryId: 'a', name: 'A', parentCategoryId: 'b' },
          { categoryId: 'b', name: 'B', parentCategoryId: 'a' },
          { categoryId: 'self', name: 'S', parentCategoryId: 'self' },
        ],
        transactions: [
          { transactionId: '1', date: 1, primaryCategoryId: 'a' },
          { transactionId: '2', date: 2, primaryCategoryId: 'self' },
        ],
      },
      files: new Map(),
    });
    expect(tableOf(text('csv/transactions.csv')).map((row) => row['categoryPath'])).toEqual(['B > A', 'S']);
  });

  it('keep dates that are none, and only those tables whose records are there', async () => {
    const transactions = [
      { transactionId: '1', date: 'soon' },
      { transactionId: '2', date: 1e300 },
    ];
    const household = { records: { transactions }, files: new Map() };
    const { text, entries } = await openedPackage(household, {
      exportType: 'transactions_only',
      includeAnalytics: false,
    });
    expect(entries.has('csv/accounts.csv')).toBe(false);
    expect(
      tableOf(text('csv/transactions.csv'))
        .map(({ date }) => date)
        .sort(),
    ).toEqual(['1e+300', 'soon']);
  });
});
