import { compareUtf8 } from '../domain/compare-utf8.ts';
import { compareDecimals } from '../domain/decimal-text.ts';
import { mayHaveLongNumber, parsedExactly } from '../domain/exact-json.ts';
import type { Section } from '../domain/sections.ts';
import { TransactionTally } from '../domain/transaction-tally.ts';
import { corrupted } from './broken-package.ts';
import { ObservedValues } from './observed-values.ts';
import { PrimaryIds } from './primary-ids.ts';
import { isRecord, SectionText, type ParsedRecord } from './section-text.ts';
import { statementFileReference, type StatementFileReference } from './statement-file-reference.ts';

/** Part of a package, as it was read. */
export interface ReadEntry {
  /** Path in the ZIP, or JSON Pointer in the JSON document. */
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/** A transaction, and its JSON text because its date may have digits that a double does not hold. */
interface TransactionLine {
  readonly record: ParsedRecord;
  readonly json: string;
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
  #lastTransaction: TransactionLine | undefined;

  /** Whose the records are; undefined when there are none. */
  get owner(): unknown {
    return this.#owner;
  }

  /** Begins to read a section; the files of a ZIP are referred to by its file records. */
  beginSection(section: Section, { withFiles }: { readonly withFiles: boolean }): SectionText {
    const observed = new ObservedValues();
    const ids = new PrimaryIds(section);
    this.observed.set(section, observed);
    const text = new SectionText(section, (record, json) => {
      this.#checkOwner(section, record);
      ids.add(record);
      observed.add(record);
      if (section === 'transactions') this.#addTransaction({ record, json });
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

  #addTransaction(transaction: TransactionLine): void {
    const last = this.#lastTransaction;
    if (last !== undefined && !mayFollow(last, transaction)) {
      throw corrupted('RECORD_ORDER', 'The transactions are not in the order of their dates and ids.');
    }
    this.#lastTransaction = transaction;
    this.transactions.add(transaction.record);
  }
}

/** The date with all its digits, as decimal text. */
const exactDate = ({ json }: TransactionLine): string => {
  const record = parsedExactly(json);
  return JSON.stringify(isRecord(record) ? record['date'] : undefined);
};

/** Orders two dates that are the same double; only long numbers can differ then. */
const compareEqualDoubles = (a: TransactionLine, b: TransactionLine): number =>
  mayHaveLongNumber(a.json) || mayHaveLongNumber(b.json) ? compareDecimals(exactDate(a), exactDate(b)) : 0;

const mayFollow = (a: TransactionLine, b: TransactionLine): boolean => {
  const [left, right] = [a.record, b.record];
  if (typeof left['date'] !== 'number' || typeof right['date'] !== 'number') return false;
  if (left['date'] !== right['date']) return left['date'] < right['date'];
  const order =
    compareEqualDoubles(a, b) || compareUtf8(String(left['transactionId']), String(right['transactionId']));
  return order <= 0;
};
