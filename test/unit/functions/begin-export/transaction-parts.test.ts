import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MOST_PARTS, transactionParts } from '../../../../functions/begin-export/transaction-parts.ts';
import type { EndPage, TransactionEnds } from '../../../../shared/ports.ts';
import type { TransactionPart } from '../../../../shared/workflow/contracts.ts';

const DAY = 24 * 60 * 60 * 1000;
const ONE = [{ index: 0 }];

const holds = ({ from = -Infinity, before = Infinity }: TransactionPart, date: number): boolean =>
  date >= from && date < before;

/** What the ends of an index tell of these dates when a page holds so many. */
const endsOf = (dates: readonly number[], pageSize: number): TransactionEnds => {
  const sorted = [...dates].sort((a, b) => a - b);
  const page = (inwards: readonly number[]): EndPage => ({
    count: inwards.length,
    middle: inwards[Math.floor(inwards.length / 2)] ?? NaN,
    inner: inwards.at(-1) ?? NaN,
  });
  return { first: page(sorted.slice(0, pageSize)), last: page(sorted.slice(-pageSize).reverse()) };
};

/** `perDay` a day, from the first of January 2000 on. */
const evenDates = (count: number, perDay: number): number[] =>
  Array.from({ length: count }, (_, at) => Date.UTC(2000, 0, 1) + Math.floor(at / perDay) * DAY);

const heldBy = (parts: readonly TransactionPart[], dates: readonly number[]): number[] =>
  parts.map((part) => dates.filter((date) => holds(part, date)).length);

const instant = fc.oneof(
  fc.integer({ min: -(10 ** 12), max: 4 * 10 ** 12 }),
  fc.double({ noNaN: true, min: -1e126, max: 1e126 }),
  fc.constantFrom(0, 0.4, 0.5, 0.6, 1, 2 ** 53, 2 ** 70),
);
const page = fc.record({ count: fc.integer({ min: 1, max: 20_000 }), middle: instant, inner: instant });
const ends = fc.record({ first: page, last: page });

describe('the parts in which transactions are collected', () => {
  it('hold every date once: they meet, are in order, open at both ends, and cut at whole milliseconds', () => {
    fc.assert(
      fc.property(ends, fc.integer({ min: 1, max: 5000 }), fc.array(instant), (known, perPart, dates) => {
        const parts = transactionParts(known, perPart);
        expect(parts.map(({ index }) => index)).toEqual(parts.map((_, at) => at));
        expect(parts.length).toBeLessThanOrEqual(MOST_PARTS);
        expect([parts[0]?.from, parts.at(-1)?.before]).toEqual([undefined, undefined]);
        const seams = parts.slice(1).map(({ from }) => from);
        expect(parts.slice(0, -1).map(({ before }) => before)).toEqual(seams);
        for (const seam of seams) expect([seam, Number.isInteger(seam)]).toEqual([seam, true]);
        const handedOn = JSON.parse(JSON.stringify(parts)) as TransactionPart[];
        for (const date of [...dates, ...Object.values(known.first), ...Object.values(known.last)])
          expect(handedOn.filter((part) => holds(part, date))).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it('are as many as it takes, of about the wanted size each, where transactions come evenly', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2_000, max: 8_000 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 100, max: 300 }),
        fc.integer({ min: 2, max: MOST_PARTS }),
        (count, perDay, pageSize, wanted) => {
          const dates = evenDates(count, perDay);
          const perPart = Math.ceil(count / wanted) + pageSize;
          const sizes = heldBy(transactionParts(endsOf(dates, pageSize), perPart), dates);
          expect(sizes.reduce((a, b) => a + b)).toBe(count);
          // The first and the last have a page more, and an estimate from days may be one too high.
          for (const size of sizes) expect(size).toBeLessThanOrEqual(2 * perPart);
          if (sizes.length > 1) expect(Math.min(...sizes)).toBeGreaterThan(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are about so many where transactions become more and more', () => {
    const dates = Array.from({ length: 1000 }, (_, day) =>
      Array.from({ length: day / 10 }, () => day * DAY),
    ).flat();
    const parts = transactionParts(endsOf(dates, 1000), 5000);
    expect(parts.length).toBeGreaterThanOrEqual(7);
    expect(parts.length).toBeLessThanOrEqual(12);
    expect(Math.max(...heldBy(parts, dates))).toBeLessThan(2.5 * 5000);
  });

  it('have equal shares of what is on the two pages and, evenly spread, between them', () => {
    const first = { count: 100, middle: 50 * DAY, inner: 100 * DAY };
    const last = { count: 100, middle: 550 * DAY, inner: 500 * DAY };
    expect(transactionParts({ first, last }, 150)).toEqual([
      { index: 0, before: 150 * DAY },
      { index: 1, from: 150 * DAY, before: 300 * DAY },
      { index: 2, from: 300 * DAY, before: 450 * DAY },
      { index: 3, from: 450 * DAY },
    ]);
    const days = transactionParts({ first, last }, 75).map(({ before = NaN }) => before / DAY);
    expect(days).toEqual([100, 150, 225, 300, 375, 450, 500, NaN]);
  });

  it.each<[string, TransactionEnds | undefined]>([
    ['one page holds everything', undefined],
    ['two pages that overlap hold everything', endsOf(evenDates(150, 1), 100)],
    ['the pages share a date', endsOf(evenDates(5000, 5000), 100)],
    ['there is hardly more than one part', endsOf(evenDates(1450, 1), 100)],
  ])('are one where %s', (_, known) => {
    expect(transactionParts(known, 1000)).toEqual(ONE);
  });

  it('are two from one and a half times the size of a part on', () => {
    expect(transactionParts(endsOf(evenDates(1600, 1), 100), 1000)).toHaveLength(2);
    expect(transactionParts(endsOf(evenDates(1600, 1), 100), 800)).toHaveLength(3);
  });

  it('grow where there would be too many', () => {
    expect(transactionParts(endsOf(evenDates(10_000, 1), 100), 10)).toHaveLength(MOST_PARTS);
  });

  it('are not torn out of shape by some wrong dates at both ends', () => {
    const dates = evenDates(5000, 2);
    const wrong = [-9e15, 0, 1, ...dates, 8.64e15, 1e30];
    const sizes = heldBy(transactionParts(endsOf(wrong, 400), 1000), wrong);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(3000);
  });

  it('are no more than there are milliseconds to cut at', () => {
    const first = { count: 5000, middle: 10, inner: 10 };
    const last = { count: 5000, middle: 13, inner: 13 };
    const cuts = transactionParts({ first, last }, 10).flatMap(({ from = [] }) => from);
    expect([10, 11, 12, 13]).toEqual(expect.arrayContaining(cuts));
    expect(new Set(cuts).size).toBe(cuts.length);
  });
});
