import * as z from 'zod/mini';
import { parsedExactly } from '../domain/exact-json.ts';
import { csvTable, dayCell, moneyCell, textCell, timeCell } from './csv-table.ts';
import { categoryPaths } from './category-path.ts';
import { ACCOUNTS_CSV_PATH, TRANSACTIONS_CSV_PATH } from '../domain/package-layout.ts';
import type { HouseholdSurvey } from './household-survey.ts';
import type { TableName } from './package-plan.ts';
import { readAsWritten } from './read-as-written.ts';

const storedRecord = z.record(z.string(), z.unknown());

/** A column of a table: what is in it for README.txt, and its cell for a record. */
interface Column {
  readonly title: string;
  readonly meaning: string;
  readonly cell: (record: Readonly<Record<string, unknown>>) => string;
}

const column = (
  title: string,
  meaning: string,
  write: (value: unknown) => string = textCell,
  attribute = title,
): Column => ({ title, meaning, cell: (record) => write(record[attribute]) });

/** The name behind an id; nothing where the package does not have it. */
const resolved =
  (nameOf: (id: string) => string | undefined) =>
  (id: unknown): string =>
    typeof id === 'string' ? textCell(nameOf(id)) : '';

const accountColumns = (): readonly Column[] => [
  column('accountName', 'name of the account'),
  column('accountType', 'checking, savings, credit_card, ...'),
  column('institution', 'the bank'),
  column('balance', 'balance as stored, an exact decimal', moneyCell),
  column('currency', 'its currency'),
  column('isActive', 'true or false'),
  column('lastTransactionDate', 'day of the last transaction', dayCell),
  column('notes', 'your notes'),
  column('createdAt', 'when the record was made', timeCell),
  column('updatedAt', 'when it was changed last', timeCell),
  column('accountId', 'the id that transactions name'),
];

const transactionColumns = ({ accounts, categories, files }: HouseholdSurvey): readonly Column[] => [
  column('date', 'day of the transaction (UTC)', dayCell),
  column('description', 'description'),
  column('amount', 'exact decimal; below zero is money spent', moneyCell),
  column('currency', 'its currency'),
  column('balance', 'balance after it, where the bank told it', moneyCell),
  column(
    'accountName',
    'account',
    resolved((id) => accounts.get(id)?.accountName),
    'accountId',
  ),
  column(
    'categoryPath',
    'category with those above it',
    resolved(categoryPaths(categories)),
    'primaryCategoryId',
  ),
  column('memo', 'memo'),
  column('transactionType', 'type, as the bank told it'),
  column('checkNumber', 'number of the cheque'),
  column('fitId', 'number that the bank gave it'),
  column('status', 'status'),
  column(
    'fileName',
    'statement file it came from',
    resolved((id) => files.get(id)?.fileName),
    'fileId',
  ),
  column('timestamp', 'the same date as a point in time (UTC)', timeCell, 'date'),
  column('importOrder', 'its place among those of its day'),
  column('transactionId', 'id of the transaction'),
  column('accountId', 'id of the account'),
  column('primaryCategoryId', 'id of the category'),
  column('fileId', 'id of the file, and its folder under files/'),
];

async function* rowsOf(
  columns: readonly Column[],
  records: AsyncIterable<string>,
): AsyncGenerator<readonly string[]> {
  for await (const json of records) {
    const record = readAsWritten(json, storedRecord, parsedExactly);
    yield columns.map(({ cell }) => cell(record));
  }
}

/** Where each table lies, and what it is for a reader. */
export const TABLE_FILES: Readonly<Record<TableName, { readonly path: string; readonly meaning: string }>> = {
  accounts: { path: ACCOUNTS_CSV_PATH, meaning: 'your accounts, for spreadsheets' },
  transactions: { path: TRANSACTIONS_CSV_PATH, meaning: 'your transactions, for spreadsheets' },
};

/** One of the sections that are written as a table too. */
export interface TableOf {
  readonly columns: readonly Pick<Column, 'title' | 'meaning'>[];
  readonly text: (records: AsyncIterable<string>) => AsyncGenerator<Uint8Array>;
}

const tableOf = (columns: readonly Column[]): TableOf => ({
  columns,
  text: (records) =>
    csvTable(
      columns.map(({ title }) => title),
      rowsOf(columns, records),
    ),
});

/** Accounts and transactions as tables, the names behind their ids resolved as far as the package has them. */
export const csvTables = (survey: HouseholdSurvey): Readonly<Record<TableName, TableOf>> => ({
  accounts: tableOf(accountColumns()),
  transactions: tableOf(transactionColumns(survey)),
});
