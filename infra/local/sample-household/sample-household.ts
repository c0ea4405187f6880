import type { ApplicationTableVariable } from '../application-tables.ts';
import { accountItems } from './accounts.ts';
import { analyticsItems } from './analytics.ts';
import type { Item } from './attribute-values.ts';
import { ordinaryBookings } from './bookings.ts';
import type { Booking, History } from './bookings.ts';
import { monthBefore } from './calendar.ts';
import { categoryItems } from './categories.ts';
import { curiousBookings } from './curious-bookings.ts';
import { fileMapItems } from './file-maps.ts';
import { uploadedFiles } from './files.ts';
import type { SampleFile } from './files.ts';
import { HOUSEHOLD_PLANS } from './household-plans.ts';
import type { AccountPlan, HouseholdPlan } from './household-plans.ts';
import { createPseudoRandom } from './pseudo-random.ts';
import { statementsOf } from './statement.ts';
import type { Statement } from './statement.ts';
import { transactionItems } from './transactions.ts';

export interface SampleHousehold {
  /** The records of both users, by the variable that names their table. */
  readonly items: Readonly<Record<ApplicationTableVariable, readonly Item[]>>;
  /** The objects of the file bucket, of both users. */
  readonly files: readonly SampleFile[];
}

export interface SampleOptions {
  /** Another seed gives other bookings on the same accounts, with the same ids. */
  readonly seed?: number;
  /** The history ends with the month before this date's (ms). */
  readonly referenceDate?: number;
}

const DEFAULT_SEED = 1;
const DEFAULT_REFERENCE_DATE = Date.UTC(2026, 9, 1);

/** Where a curious household keeps its oddities: in the account whose statements are CSV, the format that can hold them. */
const CURIOUS_ACCOUNT = 'giro';

const bookingsOf = (plan: HouseholdPlan, account: AccountPlan, history: History, seed: number): Booking[] => {
  const random = createPseudoRandom(`${seed}/${plan.userId}/bookings/${account.key}`);
  const ordinary = ordinaryBookings(account, history, random);
  if (!plan.isCurious || account.key !== CURIOUS_ACCOUNT) return ordinary;
  return [...ordinary, ...curiousBookings(history.end, random)].sort((one, other) => one.date - other.date);
};

const generateFor = async (plan: HouseholdPlan, end: number, seed: number): Promise<SampleHousehold> => {
  const history = { end, months: plan.months };
  const createdAt = monthBefore(end, plan.months);
  const statements: Statement[] = plan.accounts.flatMap((account) =>
    statementsOf({ userId: plan.userId, account }, history, bookingsOf(plan, account, history, seed)),
  );
  const files = await uploadedFiles(plan, statements);
  return {
    items: {
      ACCOUNTS_TABLE: accountItems(plan, statements, createdAt),
      TRANSACTIONS_TABLE: transactionItems(
        statements,
        createPseudoRandom(`${seed}/${plan.userId}/categorisation`),
      ),
      CATEGORIES_TABLE_NAME: categoryItems(plan, createdAt),
      FILE_MAPS_TABLE: fileMapItems(plan, createdAt),
      FILES_TABLE: files.map(({ record }) => record),
      ANALYTICS_DATA_TABLE: analyticsItems(plan.userId, statements, end),
    },
    files: files.map(({ object }) => object),
  };
};

/**
 * A household of two users, `SAMPLE_USER_ID` with six years of history and `SECOND_SAMPLE_USER_ID` with a little. Pure: the
 * same options give the same records and the same bytes on any machine. Nobody and no company in it exists.
 */
export const generateSampleHousehold = async ({
  seed = DEFAULT_SEED,
  referenceDate = DEFAULT_REFERENCE_DATE,
}: SampleOptions = {}): Promise<SampleHousehold> => {
  const end = monthBefore(referenceDate, 0);
  const households = await Promise.all(HOUSEHOLD_PLANS.map((plan) => generateFor(plan, end, seed)));
  const all = (variable: ApplicationTableVariable) => households.flatMap(({ items }) => items[variable]);
  return {
    items: {
      ACCOUNTS_TABLE: all('ACCOUNTS_TABLE'),
      TRANSACTIONS_TABLE: all('TRANSACTIONS_TABLE'),
      CATEGORIES_TABLE_NAME: all('CATEGORIES_TABLE_NAME'),
      FILE_MAPS_TABLE: all('FILE_MAPS_TABLE'),
      FILES_TABLE: all('FILES_TABLE'),
      ANALYTICS_DATA_TABLE: all('ANALYTICS_DATA_TABLE'),
    },
    files: households.flatMap(({ files }) => files),
  };
};
