import { compareUtf8 } from '../domain/compare-utf8.ts';
import type { Section } from '../domain/sections.ts';
import { TransactionTally } from '../domain/transaction-tally.ts';
import { corrupted } from './broken-package.ts';
import { ObservedValues } from './observed-values.ts';
import { PrimaryIds } from './primary-ids.ts';
import { SectionText, type ParsedRecord } from './section-text.ts';
import { statementFileReference, type StatementFileReference } from './statement-file-reference.ts';

/** Part of a package, as it was read. */
export interface ReadEntry {
  /** Path in the ZIP, or JSON Pointer in the JSON document. */
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** What reading a package has found in it, before it is compared with the manifest. */
export class PackageContents {
  readonly entries: ReadEntry[] = [];
  readonly sections = new Map<Section, SectionText>();
  /** What the sections' records have that filters look at. */
  readonly observed = new Map<Section, ObservedValues>();
  readonly transactions = new TransactionTally();
  /** Of a ZIP's file records. */
  readonly fileReferences: StatementFileReference[] = [];
  manifestText = '';
  checksumsText = '';
  #owner: unknown;
  #lastTransaction: ParsedRecord | undefined;

  /** Whose the records are; undefined when there are none. */
  get owner(): unknown {
    return this.#owner;
  }

  /** Begins to read a section; the files of a ZIP are referred to by its file records. */
  beginSection(section: Section, { withFiles }: { readonly withFiles: boolean }): SectionText {
    const observed = new ObservedValues();
    const ids = new PrimaryIds(section);
    this.observed.set(section, observed);
    const text = new SectionText(section, (record) => {
      this.#checkOwner(section, record);
      ids.add(record);
      observed.add(record);
      if (section === 'transactions') this.#addTransaction(record);
      if (section === 'transactionFiles' && withFiles) {
        this.fileReferences.push(statementFileReference(record, text.count));
      }
    });
    this.sections.set(section, text);
    return text;
  }

  #checkOwner(section: Section, { userId }: ParsedRecord): void {
    this.#owner ??= userId;
    if (typeof userId === 'string' && userId === this.#owner) return;
    throw corrupted('RECORD_OWNER', `The section ${section} has a record that belongs to somebody else.`);
  }

  #addTransaction(record: ParsedRecord): void {
    const last = this.#lastTransaction;
    if (last !== undefined && !mayFollow(last, record)) {
      throw corrupted('RECORD_ORDER', 'The transactions are not in the order of their dates and ids.');
    }
    this.#lastTransaction = record;
    this.transactions.add(record);
  }
}

const mayFollow = (a: ParsedRecord, b: ParsedRecord): boolean => {
  if (typeof a['date'] !== 'number' || typeof b['date'] !== 'number') return false;
  if (a['date'] !== b['date']) return a['date'] < b['date'];
  // Two dates that a double cannot tell apart are in the order of digits that it does not hold.
  if (!Number.isSafeInteger(a['date'])) return true;
  return compareUtf8(String(a['transactionId']), String(b['transactionId'])) <= 0;
};
