import type { EndPage, TransactionEnds } from '../../shared/ports.ts';
import type { TransactionPart } from '../../shared/workflow/contracts.ts';

/** Beyond so many, parts grow: the results of all travel in one state, and each is some lines of history. */
export const MOST_PARTS = 64;

/** What is only a little more than one part is not worth a second. */
const WORTH_CUTTING = 1.5;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Transactions per ms, from the inner half of the page, because wrong dates lie outside: 1970 is one of them. Dates are
 * mostly whole days, so a page within one tells nothing of less.
 */
const densityOf = ({ count, middle, inner }: EndPage): number =>
  count / 2 / Math.max(Math.abs(inner - middle), DAY_MS);

/** How many transactions there may be between the two pages, as if their density changed evenly from one to the other. */
const countBetween = ({ first, last }: TransactionEnds): number =>
  ((densityOf(first) + densityOf(last)) / 2) * (last.inner - first.inner);

/** The dates before which there are about one share, two shares and so on; a share that is all on a page is not cut off. */
const seamsOf = (ends: TransactionEnds, total: number, parts: number): number[] => {
  const { first, last } = ends;
  const seams = Array.from({ length: parts - 1 }, (_, at) => {
    const passed = ((at + 1) * total) / parts - first.count;
    const share = Math.min(1, Math.max(0, passed / countBetween(ends)));
    return Math.round(first.inner + share * (last.inner - first.inner));
  });
  return [...new Set(seams)];
};

/**
 * The ranges of dates by which transactions are collected, each with about as many of them. Only that is a
 * guess: together they are all dates, whatever is there or comes while they are read.
 */
export const transactionParts = (
  ends: TransactionEnds | undefined,
  transactionsPerPart: number,
): TransactionPart[] => {
  // Between pages that meet there is one date at the most, and a date cannot be cut.
  if (ends === undefined || ends.last.inner <= ends.first.inner) return [{ index: 0 }];
  const total = ends.first.count + countBetween(ends) + ends.last.count;
  if (total <= WORTH_CUTTING * transactionsPerPart) return [{ index: 0 }];
  const seams = seamsOf(ends, total, Math.min(MOST_PARTS, Math.ceil(total / transactionsPerPart)));
  return [undefined, ...seams].map((from, index) => ({
    index,
    ...(from === undefined ? {} : { from }),
    ...(seams[index] === undefined ? {} : { before: seams[index] }),
  }));
};
