import { Big } from 'big.js';
import * as z from 'zod/mini';
import { compareUtf8 } from './compare-utf8.ts';

/** The sums over one account's transactions in one currency; every figure an exact decimal as text. */
export const controlTotal = z.object({
  accountId: z.string(),
  /** Null where the transactions name none. */
  currency: z.nullable(z.string()),
  /** Transactions, those without an amount included. */
  count: z.number(),
  /** Sum of the amounts below zero. */
  debits: z.string(),
  /** Sum of the amounts above zero. */
  credits: z.string(),
  net: z.string(),
  /** The balance that the last transaction with one has stored. */
  lastBalance: z.nullable(z.string()),
  /** At the last transaction with a stored balance: that balance less the running net, which is what the account began with. */
  balanceMinusNet: z.nullable(z.string()),
  /** Whether it is the same at every transaction with a stored balance; null when too many share one date to tell. */
  balanceMinusNetConstant: z.nullable(z.boolean()),
});
export type ControlTotal = z.infer<typeof controlTotal>;

interface Booking {
  readonly importOrder: number;
  readonly transactionId: string;
  readonly amount: Big | undefined;
  readonly balance: Big | undefined;
}

/** Bookings of one date that are put in order in memory; of more, the order of balances is not followed. */
const LARGEST_DAY = 10_000;

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

const decimalOf = (value: unknown): Big | undefined =>
  typeof value === 'string' && DECIMAL.test(value) ? new Big(value) : undefined;

const byImport = (a: Booking, b: Booking): number =>
  a.importOrder - b.importOrder || compareUtf8(a.transactionId, b.transactionId);

const ZERO = new Big(0);

/**
 * Adds up one account's transactions in one currency as they pass in the order of their dates. Within a date the order
 * of booking is that of import (`importOrder`), which is the order in which a bank's running balance makes sense.
 */
export class AccountTotal {
  readonly #accountId: string;
  readonly #currency: string | null;
  #count = 0;
  #debits = ZERO;
  #credits = ZERO;
  #date: unknown;
  #day: Booking[] = [];
  #running = ZERO;
  #lastBalance: Big | undefined;
  #offset: Big | undefined;
  #constant: boolean | null = true;

  constructor(accountId: string, currency: string | null) {
    this.#accountId = accountId;
    this.#currency = currency;
  }

  /** False when the record has no amount that could be added. */
  add(record: Readonly<Record<string, unknown>>): boolean {
    const { date, importOrder, transactionId } = record;
    const amount = decimalOf(record['amount']);
    if (date !== this.#date) this.#closeDay();
    this.#date = date;
    this.#count += 1;
    if (amount?.lt(ZERO) === true) this.#debits = this.#debits.plus(amount);
    if (amount?.gt(ZERO) === true) this.#credits = this.#credits.plus(amount);
    this.#day.push({
      importOrder: typeof importOrder === 'number' ? importOrder : 0,
      transactionId: typeof transactionId === 'string' ? transactionId : '',
      amount,
      balance: decimalOf(record['balance']),
    });
    if (this.#day.length > LARGEST_DAY) {
      this.#constant = null;
      this.#closeDay();
    }
    return amount !== undefined;
  }

  result(): ControlTotal {
    this.#closeDay();
    return {
      accountId: this.#accountId,
      currency: this.#currency,
      count: this.#count,
      debits: this.#debits.toFixed(),
      credits: this.#credits.toFixed(),
      net: this.#debits.plus(this.#credits).toFixed(),
      lastBalance: this.#lastBalance?.toFixed() ?? null,
      balanceMinusNet: this.#offset?.toFixed() ?? null,
      balanceMinusNetConstant: this.#offset === undefined ? null : this.#constant,
    };
  }

  #closeDay(): void {
    for (const { amount, balance } of this.#day.sort(byImport)) {
      if (amount !== undefined) this.#running = this.#running.plus(amount);
      if (balance === undefined) continue;
      const offset = balance.minus(this.#running);
      if (this.#constant === true && this.#offset?.eq(offset) === false) this.#constant = false;
      this.#offset = offset;
      this.#lastBalance = balance;
    }
    this.#day = [];
  }
}
