import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SECTIONS, type Section } from '../../../../shared/domain/sections.ts';
import {
  compareDates,
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
