import type { JsonRecord } from '../domain/json-record.ts';
import type { Section } from '../domain/sections.ts';
import { corrupted } from './broken-package.ts';

/** The attribute that tells a section's records apart, of those sections that are small enough to remember it. */
const REMEMBERED: Readonly<Partial<Record<Section, string>>> = {
  accounts: 'accountId',
  categories: 'categoryId',
  fileMaps: 'fileMapId',
  transactionFiles: 'fileId',
};

/** Refuses a section that has one record twice; transactions are in order, so that two of them would be neighbours. */
export class PrimaryIds {
  readonly #section: Section;
  readonly #seen = new Set<string>();
  #last: JsonRecord | undefined;

  constructor(section: Section) {
    this.#section = section;
  }

  /** @throws PackageCorrupted when there was one of the same id before */
  add(record: JsonRecord): void {
    const twice = this.#section === 'transactions' ? this.#isLast(record) : this.#isSeen(record);
    if (twice) throw corrupted('RECORD_TWICE', `The section ${this.#section} has a record twice.`);
  }

  #isSeen(record: JsonRecord): boolean {
    const attribute = REMEMBERED[this.#section];
    const id = attribute === undefined ? undefined : record[attribute];
    if (typeof id !== 'string') return false;
    if (this.#seen.has(id)) return true;
    this.#seen.add(id);
    return false;
  }

  #isLast(record: JsonRecord): boolean {
    const last = this.#last;
    this.#last = record;
    const { transactionId, date } = record;
    return (
      typeof transactionId === 'string' && last?.['transactionId'] === transactionId && last['date'] === date
    );
  }
}
