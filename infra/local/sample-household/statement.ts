import type { Booking, History } from './bookings.ts';
import { compactDay, monthBefore } from './calendar.ts';
import type { AccountPlan } from './household-plans.ts';
import { sampleId } from './sample-id.ts';

export type StatementFormat = 'csv' | 'ofx' | 'qif' | 'pdf' | 'xlsx';

export interface StatementEntry extends Booking {
  readonly transactionId: string;
  /** The bank's own number for it, unique within the account. */
  readonly bankReference: string;
  /** Balance after it, null where the amount has more digits than cents. */
  readonly balanceCents: number | null;
}

/** What was booked on one account in one span of months: the contents of one uploaded file. */
export interface Statement {
  readonly userId: string;
  readonly account: AccountPlan;
  readonly accountId: string;
  readonly fileId: string;
  /** First day, ms. */
  readonly start: number;
  /** The day after the last, ms. */
  readonly end: number;
  readonly openingCents: number;
  readonly closingCents: number;
  readonly entries: readonly StatementEntry[];
}

export const accountIdOf = (userId: string, account: AccountPlan): string =>
  sampleId(userId, 'account', account.key);

interface AccountOwner {
  readonly userId: string;
  readonly account: AccountPlan;
}

const withBalances = (owner: AccountOwner, bookings: readonly Booking[]): StatementEntry[] => {
  let balance = owner.account.openingCents;
  return bookings.map((booking, index) => {
    balance += booking.cents ?? 0;
    return {
      ...booking,
      transactionId: sampleId(owner.userId, 'transaction', owner.account.key, index),
      bankReference: `${compactDay(booking.date)}${String(index).padStart(6, '0')}`,
      balanceCents: booking.cents === null ? null : balance,
    };
  });
};

const changeOver = (entries: readonly StatementEntry[]): number =>
  entries.reduce((sum, { cents }) => sum + (cents ?? 0), 0);

/** Cuts an account's bookings (oldest first) into its bank's statements, oldest first; each starts where the last ended. */
export const statementsOf = (
  owner: AccountOwner,
  history: History,
  bookings: readonly Booking[],
): Statement[] => {
  const { userId, account } = owner;
  const entries = withBalances(owner, bookings);
  let openingCents = account.openingCents;
  return Array.from({ length: history.months / account.monthsPerStatement }, (_, index) => {
    const monthsLeft = history.months - index * account.monthsPerStatement;
    const start = monthBefore(history.end, monthsLeft);
    const end = monthBefore(history.end, monthsLeft - account.monthsPerStatement);
    const within = entries.filter(({ date }) => date >= start && date < end);
    const opening = openingCents;
    openingCents += changeOver(within);
    return {
      userId,
      account,
      accountId: accountIdOf(userId, account),
      fileId: sampleId(userId, 'file', account.key, index),
      start,
      end,
      openingCents: opening,
      closingCents: openingCents,
      entries: within,
    };
  });
};
