import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { TransactionFilter } from '../../../../infra/web/browser/viewer/protocol.ts';
import {
  signOfAmount,
  TransactionColumns,
} from '../../../../infra/web/browser/viewer/worker/transaction-columns.ts';
import { searchTransactions } from '../../../../infra/web/browser/viewer/worker/transaction-search.ts';

const CATEGORY_NAMES = new Map([['food', 'Groceries']]);
const ALL: TransactionFilter = {
  text: '',
  accountId: '',
  categoryIds: null,
  from: null,
  before: null,
  sign: 'any',
  newestFirst: false,
};

const transaction = fc.record(
  {
    date: fc.integer({ min: 0, max: 20 }),
    description: fc.constantFrom('Café Zürich', 'Bakery', 'Bakery\nand café', ''),
    amount: fc.constantFrom('-12.5', '7', '0.00', '-0', '1234567890123456789.01'),
    accountId: fc.constantFrom('a', 'b'),
    primaryCategoryId: fc.constantFrom('food', 'rent', ''),
    memo: fc.constantFrom('Nr 7', 'x'),
  },
  { requiredKeys: ['description'] },
);

const filter = fc.record<TransactionFilter>({
  text: fc.constantFrom('', 'cafe', 'CAFÉ bakery', 'groceries', '12.50', 'absent'),
  accountId: fc.constantFrom('', 'a', 'unknown'),
  categoryIds: fc.constantFrom(null, ['food'], [''], ['food', 'rent']),
  from: fc.option(fc.integer({ min: 0, max: 20 })),
  before: fc.option(fc.integer({ min: 0, max: 20 })),
  sign: fc.constantFrom('any', 'in', 'out'),
  newestFirst: fc.boolean(),
});

type Transaction = Readonly<Record<string, unknown>>;

const columnsOf = (records: readonly Transaction[]): TransactionColumns => {
  const columns = new TransactionColumns(CATEGORY_NAMES);
  for (const record of records) columns.add(record);
  return columns;
};

const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The filter's meaning, written down a second time, over the records themselves. */
const isWanted = (record: Transaction, wanted: TransactionFilter): boolean => {
  const amount = String(record['amount'] ?? '');
  const shown = amount === '' ? '' : Number(amount).toFixed(2);
  const category = String(record['primaryCategoryId'] ?? '');
  const text = [record['description'], record['memo'], amount, shown, CATEGORY_NAMES.get(category)].join(' ');
  const date = typeof record['date'] === 'number' ? record['date'] : NaN;
  const sign = Math.sign(Number(amount));
  return (
    folded(wanted.text)
      .split(' ')
      .every((word) => folded(text).includes(word)) &&
    (wanted.accountId === '' || record['accountId'] === wanted.accountId) &&
    (wanted.categoryIds === null || wanted.categoryIds.includes(category)) &&
    (wanted.from === null || date >= wanted.from) &&
    (wanted.before === null || date < wanted.before) &&
    (wanted.sign === 'any' || sign === (wanted.sign === 'in' ? 1 : -1))
  );
};

const goOn = (): Promise<boolean> => Promise.resolve(true);

describe('a search of transactions', () => {
  it('finds those that are wanted, by date, whatever their order in the package', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(transaction), filter, async (records, wanted) => {
        const found = await searchTransactions(columnsOf(records), wanted, goOn);
        const dateOf = (index: number): number => {
          const date = (records[index] as Transaction)['date'];
          return typeof date === 'number' ? date : Infinity;
        };
        const isSorted = records.every(
          (record: Transaction, index) =>
            index === 0 ||
            typeof record['date'] !== 'number' ||
            !(((records[index - 1] as Transaction)['date'] as number) > record['date']),
        );
        const rows = [...records.keys()].filter((index) => isWanted(records[index] ?? {}, wanted));
        if (!isSorted) rows.sort((a, b) => (dateOf(a) === dateOf(b) ? a - b : dateOf(a) - dateOf(b)));
        expect([...(found ?? [])]).toEqual(wanted.newestFirst ? rows.reverse() : rows);
      }),
    );
  });

  it('ends without a result when it is no longer wanted', async () => {
    const columns = columnsOf([{ description: 'Bakery' }]);
    expect(await searchTransactions(columns, ALL, () => Promise.resolve(false))).toBeUndefined();
  });

  it('shows an amount as it stands, with all its digits', () => {
    const amount = '-12345678901234567890123456789012345.678';
    expect(columnsOf([{ amount, currency: 'EUR' }]).line(0)).toEqual({
      row: 0,
      date: null,
      description: '',
      amount,
      currency: 'EUR',
      accountId: '',
      categoryId: '',
    });
  });

  it('tells the sign of an amount by its digits', () => {
    expect(['-0.01', '0', '-0.00', '', '0.0001', '12'].map(signOfAmount)).toEqual([-1, 0, 0, 0, 1, 1]);
  });
});
