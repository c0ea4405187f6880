import type { Item } from './attribute-values.ts';
import { DAY_MS, monthBefore } from './calendar.ts';
import type { AccountPlan } from './household-plans.ts';
import type { Merchant } from './merchants.ts';
import { decimalFromCents } from './money.ts';
import type { PseudoRandom } from './pseudo-random.ts';

/** What happened on an account, as its bank knows it. */
export interface Booking {
  /** Midnight UTC in ms. */
  readonly date: number;
  readonly description: string;
  /** Exact decimal text, as it is stored. */
  readonly amount: string;
  /** What it adds to the balance; null for an amount with more digits than cents, which a later booking takes back. */
  readonly cents: number | null;
  readonly merchant?: Merchant;
  /** Attributes laid over the stored record. */
  readonly oddities?: Item;
}

/** The span a history covers: whole months, ending before `end` (ms). */
export interface History {
  readonly end: number;
  readonly months: number;
}

const REMARKS = ['', '', '', ' KARTE', ' SEPA-Lastschrift', ' / contactless', ' · paiement carte'];

const bookingAt = (date: number, merchant: Merchant, random: PseudoRandom): Booking => {
  const cents = random.integer(...merchant.cents);
  const reference = random.chance(0.3) ? ` ${String(random.integer(100_000, 999_999))}` : '';
  return {
    date,
    description: `${merchant.name}${random.pick(REMARKS)}${reference}`,
    amount: decimalFromCents(cents),
    cents,
    merchant,
  };
};

const monthOfBookings = (account: AccountPlan, monthStart: number, random: PseudoRandom): Booking[] => {
  const onDay = (day: number, merchant: Merchant) =>
    bookingAt(monthStart + (day - 1) * DAY_MS, merchant, random);
  const standing = account.standingOrders.map((order) => onDay(order.dayOfMonth, order.merchant));
  const everyday = Array.from({ length: account.everydayBookingsPerMonth }, () =>
    onDay(random.integer(1, 28), random.pick(account.merchants)),
  );
  return [...standing, ...everyday];
};

/** Everything ordinary that was booked on an account, oldest first. */
export const ordinaryBookings = (account: AccountPlan, history: History, random: PseudoRandom): Booking[] =>
  Array.from({ length: history.months }, (_, month) =>
    monthOfBookings(account, monthBefore(history.end, history.months - month), random),
  )
    .flat()
    .sort((one, other) => one.date - other.date);
