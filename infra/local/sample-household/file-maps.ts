import { flag, item, list, map, number, text } from './attribute-values.ts';
import type { Item } from './attribute-values.ts';
import type { AccountPlan, HouseholdPlan } from './household-plans.ts';
import { sampleId } from './sample-id.ts';
import { accountIdOf } from './statement.ts';
import type { StatementFormat } from './statement.ts';

type Mapping = readonly [sourceField: string, targetField: string, transformation?: string];

const TABLE_MAPPINGS: readonly Mapping[] = [
  ['Date', 'date', 'date:YYYY-MM-DD'],
  ['Description', 'description'],
  ['Amount', 'amount'],
  ['Currency', 'currency'],
  ['Reference', 'fitId'],
];

/** Which field of a statement becomes which field of a transaction. */
const MAPPINGS: Record<StatementFormat, readonly Mapping[]> = {
  csv: TABLE_MAPPINGS,
  xlsx: TABLE_MAPPINGS,
  ofx: [
    ['DTPOSTED', 'date', 'date:YYYYMMDD'],
    ['NAME', 'description'],
    ['TRNAMT', 'amount'],
    ['FITID', 'fitId'],
    ['MEMO', 'memo', 'trim'],
  ],
  qif: [
    ['D', 'date', 'date:MM/DD/YYYY'],
    ['P', 'description'],
    ['T', 'amount'],
  ],
  pdf: [
    ['column 1', 'date', 'date:YYYY-MM-DD'],
    ['column 2', 'description', 'trim'],
    ['column 3', 'amount'],
  ],
};

export const fileMapIdOf = (userId: string, account: AccountPlan): string =>
  sampleId(userId, 'file map', account.key);

const fileMapItem = (userId: string, account: AccountPlan, createdAt: number): Item =>
  item({
    fileMapId: text(fileMapIdOf(userId, account)),
    userId: text(userId),
    name: text(`${account.institution ?? account.accountName} ${account.statementFormat.toUpperCase()}`),
    accountId: text(accountIdOf(userId, account)),
    description: account.isActive ? text(`How statements of ${account.accountName} are read`) : undefined,
    mappings: list(
      MAPPINGS[account.statementFormat].map(([sourceField, targetField, transformation]) =>
        map({
          sourceField: text(sourceField),
          targetField: text(targetField),
          transformation: transformation === undefined ? undefined : text(transformation),
        }),
      ),
    ),
    reverseAmounts: flag(account.accountType === 'loan'),
    createdAt: number(createdAt),
    updatedAt: number(createdAt),
  });

/** The records of a household's file maps, one for each account. */
export const fileMapItems = ({ userId, accounts }: HouseholdPlan, createdAt: number): Item[] =>
  accounts.map((account) => fileMapItem(userId, account, createdAt));
