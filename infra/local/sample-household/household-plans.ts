import { LARGE_CATEGORY_TREE, SMALL_CATEGORY_TREE } from './category-tree.ts';
import type { CategoryTree } from './category-tree.ts';
import * as merchants from './merchants.ts';
import type { Merchant, StandingOrder } from './merchants.ts';
import type { StatementFormat } from './statement.ts';

/** How one account lives: what is booked on it and how its bank writes statements. */
export interface AccountPlan {
  /** Unique within the household; ids are made from it. */
  readonly key: string;
  readonly accountName: string;
  readonly accountType: 'checking' | 'savings' | 'credit_card' | 'investment' | 'loan';
  readonly institution?: string;
  readonly currency: string;
  readonly notes?: string;
  readonly isActive: boolean;
  readonly openingCents: number;
  readonly statementFormat: StatementFormat;
  readonly monthsPerStatement: number;
  readonly standingOrders: readonly StandingOrder[];
  readonly merchants: readonly Merchant[];
  readonly everydayBookingsPerMonth: number;
}

export interface HouseholdPlan {
  readonly userId: string;
  /** Length of its history. */
  readonly months: number;
  readonly accounts: readonly AccountPlan[];
  readonly categories: CategoryTree;
  /** Whether it also holds the records and file names that software likes to stumble over. */
  readonly isCurious: boolean;
}

const MAIN_ACCOUNTS: readonly AccountPlan[] = [
  {
    key: 'giro',
    accountName: 'Girokonto gemeinsam',
    accountType: 'checking',
    institution: 'Nordlicht Genossenschaftsbank',
    currency: 'EUR',
    notes: 'Gehälter, Miete und alles Tägliche. Karte läuft 2027 ab.',
    isActive: true,
    openingCents: 214_730,
    statementFormat: 'csv',
    monthsPerStatement: 3,
    standingOrders: merchants.HOME_STANDING_ORDERS,
    merchants: merchants.HOME_MERCHANTS,
    everydayBookingsPerMonth: 46,
  },
  {
    key: 'card',
    accountName: 'Kreditkarte ✈️',
    accountType: 'credit_card',
    institution: 'Carta Azzurra',
    currency: 'EUR',
    isActive: true,
    openingCents: -45_120,
    statementFormat: 'ofx',
    monthsPerStatement: 3,
    standingOrders: merchants.CARD_STANDING_ORDERS,
    merchants: [...merchants.HOME_MERCHANTS, ...merchants.TRAVEL_MERCHANTS],
    everydayBookingsPerMonth: 59,
  },
  {
    key: 'savings',
    accountName: 'Sparkonto',
    accountType: 'savings',
    institution: 'Nordlicht Genossenschaftsbank',
    currency: 'EUR',
    notes: '',
    isActive: true,
    openingCents: 1_250_000,
    statementFormat: 'qif',
    monthsPerStatement: 6,
    standingOrders: merchants.SAVING_STANDING_ORDERS,
    merchants: merchants.SAVING_MERCHANTS,
    everydayBookingsPerMonth: 3,
  },
  {
    key: 'sterling',
    accountName: 'Northmoor current account',
    accountType: 'checking',
    institution: 'Bank of Thistledown',
    currency: 'GBP',
    isActive: true,
    openingCents: 83_004,
    statementFormat: 'pdf',
    monthsPerStatement: 9,
    standingOrders: merchants.BRITISH_STANDING_ORDERS,
    merchants: merchants.BRITISH_MERCHANTS,
    everydayBookingsPerMonth: 25,
  },
  {
    key: 'depot',
    accountName: 'Depot (long term)',
    accountType: 'investment',
    institution: 'Larkspur Brokerage',
    currency: 'USD',
    isActive: true,
    openingCents: 5_600_000,
    statementFormat: 'xlsx',
    monthsPerStatement: 12,
    standingOrders: merchants.INVESTMENT_STANDING_ORDERS,
    merchants: merchants.INVESTMENT_MERCHANTS,
    everydayBookingsPerMonth: 7,
  },
  {
    key: 'loan',
    accountName: 'Baukredit',
    accountType: 'loan',
    currency: 'EUR',
    isActive: false,
    openingCents: -9_480_000,
    statementFormat: 'pdf',
    monthsPerStatement: 12,
    standingOrders: merchants.LOAN_STANDING_ORDERS,
    merchants: merchants.LOAN_MERCHANTS,
    everydayBookingsPerMonth: 1,
  },
];

const SECOND_ACCOUNTS: readonly AccountPlan[] = [
  {
    key: 'current',
    accountName: 'Current account',
    accountType: 'checking',
    institution: 'Bank of Thistledown',
    currency: 'GBP',
    isActive: true,
    openingCents: 50_000,
    statementFormat: 'csv',
    monthsPerStatement: 3,
    standingOrders: merchants.BRITISH_STANDING_ORDERS,
    merchants: merchants.BRITISH_MERCHANTS,
    everydayBookingsPerMonth: 8,
  },
  {
    key: 'card',
    accountName: 'Credit card',
    accountType: 'credit_card',
    institution: 'Carta Azzurra',
    currency: 'GBP',
    isActive: true,
    openingCents: 0,
    statementFormat: 'ofx',
    monthsPerStatement: 6,
    standingOrders: merchants.CARD_STANDING_ORDERS,
    merchants: merchants.BRITISH_MERCHANTS,
    everydayBookingsPerMonth: 4,
  },
];

export const SAMPLE_USER_ID = 'sample-user';

/** Begins like the main user's id on purpose: a prefix compared without its end would let one see the other's files. */
export const SECOND_SAMPLE_USER_ID = 'sample-user-2';

export const HOUSEHOLD_PLANS: readonly HouseholdPlan[] = [
  {
    userId: SAMPLE_USER_ID,
    months: 72,
    accounts: MAIN_ACCOUNTS,
    categories: LARGE_CATEGORY_TREE,
    isCurious: true,
  },
  {
    userId: SECOND_SAMPLE_USER_ID,
    months: 6,
    accounts: SECOND_ACCOUNTS,
    categories: SMALL_CATEGORY_TREE,
    isCurious: false,
  },
];
