import * as z from 'zod/mini';
import { compareUtf8 } from '../domain/compare-utf8.ts';
import { controlTotal } from '../domain/control-total.ts';
import { compareDecimals } from '../domain/decimal-text.ts';
import { mayHaveLongNumber, parsedExactly } from '../domain/exact-json.ts';
import { isJsonRecord, type JsonRecord } from '../domain/json-record.ts';
import { SECTIONS, type Section } from '../domain/sections.ts';
import { TransactionTally } from '../domain/transaction-tally.ts';
import { corrupted } from './broken-package.ts';
import { ObservedValues, observedState } from './observed-values.ts';
import { PrimaryIds } from './primary-ids.ts';
import { SectionText } from './section-text.ts';
import {
  referenceOf,
  statementFileReference,
  type StatementFileReference,
} from './statement-file-reference.ts';

/** Part of a package, as it was read. */
const readEntry = z.object({
  /** Path in the ZIP, or JSON Pointer in the JSON document. */
  path: z.string(),
  bytes: z.number(),
  /** Hex. */
  sha256: z.string(),
});
export type ReadEntry = Readonly<z.infer<typeof readEntry>>;

/** What the transactions add up to. */
const talliedTransactions = z.object({
  byMonth: z.record(z.string(), z.number()),
  controlTotals: z.array(controlTotal),
  /** How many name each file. */
  byFile: z.array(z.object({ fileId: z.string(), count: z.number() })),
});
export type TalliedTransactions = z.infer<typeof talliedTransactions>;

/** What was found in the entries that were read, as it is written down. It grows with the lists of entries and files only. */
export const contentsState = z.object({
  entries: z.array(readEntry),
  /** Records by section. */
  sections: z.partialRecord(z.enum(SECTIONS), z.number()),
  observed: z.partialRecord(z.enum(SECTIONS), observedState),
  owner: z.optional(z.string()),
  /** Once the transactions were read. */
  transactions: z.optional(talliedTransactions),
  fileReferences: z.array(statementFileReference),
  manifestText: z.string(),
  checksumsText: z.string(),
});
export type ContentsState = z.infer<typeof contentsState>;

const NOTHING_READ: ContentsState = {
  entries: [],
  sections: {},
  observed: {},
  fileReferences: [],
  manifestText: '',
  checksumsText: '',
};

const bySection = <State, T>(
  states: Readonly<Partial<Record<Section, State>>>,
  restored: (state: State) => T,
): Map<Section, T> =>
  new Map(
    SECTIONS.flatMap((section) => {
      const state = states[section];
      return state === undefined ? [] : [[section, restored(state)]];
    }),
  );

/** A transaction, and its JSON text because its date may have digits that a double does not hold. */
interface TransactionLine {
  readonly record: JsonRecord;
  readonly json: string;
}

/** What reading a package has found in it, before it is compared with the manifest. */
export class PackageContents {
  readonly entries: ReadEntry[];
  readonly sections: Map<Section, { readonly count: number }>;
  /** What the sections' records have that filters look at. */
  readonly observed: Map<Section, ObservedValues>;
  /** Of a ZIP's file records. */
  readonly fileReferences: StatementFileReference[];
  manifestText: string;
  checksumsText: string;
  readonly #talliedBefore: TalliedTransactions | undefined;
  readonly #tally = new TransactionTally();
  #owner: unknown;
  #lastTransaction: TransactionLine | undefined;

  constructor(state = NOTHING_READ) {
    this.entries = [...state.entries];
    this.sections = bySection(state.sections, (count) => ({ count }));
    this.observed = bySection(state.observed, (values) => new ObservedValues(values));
    this.fileReferences = [...state.fileReferences];
    this.manifestText = state.manifestText;
    this.checksumsText = state.checksumsText;
    this.#talliedBefore = state.transactions;
    this.#owner = state.owner;
  }

  /** Whose the records are; undefined when there are none. */
  get owner(): string | undefined {
    return typeof this.#owner === 'string' ? this.#owner : undefined;
  }

  /** Records read so far, by section. */
  get counts(): Partial<Record<Section, number>> {
    return Object.fromEntries([...this.sections].map(([section, { count }]) => [section, count]));
  }

  /** Of all transactions, so only once they were read. */
  tallied(): TalliedTransactions {
    if (this.#talliedBefore !== undefined) return this.#talliedBefore;
    const { byMonth, controlTotals, references } = this.#tally.result();
    return {
      byMonth,
      controlTotals,
      byFile: references.fileId.map(({ id, count }) => ({ fileId: id, count })),
    };
  }

  /** All that a later reading needs to go on behind the last entry; not to be asked for while one is being read. */
  state(): ContentsState {
    const { entries, fileReferences, owner, manifestText, checksumsText } = this;
    return {
      ...{ entries, fileReferences, owner, manifestText, checksumsText },
      sections: this.counts,
      observed: Object.fromEntries([...this.observed].map(([section, values]) => [section, values.state()])),
      ...(this.sections.has('transactions') ? { transactions: this.tallied() } : {}),
    };
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
        this.fileReferences.push(referenceOf(record, text.count));
      }
    });
    this.sections.set(section, text);
    return text;
  }

  #checkOwner(section: Section, { userId }: JsonRecord): void {
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
    this.#tally.add(transaction.record);
  }
}

/** The date with all its digits, as decimal text. */
const exactDate = ({ json }: TransactionLine): string => {
  const record = parsedExactly(json);
  return JSON.stringify(isJsonRecord(record) ? record['date'] : undefined);
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
