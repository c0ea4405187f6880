import * as z from 'zod/mini';
import { compareUtf8 } from './compare-utf8.ts';
import { AccountTotal, controlTotal } from './control-total.ts';

/** What transactions refer to: for each id, how many do, and the first that does. */
const references = z.record(z.string(), z.object({ count: z.number(), first: z.string() }));
export type References = z.infer<typeof references>;

/** The attributes by which a transaction refers to other records. */
export const TRANSACTION_REFERENCES = ['accountId', 'fileId', 'primaryCategoryId'] as const;
export type TransactionReference = (typeof TRANSACTION_REFERENCES)[number];

/** What is known about a package's transactions beside the records: told by the collector, computed again by the verifier. */
export const transactionTally = z.object({
  count: z.number(),
  /** Transactions by UTC month (`2026-11`); those whose date is no calendar date are under `undated`. */
  byMonth: z.record(z.string(), z.number()),
  references: z.object({ accountId: references, fileId: references, primaryCategoryId: references }),
  controlTotals: z.array(controlTotal),
  /** Transactions whose amount is missing or no decimal, and the first of them. */
  withoutAmount: z.object({ count: z.number(), first: z.optional(z.string()) }),
});
export type TransactionTallies = z.infer<typeof transactionTally>;

/** A transaction as the package writes it, parsed; any attribute may be missing or of another type. */
export type TransactionRecord = Readonly<Record<string, unknown>>;

const LATEST_INSTANT_MS = 8.64e15;

const monthOf = (date: unknown): string =>
  typeof date === 'number' && Math.abs(date) <= LATEST_INSTANT_MS
    ? new Date(date).toISOString().replace(/-\d\dT.*$/, '')
    : 'undated';

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * Reads transactions in the package's order and adds them up. Its size grows with the accounts, months and files that
 * the transactions name, not with the transactions.
 */
export class TransactionTally {
  readonly #byMonth = new Map<string, number>();
  readonly #references: Readonly<
    Record<TransactionReference, Map<string, { count: number; first: string }>>
  > = {
    accountId: new Map(),
    fileId: new Map(),
    primaryCategoryId: new Map(),
  };
  readonly #totals = new Map<string, AccountTotal>();
  #count = 0;
  #withoutAmount: TransactionTallies['withoutAmount'] = { count: 0 };

  add(record: TransactionRecord): void {
    const id = textOf(record['transactionId']) ?? '';
    this.#count += 1;
    const month = monthOf(record['date']);
    this.#byMonth.set(month, (this.#byMonth.get(month) ?? 0) + 1);
    for (const attribute of TRANSACTION_REFERENCES) this.#refer(attribute, textOf(record[attribute]), id);
    if (!this.#totalOf(record).add(record)) {
      this.#withoutAmount = { first: id, ...this.#withoutAmount, count: this.#withoutAmount.count + 1 };
    }
  }

  result(): TransactionTallies {
    return {
      count: this.#count,
      byMonth: Object.fromEntries([...this.#byMonth].sort(([a], [b]) => compareUtf8(a, b))),
      references: {
        accountId: Object.fromEntries(this.#references.accountId),
        fileId: Object.fromEntries(this.#references.fileId),
        primaryCategoryId: Object.fromEntries(this.#references.primaryCategoryId),
      },
      controlTotals: [...this.#totals]
        .sort(([a], [b]) => compareUtf8(a, b))
        .map(([, total]) => total.result()),
      withoutAmount: this.#withoutAmount,
    };
  }

  #refer(attribute: TransactionReference, to: string | undefined, by: string): void {
    if (to === undefined) return;
    const known = this.#references[attribute].get(to);
    if (known === undefined) this.#references[attribute].set(to, { count: 1, first: by });
    else known.count += 1;
  }

  #totalOf(record: TransactionRecord): AccountTotal {
    const accountId = textOf(record['accountId']) ?? '';
    const currency = textOf(record['currency']) ?? null;
    const key = `${accountId}\0${currency ?? ''}`;
    const known = this.#totals.get(key);
    if (known !== undefined) return known;
    const total = new AccountTotal(accountId, currency);
    this.#totals.set(key, total);
    return total;
  }
}
