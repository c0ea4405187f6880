import type { JsonRecord } from '../../../../../shared/domain/json-record.ts';
import type { TransactionLine } from '../protocol.ts';
import { CodedColumn } from './coded-column.ts';
import { foldedText } from './folded-text.ts';
import { NumberColumn } from './number-column.ts';
import { TextColumn } from './text-column.ts';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Less than zero, zero or more than zero, by the decimal's own digits. */
export const signOfAmount = (amount: string): number =>
  /[1-9]/.test(amount) ? (amount.startsWith('-') ? -1 : 1) : 0;

/** With at least two places, so that both "12.5" and "12.50" find it. */
const searchedAmount = (amount: string): string => {
  const point = amount.indexOf('.');
  if (point < 0) return amount === '' ? '' : `${amount}.00`;
  return amount.padEnd(point + 3, '0');
};

/** Whatever splits lines or words is one space, so that a search never runs over a row's end. */
const onOneLine = (text: string): string => text.replace(/\s+/gu, ' ');

/** What of each transaction is shown in a line, filtered by or searched; the records themselves are not in it. */
export class TransactionColumns {
  readonly #dates = new NumberColumn((capacity) => new Float64Array(capacity));
  readonly #signs = new NumberColumn((capacity) => new Int8Array(capacity));
  readonly #descriptions = new TextColumn();
  readonly #amounts = new TextColumn();
  readonly #currencies = new CodedColumn();
  readonly accounts = new CodedColumn();
  readonly categories = new CodedColumn();
  readonly searched = new TextColumn();
  readonly #categoryNames: ReadonlyMap<string, string>;
  #inOrder = true;

  /** @param categoryNames by id; a transaction is found by its category's name too */
  constructor(categoryNames: ReadonlyMap<string, string>) {
    this.#categoryNames = categoryNames;
  }

  get rows(): number {
    return this.#dates.rows;
  }

  /** Whether the rows are in the order of their dates, as a package's are. */
  get inOrder(): boolean {
    return this.#inOrder;
  }

  add(record: JsonRecord): void {
    const { date } = record;
    const amount = textOf(record['amount']);
    const categoryId = textOf(record['primaryCategoryId']);
    const instant = typeof date === 'number' ? date : NaN;
    if (instant < this.dateAt(this.rows - 1)) this.#inOrder = false;
    this.#dates.add(instant);
    this.#signs.add(signOfAmount(amount));
    this.#descriptions.add(textOf(record['description']));
    this.#amounts.add(amount);
    this.#currencies.add(textOf(record['currency']));
    this.accounts.add(textOf(record['accountId']));
    this.categories.add(categoryId);
    const words = [
      ...[record['description'], record['memo'], record['checkNumber']].map(textOf),
      searchedAmount(amount),
      this.#categoryNames.get(categoryId) ?? '',
    ];
    this.searched.add(onOneLine(foldedText(words.join(' '))));
  }

  /** Epoch ms; not a number where it has none, or where there is no such row. */
  dateAt(row: number): number {
    return this.#dates.at(row);
  }

  signAt(row: number): number {
    return this.#signs.at(row);
  }

  line(row: number): TransactionLine {
    const date = this.dateAt(row);
    return {
      row,
      date: Number.isNaN(date) ? null : date,
      description: this.#descriptions.at(row) ?? '',
      amount: this.#amounts.at(row) ?? '',
      currency: this.#currencies.at(row),
      accountId: this.accounts.at(row),
      categoryId: this.categories.at(row),
    };
  }
}
