import { CHECKSUMS_PATH, MANIFEST_PATH, SECTION_PATHS } from '../domain/package-layout.ts';
import { SECTIONS } from '../domain/sections.ts';
import { corrupted, shownPath, type Corruption } from './broken-package.ts';
import { readEntryBytes, type OnBytes } from './entry-bytes.ts';
import { LineSplitter } from './line-splitter.ts';
import type { PackageBytes } from './package-bytes.ts';
import { PackageContents } from './package-contents.ts';
import { zipDirectory } from './zip-directory.ts';
import {
  centralHeader,
  dataDescriptor,
  endRecords,
  localHeader,
  type ZipEntry,
} from '../packaging/zip-layout.ts';

/** More than the lists of as many files as a package may have. */
const LIST_LIMIT_BYTES = 256 * 1024 * 1024;

/** The longest form of what follows an entry's bytes. */
const LONGEST_DESCRIPTOR_BYTES = 24;

/** Compares what stands at `position` with what must; the position behind it. */
const expectBytes = async (
  bytes: PackageBytes,
  position: number,
  expected: Buffer,
  verdict: { readonly reason: Corruption; readonly fact: string },
): Promise<number> => {
  const found = await bytes.read(position, expected.length);
  if (!found.equals(expected)) throw corrupted(verdict.reason, verdict.fact);
  return position + expected.length;
};

const textReader = (path: string): { onBytes: OnBytes; text: () => string } => {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    onBytes: (chunk) => {
      size += chunk.length;
      if (size > LIST_LIMIT_BYTES) throw corrupted('ENTRY_BYTES', `${path} is larger than it can be.`);
      chunks.push(chunk);
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
};

interface EntryReader {
  readonly onBytes: OnBytes;
  readonly end: () => void;
}

/** What is to be read of an entry beside its hash, by its path. */
const readerFor = (path: string, contents: PackageContents): EntryReader => {
  const section = SECTIONS.find((name) => SECTION_PATHS[name] === path);
  if (section !== undefined) {
    const text = contents.beginSection(section, { withFiles: true });
    const lines = new LineSplitter((line) => text.line(line));
    return { onBytes: (chunk) => lines.push(chunk), end: () => text.end(lines.atLineStart) };
  }
  const { onBytes, text } = textReader(path);
  if (path === MANIFEST_PATH) return { onBytes, end: () => (contents.manifestText = text()) };
  if (path === CHECKSUMS_PATH) return { onBytes, end: () => (contents.checksumsText = text()) };
  return { onBytes: () => undefined, end: () => undefined };
};

/** Some computers take two names for one that differ in case or Unicode form only. */
const folded = (path: string): string => path.normalize('NFC').toLowerCase();

/** Where a reading goes on: `position` in bytes, behind the entries that `contents` tells of. */
export interface ZipPosition {
  readonly position: number;
  readonly contents: PackageContents;
}

/** Reads a ZIP from its first byte to its last, once; it can leave off between two entries and be gone on with later. */
export class ZipReading {
  readonly contents: PackageContents;
  readonly #bytes: PackageBytes;
  /** How many entries were read before this reading. */
  readonly #readBefore: number;
  readonly #entries: ZipEntry[] = [];
  readonly #names = new Set<string>();
  #position: number;

  constructor(bytes: PackageBytes, from: ZipPosition = { position: 0, contents: new PackageContents() }) {
    this.contents = from.contents;
    this.#bytes = bytes;
    this.#readBefore = from.contents.entries.length;
    this.#position = from.position;
  }

  /** Bytes that have been read in order. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads to the end, or only the entries that fit into `budgetBytes` and at least one; whether it came to the end.
   * @throws PackageCorrupted when any byte is not what the others require, or a section is no list of records
   */
  async read(budgetBytes = Infinity): Promise<boolean> {
    const begun = this.#position;
    for await (const entry of zipDirectory(this.#bytes)) {
      if (this.#entries.length < this.#readBefore) {
        this.#note(entry);
        continue;
      }
      if (this.#position > begun && this.#endOf(entry) > begun + budgetBytes) return false;
      await this.#readEntry(entry);
    }
    await this.#readEnd();
    return true;
  }

  #endOf(entry: ZipEntry): number {
    return this.#position + localHeader(entry).length + entry.packedBytes + LONGEST_DESCRIPTOR_BYTES;
  }

  #note(entry: ZipEntry): void {
    this.#names.add(folded(entry.path));
    this.#entries.push(entry);
  }

  async #readEntry(entry: ZipEntry): Promise<void> {
    const shown = shownPath(entry.path);
    if (this.#names.has(folded(entry.path))) throw corrupted('ENTRY_TWICE', `${shown} is in the ZIP twice.`);
    if (entry.offset !== this.#position) {
      throw corrupted('ZIP_GAP', `${shown} does not begin where the entry before it ends.`);
    }
    await this.#expect(localHeader(entry), {
      reason: 'ENTRY_HEADER',
      fact: `The header of ${shown} is not what the directory says.`,
    });
    if (entry.modified !== (this.#entries[0] ?? entry).modified) {
      throw corrupted('ENTRY_HEADER', `${shown} has another time than the other entries.`);
    }
    await this.#readContents(entry);
    await this.#expect(dataDescriptor(entry), {
      reason: 'ENTRY_DESCRIPTOR',
      fact: `What follows the bytes of ${shown} is not what the directory says.`,
    });
    this.#note(entry);
  }

  /** What follows the entries must be their directory and nothing else. */
  async #readEnd(): Promise<void> {
    const offset = this.#position;
    for (const entry of this.#entries) {
      await this.#expect(centralHeader(entry), {
        reason: 'ZIP_DIRECTORY',
        fact: `The directory's record of ${shownPath(entry.path)} is not what it must be.`,
      });
    }
    const directory = { entries: this.#entries.length, bytes: this.#position - offset, offset };
    await this.#expect(endRecords(directory), {
      reason: 'ZIP_DIRECTORY',
      fact: 'The end of the ZIP does not fit its directory.',
    });
    if (this.#position !== this.#bytes.size) {
      throw corrupted('ZIP_GAP', 'The ZIP has bytes that belong to nothing.');
    }
  }

  async #readContents(entry: ZipEntry): Promise<void> {
    const reader = readerFor(entry.path, this.contents);
    const sha256 = await readEntryBytes(this.#bytes, { ...entry, offset: this.#position }, reader.onBytes);
    reader.end();
    this.#position += entry.packedBytes;
    this.contents.entries.push({ path: entry.path, bytes: entry.bytes, sha256 });
  }

  async #expect(expected: Buffer, verdict: { reason: Corruption; fact: string }): Promise<void> {
    this.#position = await expectBytes(this.#bytes, this.#position, expected, verdict);
  }
}
