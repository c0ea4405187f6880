import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SECTIONS, type Section } from '../../../../shared/domain/sections.ts';
import {
  compareDates,
  dateRangeOf,
  EVERYTHING,
  matches,
  narrows,
  selectionOf,
  type FilteredAttributes,
} from '../../../../shared/domain/selection.ts';

const ids = (...accountIds: string[]) => selectionOf({ accountIds });
const categories = (...categoryIds: string[]) => selectionOf({ categoryIds });

describe('a selection', () => {
  it.each(SECTIONS.map((section) => [section]))('without filters takes every record of %s', (section) => {
    expect(matches(section, {}, EVERYTHING)).toBe(true);
    expect(narrows(section, EVERYTHING)).toBe(false);
  });

  it.each<[Section, keyof FilteredAttributes]>([
    ['accounts', 'accountId'],
    ['transactions', 'accountId'],
    ['fileMaps', 'accountId'],
    ['transactionFiles', 'accountId'],
  ])('of accounts takes of %s those whose %s is named', (section, attribute) => {
    expect(narrows(section, ids('a'))).toBe(true);
    expect(matches(section, { [attribute]: 'a' }, ids('a', 'b'))).toBe(true);
    expect(matches(section, { [attribute]: 'A' }, ids('a'))).toBe(false);
    expect(matches(section, {}, ids('a'))).toBe(false);
  });

  it.each<[Section, keyof FilteredAttributes]>([
    ['transactions', 'primaryCategoryId'],
    ['categories', 'categoryId'],
  ])('of categories takes of %s those whose %s is named', (section, attribute) => {
    expect(narrows(section, categories('c'))).toBe(true);
    expect(matches(section, { [attribute]: 'c' }, categories('b', 'c'))).toBe(true);
    expect(matches(section, { [attribute]: 'd' }, categories('c'))).toBe(false);
    expect(matches(section, {}, categories('c'))).toBe(false);
  });

  it('narrows nothing else', () => {
    const dates = selectionOf({ dateRangeStart: 5, dateRangeEnd: 6 });
    const narrowed = (selection: typeof EVERYTHING) => SECTIONS.filter((one) => narrows(one, selection));
    expect(narrowed(ids('a'))).toEqual(['accounts', 'transactions', 'fileMaps', 'transactionFiles']);
    expect(narrowed(categories('c'))).toEqual(['transactions', 'categories']);
    expect(narrowed(dates)).toEqual(['transactions']);
    for (const section of SECTIONS.filter((one) => one !== 'transactions')) {
      expect(matches(section, { date: '4' }, dates)).toBe(true);
    }
  });

  it.each<[string | undefined, boolean, boolean, boolean]>([
    ['4.9999999999999999999', false, false, true],
    ['5', true, true, true],
    ['6', true, true, true],
    ['6.0000000000000000001', true, false, false],
    ['1e400', true, false, false],
    ['-1', false, false, true],
    [undefined, false, false, false],
  ])('from 5, of 5 to 6, and to 6 takes the date %s: %s, %s, %s', (date, from, within, to) => {
    const dated = (range: Parameters<typeof selectionOf>[0]) =>
      matches('transactions', { date }, selectionOf(range));
    expect(dated({ dateRangeStart: 5 })).toBe(from);
    expect(dated({ dateRangeStart: 5, dateRangeEnd: 6 })).toBe(within);
    expect(dated({ dateRangeEnd: 6 })).toBe(to);
  });

  it('of all filters takes what each of them takes', () => {
    const all = selectionOf({ accountIds: ['a'], categoryIds: ['c'], dateRangeStart: 1, dateRangeEnd: 2 });
    const selected: FilteredAttributes = { accountId: 'a', primaryCategoryId: 'c', date: '1' };
    expect(matches('transactions', selected, all)).toBe(true);
    for (const spoilt of [{ accountId: 'b' }, { primaryCategoryId: 'd' }, { date: '3' }]) {
      expect(matches('transactions', { ...selected, ...spoilt }, all)).toBe(false);
    }
  });
});

describe('a part of the dates', () => {
  /** Dates as DynamoDB stores them, many of them a hair away from a whole number. */
  const date = fc
    .record({
      whole: fc.oneof(
        fc.bigInt(-12n, 12n),
        fc.bigInt(1_600_000_000_000n, 1_600_000_000_012n),
        fc.bigInt(2n ** 53n - 3n, 2n ** 53n + 12n),
        fc.bigInt(2n ** 70n - 3000n, 2n ** 70n + 3000n),
      ),
      fraction: fc.constantFrom('', '.5', '.00000000000000000001', '.99999999999999999999', '.9999', '.0001'),
    })
    .map(({ whole, fraction }) => `${whole}${fraction}`);
  const seam = date.map((text) => Math.round(Number(text)));

  const partsBetween = (seams: readonly number[]) => {
    const cuts = [...new Set(seams)].sort((a, b) => a - b);
    return [undefined, ...cuts].map((from, at) => ({ datePart: { from, before: cuts[at] } }));
  };

  it('holds each date that no other part holds, and asks the index for it', () => {
    fc.assert(
      fc.property(fc.array(seam, { maxLength: 6 }), fc.array(date, { minLength: 1 }), (seams, dates) => {
        const parts = partsBetween(seams);
        for (const one of dates) {
          const holders = parts.filter((part) => matches('transactions', { date: one }, part));
          expect([one, holders.length]).toEqual([one, 1]);
          const { start = -Infinity, end = Infinity } =
            dateRangeOf('transactions', holders[0] ?? EVERYTHING) ?? {};
          const isAskedFor =
            (start === -Infinity || compareDates(one, String(start)) >= 0) &&
            (end === Infinity || compareDates(one, String(end)) <= 0);
          expect([one, start, end, isAskedFor]).toEqual([one, start, end, true]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never tears apart dates that a reader of JSON takes for one', () => {
    const selection = { datePart: { from: 5, before: 6 } };
    const held = (text: string) => matches('transactions', { date: text }, selection);
    expect(['4.9999', '4.99999999999999999999', '5', '5.9999', '5.99999999999999999999'].map(held)).toEqual([
      false,
      ...[true, true, true],
      false,
    ]);
  });

  it('adds to what else is selected', () => {
    const selection = { ...selectionOf({ dateRangeStart: 3, dateRangeEnd: 7 }), datePart: { from: 5 } };
    const held = (text: string) => matches('transactions', { date: text }, selection);
    expect(['3', '4.5', '5', '7', '7.00000000000000000001', '8'].map(held)).toEqual([
      ...[false, false, true, true, false, false],
    ]);
    expect(dateRangeOf('transactions', selection)).toEqual({ start: 4, end: 7 });
    expect(dateRangeOf('transactions', { datePart: { before: 5 }, dateRangeStart: 3 })).toEqual({
      start: 3,
      end: 5,
    });
  });

  it('that is open at both ends is everything, and no other section has parts', () => {
    expect(matches('transactions', {}, { datePart: {} })).toBe(true);
    expect([
      narrows('transactions', { datePart: {} }),
      narrows('transactions', { datePart: { from: 1 } }),
    ]).toEqual([false, true]);
    expect(narrows('accounts', { datePart: { from: 1 } })).toBe(false);
  });
});

describe('the order of dates', () => {
  it('is that of their values, to digits that a double cannot hold', () => {
    const digits = fc.bigInt(-(10n ** 37n), 10n ** 37n);
    fc.assert(
      fc.property(digits, fc.oneof(digits, fc.constantFrom(-1n, 0n, 1n)), (a, difference) => {
        const b = a + difference;
        const order = compareDates(String(a), String(b));
        expect([order < 0, order > 0]).toEqual([a < b, a > b]);
      }),
    );
  });
});
