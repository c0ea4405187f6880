import * as z from 'zod/mini';
import { compareUtf8 } from './compare-utf8.ts';
import {
  exactDecimal,
  isEqual,
  minus,
  plainText,
  plus,
  signOf,
  ZERO,
  type ExactDecimal,
} from './exact-decimal.ts';

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
  readonly amount: ExactDecimal | undefined;
  readonly balance: ExactDecimal | undefined;
}

/** Bookings of one day that are put in order in memory; of more, the order is not followed. */
const LARGEST_DAY = 10_000;

const decimalOf = (value: unknown): ExactDecimal | undefined =>
  typeof value === 'string' ? exactDecimal(value) : undefined;

const bookingOf = ({ importOrder, transactionId, amount, balance }: Booked): Booking => ({
  importOrder: typeof importOrder === 'number' ? importOrder : 0,
  transactionId: typeof transactionId === 'string' ? transactionId : '',
  amount: decimalOf(amount),
  balance: decimalOf(balance),
});

const plainTextIfAny = (value: ExactDecimal | undefined): string | null =>
  value === undefined ? null : plainText(value);

const byImport = (a: Booking, b: Booking): number =>
  a.importOrder - b.importOrder || compareUtf8(a.transactionId, b.transactionId);

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
  #debits: ExactDecimal = ZERO;
  #credits: ExactDecimal = ZERO;
  #day: Booking[] = [];
  #crowded = false;
  /** Of a crowded day: the last booking so far that has a balance. */
  #lastOfDay: Booking | undefined;
  #running: ExactDecimal = ZERO;
  #lastBalance: ExactDecimal | undefined;
  #offset: ExactDecimal | undefined;
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
    if (amount !== undefined && signOf(amount) < 0) this.#debits = plus(this.#debits, amount);
    if (amount !== undefined && signOf(amount) > 0) this.#credits = plus(this.#credits, amount);
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
      debits: plainText(this.#debits),
      credits: plainText(this.#credits),
      net: plainText(plus(this.#debits, this.#credits)),
      lastBalance: plainTextIfAny(this.#lastBalance),
      balanceMinusNet: plainTextIfAny(this.#offset),
      balanceMinusNetConstant: this.#lastBalance === undefined ? null : this.#constant,
    };
  }

  #follow({ amount, balance }: Booking): void {
    if (amount !== undefined) this.#running = plus(this.#running, amount);
    if (balance === undefined) return;
    const offset = minus(balance, this.#running);
    if (this.#constant === true && this.#offset !== undefined && !isEqual(this.#offset, offset))
      this.#constant = false;
    this.#offset = offset;
    this.#lastBalance = balance;
  }

  /** Keeps of the bookings held what can be known of them without their order: their sum, and which comes last. */
  #crowd(): void {
    this.#crowded = true;
    for (const booking of this.#day) {
      if (booking.amount !== undefined) this.#running = plus(this.#running, booking.amount);
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
  const [debits, credits] = [sum(earlier.debits, later.debits), sum(earlier.credits, later.credits)];
  const sums = { count: earlier.count + later.count, debits, credits, net: sum(debits, credits) };
  if (later.lastBalance === null) return { ...earlier, ...sums };
  const balanceMinusNet =
    later.balanceMinusNet === null
      ? null
      : plainText(minus(figure(later.balanceMinusNet), figure(earlier.net)));
  const balanceMinusNetConstant =
    earlier.lastBalance === null
      ? later.balanceMinusNetConstant
      : isConstantOver(earlier, { ...later, balanceMinusNet });
  return { ...later, ...sums, balanceMinusNet, balanceMinusNetConstant };
};

/** A figure of a total. @throws TypeError when it is no decimal */
const figure = (text: string): ExactDecimal => {
  const value = exactDecimal(text);
  if (value === undefined) throw new TypeError('A control total has a figure that is no decimal.');
  return value;
};

const sum = (a: string, b: string): string => plainText(plus(figure(a), figure(b)));

/** Where both have balances, and the later one's is counted from where the earlier one began. */
const isConstantOver = (earlier: ControlTotal, later: ControlTotal): boolean | null => {
  if (earlier.balanceMinusNetConstant === null || later.balanceMinusNetConstant === null) return null;
  return (
    earlier.balanceMinusNetConstant &&
    later.balanceMinusNetConstant &&
    earlier.balanceMinusNet === later.balanceMinusNet
  );
};
