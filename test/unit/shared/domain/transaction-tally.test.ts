import { describe, expect, it } from '@jest/globals';
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
