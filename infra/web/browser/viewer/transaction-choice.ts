import { withDescendants, type CategoryBranch } from './category-tree.ts';
import type { AmountSign, TransactionFilter } from './protocol.ts';

/** What a person has chosen to see, as the controls hold it. */
export interface TransactionChoice {
  readonly text: string;
  /** Empty for all. */
  readonly accountId: string;
  /** Empty for all; `NO_CATEGORY` for those without one. */
  readonly categoryId: string;
  /** `2026-11-24`, or empty. */
  readonly firstDay: string;
  /** Inclusive. */
  readonly lastDay: string;
  readonly sign: AmountSign;
  readonly newestFirst: boolean;
}

export const EVERYTHING: TransactionChoice = {
  text: '',
  accountId: '',
  categoryId: '',
  firstDay: '',
  lastDay: '',
  sign: 'any',
  newestFirst: true,
};

/** No category has an id of a single space: ids are never blank. */
export const NO_CATEGORY = ' ';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The beginning of a day in UTC, epoch ms; null where it is none. */
const dayStart = (day: string): number | null => {
  const time = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(time) ? null : time;
};

const categoryIdsOf = (categoryId: string, categories: readonly CategoryBranch[]): string[] | null => {
  if (categoryId === '') return null;
  return categoryId === NO_CATEGORY ? [''] : withDescendants(categories, categoryId);
};

/** What is to be searched for; a category stands for all below it too. */
export const filterOf = (
  { categoryId, firstDay, lastDay, ...rest }: TransactionChoice,
  categories: readonly CategoryBranch[],
): TransactionFilter => {
  const last = dayStart(lastDay);
  return {
    ...rest,
    categoryIds: categoryIdsOf(categoryId, categories),
    from: dayStart(firstDay),
    before: last === null ? null : last + DAY_MS,
  };
};

/** Whether anything is left out. */
export const isFiltered = (choice: TransactionChoice): boolean =>
  JSON.stringify({ ...choice, newestFirst: true }) !== JSON.stringify(EVERYTHING);
