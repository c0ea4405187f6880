import * as z from 'zod/mini';
import { compareUtf8 } from './compare-utf8.ts';
import { AccountTotal, controlTotal, mergeControlTotals, type ControlTotal } from './control-total.ts';
import { isJsonRecord, type JsonRecord } from './json-record.ts';

/** An id that transactions refer to: how many do, and the first that does. */
const reference = z.object({ id: z.string(), count: z.number(), first: z.string() });
export type Reference = z.infer<typeof reference>;

/** A list, not an object: an id is any text, and some are names that every JavaScript object has (`__proto__`). */
const references = z.array(reference);

/** The attributes by which a transaction refers to other records; `categories` is a list, with a `categoryId` in each. */
export const TRANSACTION_REFERENCES = ['accountId', 'fileId', 'primaryCategoryId', 'categories'] as const;
export type TransactionReference = (typeof TRANSACTION_REFERENCES)[number];

const byReference = <T>(of: (attribute: TransactionReference) => T): Record<TransactionReference, T> => ({
  accountId: of('accountId'),
  fileId: of('fileId'),
  primaryCategoryId: of('primaryCategoryId'),
  categories: of('categories'),
});

/** What is known about a package's transactions beside the records: told by the collector, computed again by the verifier. */
export const transactionTally = z.object({
  count: z.number(),
  /** Transactions by UTC month (`2026-11`); those whose date is no calendar date are under `undated`. */
  byMonth: z.record(z.string(), z.number()),
  references: z.object(byReference(() => references)),
  controlTotals: z.array(controlTotal),
  /** Transactions whose amount is missing or no decimal, and the first of them. */
  withoutAmount: z.object({ count: z.number(), first: z.optional(z.string()) }),
});
export type TransactionTallies = z.infer<typeof transactionTally>;

const LATEST_INSTANT_MS = 8.64e15;

const monthOf = (date: unknown): string =>
  typeof date === 'number' && Math.abs(date) <= LATEST_INSTANT_MS
    ? new Date(date).toISOString().replace(/-\d\dT.*$/, '')
    : 'undated';

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** What a transaction refers to by an attribute, each once. */
const idsIn = (record: JsonRecord, attribute: TransactionReference): Iterable<string> => {
  const value = record[attribute];
  if (attribute !== 'categories') return typeof value === 'string' ? [value] : [];
  if (!Array.isArray(value)) return [];
  const ids = value.flatMap((one: unknown) => (isJsonRecord(one) ? (textOf(one['categoryId']) ?? []) : []));
  return ids.length > 1 ? new Set(ids) : ids;
};

type Totalled = Pick<ControlTotal, 'accountId' | 'currency'>;

/** JSON keeps apart what a separator inside an id could run together. */
const totalKey = ({ accountId, currency }: Totalled): string => JSON.stringify([accountId, currency]);

const byAccountAndCurrency = (a: Totalled, b: Totalled): number =>
  compareUtf8(a.accountId, b.accountId) ||
  Number(a.currency !== null) - Number(b.currency !== null) ||
  compareUtf8(a.currency ?? '', b.currency ?? '');

const inOrder = (months: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...months].sort(([a], [b]) => compareUtf8(a, b)));

/**
 * Reads transactions in the package's order and adds them up. Its size grows with the accounts, months and files that
 * the transactions name, not with the transactions.
 */
export class TransactionTally {
  readonly #byMonth = new Map<string, number>();
  readonly #references = byReference(() => new Map<string, { count: number; first: string }>());
  /** By account, then by currency. */
  readonly #totals = new Map<string, Map<string | null, AccountTotal>>();
  /** Those that hold bookings of the date at hand. */
  readonly #openTotals = new Set<AccountTotal>();
  #date: unknown;
  #month = '';
  #count = 0;
  #withoutAmount: TransactionTallies['withoutAmount'] = { count: 0 };

  add(record: JsonRecord): void {
    const { date } = record;
    const id = textOf(record['transactionId']) ?? '';
    if (date !== this.#date || this.#count === 0) this.#beginDay(date);
    this.#count += 1;
    this.#byMonth.set(this.#month, (this.#byMonth.get(this.#month) ?? 0) + 1);
    for (const attribute of TRANSACTION_REFERENCES) {
      for (const to of idsIn(record, attribute)) this.#refer(attribute, to, id);
    }
    const total = this.#totalOf(record);
    this.#openTotals.add(total);
    if (!total.add(record)) {
      const { first = id, count } = this.#withoutAmount;
      this.#withoutAmount = { count: count + 1, first };
    }
  }

  result(): TransactionTallies {
    return {
      count: this.#count,
      byMonth: inOrder(this.#byMonth),
      references: byReference((attribute) => this.#referencesBy(attribute)),
      controlTotals: [...this.#totals.values()]
        .flatMap((totals) => [...totals.values()])
        .sort(byAccountAndCurrency)
        .map((total) => total.result()),
      withoutAmount: this.#withoutAmount,
    };
  }

  /** Bookings are held until their date is over, so only those of one date are held at a time. */
  #beginDay(date: unknown): void {
    for (const total of this.#openTotals) total.endDay();
    this.#openTotals.clear();
    this.#date = date;
    this.#month = monthOf(date);
  }

  #referencesBy(attribute: TransactionReference): Reference[] {
    return [...this.#references[attribute]].map(([id, { count, first }]) => ({ id, count, first }));
  }

  #refer(attribute: TransactionReference, to: string, by: string): void {
    const known = this.#references[attribute].get(to);
    if (known === undefined) this.#references[attribute].set(to, { count: 1, first: by });
    else known.count += 1;
  }

  #totalOf(record: JsonRecord): AccountTotal {
    const accountId = textOf(record['accountId']) ?? '';
    const currency = textOf(record['currency']) ?? null;
    const known = this.#totals.get(accountId)?.get(currency);
    if (known !== undefined) return known;
    const total = new AccountTotal(accountId, currency);
    const ofAccount = this.#totals.get(accountId) ?? new Map<string | null, AccountTotal>();
    this.#totals.set(accountId, ofAccount.set(currency, total));
    return total;
  }
}

const mergeMonths = (tallies: readonly TransactionTallies[]): Record<string, number> => {
  const months = new Map<string, number>();
  for (const [month, count] of tallies.flatMap(({ byMonth }) => Object.entries(byMonth)))
    months.set(month, (months.get(month) ?? 0) + count);
  return inOrder(months);
};

const mergeReferences = (lists: readonly (readonly Reference[])[]): Reference[] => {
  const merged = new Map<string, Reference>();
  for (const { id, count, first } of lists.flat()) {
    const known = merged.get(id);
    merged.set(id, known === undefined ? { id, count, first } : { ...known, count: known.count + count });
  }
  return [...merged.values()];
};

const mergeTotals = (lists: readonly (readonly ControlTotal[])[]): ControlTotal[] => {
  const merged = new Map<string, ControlTotal>();
  for (const total of lists.flat()) {
    const known = merged.get(totalKey(total));
    merged.set(totalKey(total), known === undefined ? total : mergeControlTotals(known, total));
  }
  return [...merged.values()].sort(byAccountAndCurrency);
};

/**
 * The tallies of consecutive parts as the one that all their transactions would have given. Parts must be in order, and
 * no date in two of them.
 */
export const mergeTallies = (tallies: readonly TransactionTallies[]): TransactionTallies => {
  const referencesBy = (attribute: TransactionReference): Reference[] =>
    mergeReferences(tallies.map(({ references: found }) => found[attribute]));
  const first = tallies.find(({ withoutAmount }) => withoutAmount.count > 0)?.withoutAmount.first;
  return {
    count: sum(tallies.map(({ count }) => count)),
    byMonth: mergeMonths(tallies),
    references: byReference(referencesBy),
    controlTotals: mergeTotals(tallies.map(({ controlTotals }) => controlTotals)),
    withoutAmount: {
      count: sum(tallies.map(({ withoutAmount }) => withoutAmount.count)),
      ...(first === undefined ? {} : { first }),
    },
  };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
