import type { TransactionFilter } from '../protocol.ts';
import { searchedWords } from './folded-text.ts';
import { eachRowWith } from './text-search.ts';
import type { TransactionColumns } from './transaction-columns.ts';

type Wanted = (row: number) => boolean;

const accountIs = (columns: TransactionColumns, { accountId }: TransactionFilter): Wanted[] => {
  if (accountId === '') return [];
  const codes = columns.accounts.codesOf([accountId]);
  return [(row) => codes.has(columns.accounts.codeAt(row))];
};

const categoryIs = (columns: TransactionColumns, { categoryIds }: TransactionFilter): Wanted[] => {
  if (categoryIds === null) return [];
  const codes = columns.categories.codesOf(categoryIds);
  return [(row) => codes.has(columns.categories.codeAt(row))];
};

/** A transaction without a date is in no range. */
const dateIs = (columns: TransactionColumns, { from, before }: TransactionFilter): Wanted[] => [
  ...(from === null ? [] : [(row: number) => columns.dateAt(row) >= from]),
  ...(before === null ? [] : [(row: number) => columns.dateAt(row) < before]),
];

const signIs = (columns: TransactionColumns, { sign }: TransactionFilter): Wanted[] => {
  if (sign === 'any') return [];
  const wanted = sign === 'in' ? 1 : -1;
  return [(row) => columns.signAt(row) === wanted];
};

/** Rows whose dates are none come last. */
const byDate =
  (columns: TransactionColumns) =>
  (a: number, b: number): number => {
    const [left, right] = [columns.dateAt(a), columns.dateAt(b)];
    if (Number.isNaN(left) || Number.isNaN(right)) {
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right)) || a - b;
    }
    return left - right || a - b;
  };

/**
 * The rows that a filter lets through, in the wanted order. Between two parts of the columns `pause` is waited for; where
 * it tells that the search is no longer wanted, the result is undefined.
 */
export const searchTransactions = async (
  columns: TransactionColumns,
  filter: TransactionFilter,
  pause: () => Promise<boolean>,
): Promise<Uint32Array | undefined> => {
  const words = searchedWords(filter.text);
  const conditions = [accountIs, categoryIs, dateIs, signIs].flatMap((of) => of(columns, filter));
  const found = new Uint32Array(columns.rows);
  let count = 0;
  for (const part of columns.searched.parts()) {
    eachRowWith(part, words, (row) => {
      if (!conditions.every((holds) => holds(row))) return;
      found[count] = row;
      count += 1;
    });
    if (!(await pause())) return undefined;
  }
  const rows = found.slice(0, count);
  if (!columns.inOrder) rows.sort(byDate(columns));
  return filter.newestFirst ? rows.reverse() : rows;
};
