import { describe, expect, it } from '@jest/globals';
import type { JsonRecord } from '../../../../shared/domain/json-record.ts';
import { TransactionTally, transactionTally } from '../../../../shared/domain/transaction-tally.ts';

const tallyOf = (dates: readonly unknown[]) => {
  const tally = new TransactionTally();
  for (const date of dates) tally.add({ date });
  return JSON.stringify(tally.result());
};

const byMonth = (dates: readonly unknown[]) => transactionTally.parse(JSON.parse(tallyOf(dates))).byMonth;

describe('a tally of transactions', () => {
  it('counts by UTC month, to the millisecond at its borders', () => {
    const december = Date.UTC(2026, 11, 1);
    expect(byMonth([december - 1, december, december + 1])).toEqual({
      '2026-11': 1,
      '2026-12': 2,
    });
  });

  it('keeps dates before 1970 and beyond the year 9999 apart', () => {
    expect(byMonth([-1, Date.UTC(12_345, 0), 8.64e15])).toEqual({
      '1969-12': 1,
      '+012345-01': 1,
      '+275760-09': 1,
    });
  });

  it.each([[''], ['1700000000000'], [8640000000000001], [-1e125], [undefined]])(
    'counts the date %j as undated',
    (date) => {
      expect(byMonth([date])).toEqual({ undated: 1 });
    },
  );

  it('is the same text whatever the order of the dates, months in order', () => {
    const dates = [Date.UTC(2026, 1), Date.UTC(2025, 5), Date.UTC(2026, 1, 2), Date.UTC(2024, 11)];
    expect(tallyOf(dates)).toBe(tallyOf([...dates].reverse()));
    expect(Object.keys(byMonth(dates))).toEqual(['2024-12', '2025-06', '2026-02']);
  });

  it('of nothing is empty', () => {
    expect(byMonth([])).toEqual({});
  });
});

describe('what transactions refer to', () => {
  const resultOf = (records: readonly JsonRecord[]) => {
    const tally = new TransactionTally();
    records.forEach((record) => tally.add(record));
    return transactionTally.parse(JSON.parse(JSON.stringify(tally.result())));
  };

  it('is counted by id, with the first transaction that does, in the order of appearance', () => {
    const { references, count } = resultOf([
      { transactionId: 't1', accountId: 'b', fileId: 'f', primaryCategoryId: 'c' },
      { transactionId: 't2', accountId: 'a', fileId: 'f' },
      { transactionId: 't3', accountId: 'b', fileId: 7, primaryCategoryId: null, categories: 'c' },
      {
        transactionId: 't4',
        categories: [{ categoryId: 'd' }, { categoryId: 'd' }, { categoryId: 'c' }, 'c'],
      },
      { transactionId: 't5', categories: [{ categoryId: 'd' }, {}, null] },
    ]);
    expect(count).toBe(5);
    expect(references).toEqual({
      accountId: [
        { id: 'b', count: 2, first: 't1' },
        { id: 'a', count: 1, first: 't2' },
      ],
      fileId: [{ id: 'f', count: 2, first: 't1' }],
      primaryCategoryId: [{ id: 'c', count: 1, first: 't1' }],
      categories: [
        { id: 'd', count: 2, first: 't4' },
        { id: 'c', count: 1, first: 't4' },
      ],
    });
  });

  it.each([['__proto__'], ['constructor'], ['toString'], ['']])('may be called %j', (id) => {
    const line = `{"transactionId":"t1","accountId":${JSON.stringify(id)},"amount":"1"}`;
    const { references, controlTotals } = resultOf([JSON.parse(line) as JsonRecord]);
    expect(references.accountId).toEqual([{ id, count: 1, first: 't1' }]);
    expect(controlTotals).toMatchObject([{ accountId: id, credits: '1' }]);
  });

  it('never runs two accounts together, whatever is in their ids', () => {
    const { controlTotals } = resultOf([
      { accountId: 'a\0b', currency: 'c', amount: '1' },
      { accountId: 'a', currency: 'b\0c', amount: '2' },
      { accountId: 'a', currency: '', amount: '3' },
      { accountId: 'a', amount: '4' },
    ]);
    expect(controlTotals.map(({ accountId, currency, net }) => [accountId, currency, net])).toEqual([
      ['a', null, '4'],
      ['a', '', '3'],
      ['a', 'b\0c', '2'],
      ['a\0b', 'c', '1'],
    ]);
  });

  it('does not hide transactions without an amount: how many, and the first', () => {
    const { withoutAmount, controlTotals } = resultOf([
      { transactionId: 't1', amount: '1' },
      { transactionId: 't2', amount: 5 },
      { transactionId: 't3' },
      { transactionId: 't4', amount: '1e3' },
    ]);
    expect(withoutAmount).toEqual({ count: 3, first: 't2' });
    expect(controlTotals).toMatchObject([{ count: 4, net: '1' }]);
    expect(resultOf([{ amount: '0' }]).withoutAmount).toEqual({ count: 0 });
  });
});
