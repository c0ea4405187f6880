import { Big } from 'big.js';
import * as z from 'zod/mini';
import { compareUtf8 } from './compare-utf8.ts';

/** The sums over one account's transactions in one currency; every figure an exact decimal as text. */
export const controlTotal = z.strictObject({
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
  /**
   * At the last transaction with a stored balance: that balance less the running net, which is what the account began
   * with. Null where there is none, or where too many share its date to tell.
   */
  balanceMinusNet: z.nullable(z.string()),
  /** Whether it is the same at every transaction with a stored balance; null where one of them could not be told. */
  balanceMinusNetConstant: z.nullable(z.boolean()),
});
export type ControlTotal = z.infer<typeof controlTotal>;

interface Booking {
  readonly importOrder: number;
  readonly transactionId: string;
  readonly amount: Big | undefined;
  readonly balance: Big | undefined;
}

/** Bookings of one day that are put in order in memory; of more, the order is not followed. */
const LARGEST_DAY = 10_000;

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

const decimalOf = (value: unknown): Big | undefined =>
  typeof value === 'string' && DECIMAL.test(value) ? new Big(value) : undefined;

const bookingOf = ({ importOrder, transactionId, amount, balance }: Booked): Booking => ({
  importOrder: typeof importOrder === 'number' ? importOrder : 0,
  transactionId: typeof transactionId === 'string' ? transactionId : '',
  amount: decimalOf(amount),
  balance: decimalOf(balance),
});

const byImport = (a: Booking, b: Booking): number =>
  a.importOrder - b.importOrder || compareUtf8(a.transactionId, b.transactionId);

const ZERO = new Big(0);

/** What a total takes from a transaction as the package writes it; any attribute may be missing or of another type. */
export interface Booked {
  readonly importOrder?: unknown;
  readonly transactionId?: unknown;
  readonly amount?: unknown;
  readonly balance?: unknown;
}

/**
 * Adds up one account's transactions in one currency as they pass, day by day. Within a day the order of booking is that
 * of import (`importOrder`), which is the order in which a bank's running balance makes sense.
 */
export class AccountTotal {
  readonly accountId: string;
  readonly currency: string | null;
  #count = 0;
  #debits = ZERO;
  #credits = ZERO;
  #day: Booking[] = [];
  #crowded = false;
  /** Of a crowded day: the last booking so far that has a balance. */
  #lastOfDay: Booking | undefined;
  #running = ZERO;
  #lastBalance: Big | undefined;
  #offset: Big | undefined;
  #constant: boolean | null = true;

  constructor(accountId: string, currency: string | null) {
    this.accountId = accountId;
    this.currency = currency;
  }

  /** Takes a transaction of the day at hand; false when it has no amount that could be added. */
  add(record: Booked): boolean {
    const booking = bookingOf(record);
    const { amount } = booking;
    this.#count += 1;
    if (amount !== undefined && amount.s < 0) this.#debits = this.#debits.plus(amount);
    if (amount !== undefined && amount.s > 0) this.#credits = this.#credits.plus(amount);
    this.#day.push(booking);
    if (this.#day.length > LARGEST_DAY) this.#crowd();
    return amount !== undefined;
  }

  /** What comes next is of another date. */
  endDay(): void {
    if (this.#crowded) this.#endCrowdedDay();
    else for (const booking of this.#day.sort(byImport)) this.#follow(booking);
    this.#day = [];
  }

  result(): ControlTotal {
    this.endDay();
    return {
      accountId: this.accountId,
      currency: this.currency,
      count: this.#count,
      debits: this.#debits.toFixed(),
      credits: this.#credits.toFixed(),
      net: this.#debits.plus(this.#credits).toFixed(),
      lastBalance: this.#lastBalance?.toFixed() ?? null,
      balanceMinusNet: this.#offset?.toFixed() ?? null,
      balanceMinusNetConstant: this.#lastBalance === undefined ? null : this.#constant,
    };
  }

  #follow({ amount, balance }: Booking): void {
    if (amount !== undefined) this.#running = this.#running.plus(amount);
    if (balance === undefined) return;
    const offset = balance.minus(this.#running);
    if (this.#constant === true && this.#offset?.eq(offset) === false) this.#constant = false;
    this.#offset = offset;
    this.#lastBalance = balance;
  }

  /** Keeps of the bookings held what can be known of them without their order: their sum, and which comes last. */
  #crowd(): void {
    this.#crowded = true;
    for (const booking of this.#day) {
      if (booking.amount !== undefined) this.#running = this.#running.plus(booking.amount);
      if (booking.balance === undefined) continue;
      if (this.#lastOfDay === undefined || byImport(this.#lastOfDay, booking) < 0) this.#lastOfDay = booking;
    }
    this.#day = [];
  }

  #endCrowdedDay(): void {
    this.#crowd();
    if (this.#lastOfDay !== undefined) {
      this.#lastBalance = this.#lastOfDay.balance;
      this.#offset = undefined;
      this.#constant = null;
    }
    this.#lastOfDay = undefined;
    this.#crowded = false;
  }
}

/**
 * The total of bookings that one total has up to some date and another from there on: what a single one over all of
 * them would tell. Both are of the same account and currency.
 */
export const mergeControlTotals = (earlier: ControlTotal, later: ControlTotal): ControlTotal => {
  const [debits, credits] = [plus(earlier.debits, later.debits), plus(earlier.credits, later.credits)];
  const sums = { count: earlier.count + later.count, debits, credits, net: plus(debits, credits) };
  if (later.lastBalance === null) return { ...earlier, ...sums };
  const balanceMinusNet =
    later.balanceMinusNet === null ? null : new Big(later.balanceMinusNet).minus(earlier.net).toFixed();
  const balanceMinusNetConstant =
    earlier.lastBalance === null
      ? later.balanceMinusNetConstant
      : isConstantOver(earlier, { ...later, balanceMinusNet });
  return { ...later, ...sums, balanceMinusNet, balanceMinusNetConstant };
};

const plus = (a: string, b: string): string => new Big(a).plus(b).toFixed();

/** Where both have balances, and the later one's is counted from where the earlier one began. */
const isConstantOver = (earlier: ControlTotal, later: ControlTotal): boolean | null => {
  if (earlier.balanceMinusNetConstant === null || later.balanceMinusNetConstant === null) return null;
  return (
    earlier.balanceMinusNetConstant &&
    later.balanceMinusNetConstant &&
    earlier.balanceMinusNet === later.balanceMinusNet
  );
};
