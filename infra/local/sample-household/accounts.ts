import { flag, item, number, text } from './attribute-values.ts';
import type { Item } from './attribute-values.ts';
import { DAY_MS } from './calendar.ts';
import { fileMapIdOf } from './file-maps.ts';
import type { AccountPlan, HouseholdPlan } from './household-plans.ts';
import { decimalFromCents } from './money.ts';
import { accountIdOf } from './statement.ts';
import type { Statement } from './statement.ts';

const accountItem = (account: AccountPlan, statements: readonly Statement[], createdAt: number): Item => {
  const last = statements.at(-1);
  if (last === undefined) throw new Error(`Account ${account.key} has no statement.`);
  const { userId } = last;
  const lastEntry = last.entries.at(-1);
  return item({
    accountId: text(accountIdOf(userId, account)),
    userId: text(userId),
    accountName: text(account.accountName),
    accountType: text(account.accountType),
    institution: account.institution === undefined ? undefined : text(account.institution),
    balance: number(decimalFromCents(last.closingCents)),
    currency: text(account.currency),
    notes: account.notes === undefined ? undefined : text(account.notes),
    isActive: flag(account.isActive),
    defaultFileMapId: text(fileMapIdOf(userId, account)),
    lastTransactionDate: lastEntry === undefined ? undefined : number(lastEntry.date),
    createdAt: number(createdAt),
    updatedAt: number(last.end + 2 * DAY_MS),
  });
};

/** The records of a household's accounts. The first two were added at the same moment, so they tie in the index. */
export const accountItems = (
  plan: HouseholdPlan,
  statements: readonly Statement[],
  createdAt: number,
): Item[] =>
  plan.accounts.map((account, index) =>
    accountItem(
      account,
      statements.filter((statement) => statement.account === account),
      createdAt + Math.max(0, index - 1) * DAY_MS,
    ),
  );
