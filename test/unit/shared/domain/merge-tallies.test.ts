import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { AccountTotal, mergeControlTotals, type Booked } from '../../../../shared/domain/control-total.ts';
import type { JsonRecord } from '../../../../shared/domain/json-record.ts';
import {
  mergeTallies,
  TransactionTally,
  transactionTally,
  type TransactionTallies,
} from '../../../../shared/domain/transaction-tally.ts';

/** As a tally comes back from where a collector has left it. */
const tallyOf = (records: readonly JsonRecord[]): TransactionTallies => {
  const tally = new TransactionTally();
  for (const record of records) tally.add(record);
  return transactionTally.parse(JSON.parse(JSON.stringify(tally.result())));
};

const money = fc.oneof(
  fc.constantFrom('1', '-1', '0', '-0.5', '10', '10.00', '-0'),
  fc.bigInt(-(10n ** 37n), 10n ** 37n).map((digits) => `${digits}.5`),
);
const perhapsMoney = fc.oneof(
  { weight: 5, arbitrary: money },
  { weight: 1, arbitrary: fc.constantFrom(undefined, 7, '', '1e3') },
);
const id = fc.constantFrom('a', 'b', '__proto__', '', undefined, 7);

const transaction = fc.record({
  day: fc.integer({ min: -3, max: 8 }),
  transactionId: fc.oneof(fc.string({ minLength: 1, maxLength: 3 }), fc.constant(undefined)),
  accountId: id,
  fileId: id,
  primaryCategoryId: id,
  currency: fc.constantFrom('EUR', undefined),
  importOrder: fc.constantFrom(0, 1, 2, undefined),
  amount: perhapsMoney,
  balance: fc.oneof(perhapsMoney, fc.constant(undefined)),
});

const DAY = 24 * 60 * 60 * 1000;
const recordsOf = (drawn: readonly ({ readonly day: number } & JsonRecord)[]): JsonRecord[] =>
  drawn.toSorted((a, b) => a.day - b.day).map(({ day, ...rest }) => ({ ...rest, date: day * 12 * DAY }));

/** Cut before each of the dates at which a part begins. */
const cutAt = (records: readonly JsonRecord[], seams: readonly number[]): JsonRecord[][] => {
  const cuts = [-Infinity, ...seams.toSorted((a, b) => a - b).map((day) => day * 12 * DAY), Infinity];
  return cuts
    .slice(0, -1)
    .map((from, at) =>
      records.filter(({ date }) => Number(date) >= from && Number(date) < (cuts[at + 1] ?? Infinity)),
    );
};

const seams = fc.array(fc.integer({ min: -4, max: 9 }), { maxLength: 6 });

describe('tallies of parts', () => {
  it('merge into the tally of everything, to the last character, wherever the dates are cut', () => {
    fc.assert(
      fc.property(fc.array(transaction, { maxLength: 60 }), seams, (drawn, cuts) => {
        const records = recordsOf(drawn);
        const merged = mergeTallies(cutAt(records, cuts).map(tallyOf));
        expect(JSON.stringify(merged)).toBe(JSON.stringify(tallyOf(records)));
      }),
      { numRuns: 1000 },
    );
  });

  it('find balances that keep their distance from the net, over seams too, and see where they do not', () => {
    const wrongAt = fc.option(fc.nat(29), { nil: undefined });
    const books = fc.array(
      fc.record({ day: fc.nat(8), cents: fc.integer({ min: -999, max: 999 }), told: fc.boolean() }),
      {
        minLength: 30,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(books, seams, wrongAt, (drawn, cuts, wrong) => {
        let balance = 500;
        const kept = drawn
          .toSorted((a, b) => a.day - b.day)
          .map(({ day, cents, told }, at) => {
            balance += cents;
            const shown = at === wrong ? balance + 1 : balance;
            return {
              day,
              ...{ transactionId: String(at).padStart(2, '0'), accountId: 'a', amount: String(cents) },
              ...(told || at === wrong ? { balance: String(shown) } : {}),
            };
          });
        const records = recordsOf(kept);
        const merged = mergeTallies(cutAt(records, cuts).map(tallyOf));
        expect(merged).toEqual(tallyOf(records));
        const told = kept.filter((one) => 'balance' in one).length;
        const isConstant = told === 0 ? null : wrong === undefined || told === 1;
        expect(merged.controlTotals[0]?.balanceMinusNetConstant).toBe(isConstant);
      }),
      { numRuns: 300 },
    );
  });

  it('of nothing are the tally of nothing', () => {
    const nothing = new TransactionTally().result();
    expect(mergeTallies([])).toEqual(nothing);
    expect(mergeTallies([nothing, nothing])).toEqual(nothing);
    const one = tallyOf([{ transactionId: 't', amount: '1', date: 1, accountId: 'a' }]);
    expect(mergeTallies([nothing, one, nothing])).toEqual(one);
  });
});

describe('totals with days too crowded to be put in order', () => {
  const CROWD = 10_001;
  const crowd = (fields: Booked): Booked[] =>
    Array.from({ length: CROWD }, (_, at) => ({
      transactionId: String(at),
      importOrder: -at,
      amount: '0.01',
      ...fields,
    }));

  /** Days of every kind: what each does to what is known of the balance differs. */
  const DAYS: Readonly<Record<string, readonly Booked[]>> = {
    crowded: crowd({ balance: '8' }),
    'crowded without balances': crowd({}),
    plain: [{ transactionId: 'p', amount: '1', balance: '5' }],
    other: [{ transactionId: 'o', amount: '2', balance: '7' }],
    'without balance': [{ transactionId: 'w', amount: '-3' }],
  };
  const kinds = Object.keys(DAYS);

  const totalOf = (days: readonly string[]) => {
    const total = new AccountTotal('a', null);
    for (const day of days) {
      for (const booking of DAYS[day] ?? []) total.add(booking);
      total.endDay();
    }
    return total.result();
  };

  const firsts = kinds.flatMap((a) => [[a], ...kinds.map((b) => [a, b])]);
  const known = new Map(firsts.map((days) => [days.join(), totalOf(days)] as const));

  it.each(kinds.flatMap((a) => kinds.map((b) => [a, b] as const)))(
    'merge where days that are %s and %s meet, whatever follows',
    (a, b) => {
      const [first, second] = [totalOf([a]), known.get(b)];
      const both = known.get([a, b].join());
      if (second === undefined || both === undefined) throw new Error('All kinds are known.');
      expect(mergeControlTotals(first, second)).toEqual(both);
      for (const c of kinds) {
        const [later, last] = [known.get([b, c].join()), known.get(c)];
        if (later === undefined || last === undefined) throw new Error('All kinds are known.');
        expect(mergeControlTotals(first, later)).toEqual(mergeControlTotals(both, last));
      }
    },
  );

  it('merge as one pass sees them, over three days', () => {
    for (const days of [
      ['crowded', 'plain', 'other'],
      ['plain', 'crowded', 'plain'],
      ['plain', 'other', 'crowded'],
      ['plain', 'crowded without balances', 'other'],
      ['plain', 'without balance', 'plain'],
    ]) {
      const [a = '', b = '', c = ''] = days;
      const inOnePass = totalOf(days);
      expect([days, mergeControlTotals(totalOf([a]), totalOf([b, c]))]).toEqual([days, inOnePass]);
      expect([days, mergeControlTotals(totalOf([a, b]), totalOf([c]))]).toEqual([days, inOnePass]);
    }
  });
});
