import * as z from 'zod/mini';

/** What a collector of transactions hands to the packager beside the records. */
export const transactionTally = z.object({
  /** Transactions by UTC month (`2026-11`); those whose date is no calendar date are under `undated`. */
  byMonth: z.record(z.string(), z.number()),
});

const LATEST_INSTANT_MS = 8.64e15;

const monthOf = (date: string): string => {
  const instant = Number(date);
  return Math.abs(instant) <= LATEST_INSTANT_MS && date !== ''
    ? new Date(instant).toISOString().replace(/-\d\dT.*$/, '')
    : 'undated';
};

/** Counts transactions as they pass; its size grows with the months, not with the transactions. */
export class TransactionTally {
  readonly #byMonth = new Map<string, number>();

  /** @param date epoch ms as text, as the index key holds it */
  add(date: string): void {
    const month = monthOf(date);
    this.#byMonth.set(month, (this.#byMonth.get(month) ?? 0) + 1);
  }

  /** The tally as JSON, for an interim object. */
  *content(): Generator<Uint8Array> {
    const byMonth = Object.fromEntries([...this.#byMonth].sort());
    yield Buffer.from(JSON.stringify({ byMonth } satisfies z.infer<typeof transactionTally>));
  }
}
