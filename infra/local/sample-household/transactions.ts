import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { flag, item, list, map, number, text } from './attribute-values.ts';
import type { Item } from './attribute-values.ts';
import { DAY_MS } from './calendar.ts';
import { categorisation } from './categories.ts';
import type { Merchant } from './merchants.ts';
import { decimalFromCents } from './money.ts';
import type { PseudoRandom } from './pseudo-random.ts';
import { sampleHash } from './sample-id.ts';
import type { Statement, StatementEntry } from './statement.ts';

const SHARE_LEFT_UNCATEGORISED = 0.08;
const SHARE_CONFIRMED = 0.7;

/** When a statement was uploaded and its transactions were made, ms. */
export const uploadDateOf = (statement: Statement): number => statement.end + 2 * DAY_MS;

const assignment = (
  userId: string,
  merchant: Merchant,
  assignedAt: number,
  random: PseudoRandom,
): AttributeValue => {
  const { categoryId, ruleId } = categorisation(userId, merchant);
  const isConfirmed = random.chance(SHARE_CONFIRMED);
  const isManual = random.chance(0.1);
  return map({
    categoryId: text(categoryId),
    confidence: number(isManual ? 100 : random.integer(55, 99)),
    status: text(isConfirmed ? 'confirmed' : 'suggested'),
    isManual: flag(isManual),
    assignedAt: number(assignedAt),
    confirmedAt: isConfirmed ? number(assignedAt + random.integer(1, 14 * DAY_MS)) : undefined,
    ruleId: isManual ? undefined : text(ruleId),
  });
};

const categoryAttributes = (
  userId: string,
  { merchant }: StatementEntry,
  assignedAt: number,
  random: PseudoRandom,
): Item => {
  if (merchant === undefined || random.chance(SHARE_LEFT_UNCATEGORISED)) return { categories: list([]) };
  return {
    categories: list([assignment(userId, merchant, assignedAt, random)]),
    primaryCategoryId: text(categorisation(userId, merchant).categoryId),
  };
};

const transactionItem = (
  statement: Statement,
  entry: StatementEntry,
  importOrder: number,
  random: PseudoRandom,
): Item => {
  const { userId } = statement;
  const createdAt = uploadDateOf(statement);
  return item({
    transactionId: text(entry.transactionId),
    userId: text(userId),
    accountId: text(statement.accountId),
    fileId: text(statement.fileId),
    date: number(entry.date),
    description: text(entry.description),
    amount: number(entry.amount),
    currency: text(statement.account.currency),
    balance: entry.balanceCents === null ? undefined : number(decimalFromCents(entry.balanceCents)),
    importOrder: number(importOrder),
    transactionType: text(entry.amount.startsWith('-') ? 'DEBIT' : 'CREDIT'),
    fitId: text(entry.bankReference),
    status: text('processed'),
    statusDate: text(`processed#${entry.date}`),
    transactionHash: number(sampleHash(entry.transactionId)),
    ...categoryAttributes(userId, entry, createdAt, random),
    createdAt: number(createdAt),
    updatedAt: number(createdAt),
    ...entry.oddities,
  });
};

/** The records of all transactions on the statements; each points to the file it came with. */
export const transactionItems = (statements: readonly Statement[], random: PseudoRandom): Item[] =>
  statements.flatMap((statement) =>
    statement.entries.map((entry, index) => transactionItem(statement, entry, index, random)),
  );
