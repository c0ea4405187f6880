import type { JsonRecord } from '../../../../../shared/domain/json-record.ts';
import type { Manifest } from '../../../../../shared/domain/manifest.ts';
import { CHECKSUMS_PATH, MANIFEST_PATH, SECTION_PATHS } from '../../../../../shared/domain/package-paths.ts';
import type { Section } from '../../../../../shared/domain/sections.ts';
import { TransactionTally } from '../../../../../shared/domain/transaction-tally.ts';
import { isVerdict } from '../../../../../shared/verification/broken-package.ts';
import { checkManifest } from '../../../../../shared/verification/check-manifest.ts';
import { parseManifest } from '../../../../../shared/verification/manifest-text.ts';
import type { Household, News } from '../protocol.ts';
import type { EntryReader } from './entry-reader.ts';
import { shownAccount, shownCategory, shownFile } from './household.ts';
import { nextTurn } from './next-turn.ts';
import {
  countProblems,
  entryProblems,
  fileProblems,
  listProblems,
  parsedChecksums,
  tallyProblems,
} from './package-check.ts';
import { RecordBlocks } from './record-blocks.ts';
import { RecordLines, type LineBlock } from './record-lines.ts';
import { TransactionColumns } from './transaction-columns.ts';

type OnBlock = (block: LineBlock) => void | Promise<void>;

/** Why there is nothing to show: the manifest cannot be read. */
export class ManifestUnreadable extends Error {
  override readonly name = 'ManifestUnreadable';
}

/** Reads a package once, tells what it finds on the way, and keeps what is to be browsed. */
export class PackageReading {
  readonly #entries: EntryReader;
  readonly #tell: (news: News) => void;
  readonly #tally = new TransactionTally();
  readonly #blocks: RecordBlocks;
  #columns = new TransactionColumns(new Map());
  #hasStranger = false;

  constructor(entries: EntryReader, tell: (news: News) => void) {
    this.#entries = entries;
    this.#tell = tell;
    this.#blocks = new RecordBlocks((offset, length) =>
      entries.part(SECTION_PATHS.transactions, offset, length),
    );
  }

  get columns(): TransactionColumns {
    return this.#columns;
  }

  /** A transaction's JSON; undefined where there is no such row. */
  record(row: number): Promise<string | undefined> {
    return this.#blocks.line(row);
  }

  /** @throws ManifestUnreadable */
  async read(): Promise<void> {
    const manifest = this.#parsedManifest(await this.#entries.text(MANIFEST_PATH));
    this.#tell({ kind: 'manifest', manifest });
    const { sums, problems } = parsedChecksums(await this.#entries.text(CHECKSUMS_PATH));
    const household = await this.#readHousehold(manifest);
    this.#tell({ kind: 'household', household });
    this.#columns = new TransactionColumns(new Map(household.categories.map(({ id, name }) => [id, name])));
    await this.#readTransactions(manifest);
    this.#tell({ kind: 'searchable', transactions: this.#columns.rows });
    for (const path of this.#entries.paths) {
      if (!this.#entries.found.has(path)) await this.#entries.read(path);
    }
    this.#entries.note(...problems);
    this.#compare(manifest, sums, household);
    const { found, checkedBytes } = this.#entries;
    this.#tell({
      kind: 'verdict',
      verdict: { ...this.#entries.problems, entries: found.size, bytes: checkedBytes },
    });
  }

  #parsedManifest(text: string): Manifest {
    try {
      const manifest = parseManifest(text, 'zip');
      this.#noteContradiction(manifest);
      return manifest;
    } catch (error) {
      if (isVerdict(error)) throw new ManifestUnreadable(error.message, { cause: error });
      throw error;
    }
  }

  /** What the manifest states twice, and not the same. */
  #noteContradiction(manifest: Manifest): void {
    try {
      checkManifest(manifest, 'zip');
    } catch (error) {
      if (!isVerdict(error)) throw error;
      this.#entries.note({ where: MANIFEST_PATH, fact: error.message });
    }
  }

  async #readHousehold(manifest: Manifest): Promise<Household> {
    const recordsOf = async (section: Section): Promise<JsonRecord[]> => {
      const records: JsonRecord[] = [];
      await this.#readSection(section, manifest, (block) => {
        for (const record of block.records) records.push(record);
      });
      return records;
    };
    const household = {
      accounts: (await recordsOf('accounts')).map(shownAccount),
      categories: (await recordsOf('categories')).map(shownCategory),
      files: (await recordsOf('transactionFiles')).map(shownFile),
    };
    for (const section of ['fileMaps', 'analytics'] as const) {
      await this.#readSection(section, manifest, () => undefined);
    }
    return household;
  }

  async #readTransactions(manifest: Manifest): Promise<void> {
    await this.#readSection('transactions', manifest, async (block) => {
      this.#blocks.add(this.#columns.rows, block);
      for (const record of block.records) {
        this.#columns.add(record);
        this.#tally.add(record);
      }
      await nextTurn();
    });
  }

  /** Reads a section that the package has; one that it should have and has not is told with the other entries. */
  async #readSection(section: Section, manifest: Manifest, onBlock: OnBlock): Promise<void> {
    const path = SECTION_PATHS[section];
    if (!this.#entries.paths.includes(path)) return;
    const lines = new RecordLines();
    const take = async (block: LineBlock | undefined): Promise<void> => {
      if (block === undefined) return;
      this.#checkOwner(section, block.records, manifest);
      await onBlock(block);
    };
    await this.#entries.read(path, {
      push: (piece) => take(lines.push(piece)),
      end: () => take(lines.end()),
    });
    this.#entries.note(...countProblems(section, lines.count, manifest));
  }

  /** All records must be the user's whose package it is. */
  #checkOwner(section: Section, records: readonly JsonRecord[], { userId }: Manifest): void {
    if (this.#hasStranger || records.every((record) => record['userId'] === userId)) return;
    this.#hasStranger = true;
    this.#entries.note({
      where: SECTION_PATHS[section],
      fact: 'It has a record that belongs to somebody else.',
    });
  }

  #compare(manifest: Manifest, sums: ReadonlyMap<string, string>, { files }: Household): void {
    const { found, paths } = this.#entries;
    const stated = new Map(manifest.entries.map((entry) => [entry.path, entry]));
    for (const entry of found.values()) {
      if (entry.sha256 !== '') this.#entries.note(...entryProblems(entry, stated, sums));
    }
    this.#entries.note(...listProblems(paths, manifest, sums));
    if (manifest.counts.transactions !== undefined) {
      this.#entries.note(...tallyProblems(this.#tally.result(), manifest));
    }
    if (manifest.counts.transactionFiles !== undefined) {
      this.#entries.note(...fileProblems(files, found, manifest));
    }
  }
}
