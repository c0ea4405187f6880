import { createSHA256, type IHasher } from 'hash-wasm';
import type { CheckProgress, Problem } from '../protocol.ts';
import type { FoundEntry } from './package-check.ts';
import { SectionBroken } from './record-lines.ts';
import { EntryUnreadable, type ZipFile } from './zip-file.ts';

type OnProgress = (progress: Omit<CheckProgress, 'transactions'>) => void;

/** What an entry's bytes are for; each piece waits for what is made of it. */
export interface EntrySink {
  /** @throws SectionBroken */
  readonly push?: (bytes: Uint8Array) => unknown;
  /** @throws SectionBroken */
  readonly end?: () => unknown;
}

/** More than the lists of as many files as a package may have. */
const TEXT_LIMIT_BYTES = 256 * 1024 * 1024;
/** How many are told one by one. */
const TOLD_PROBLEMS = 200;

/** Reads the entries of a package one by one, hashes them, and gathers what is wrong with them. */
export class EntryReader {
  readonly found = new Map<string, FoundEntry>();
  readonly #zip: ZipFile;
  readonly #hasher: IHasher;
  readonly #onProgress: OnProgress;
  readonly #totalBytes: number;
  readonly #problems: Problem[] = [];
  #problemCount = 0;
  #checkedBytes = 0;

  private constructor(zip: ZipFile, hasher: IHasher, onProgress: OnProgress) {
    this.#zip = zip;
    this.#hasher = hasher;
    this.#onProgress = onProgress;
    this.#totalBytes = zip.entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  static async of(zip: ZipFile, onProgress: OnProgress): Promise<EntryReader> {
    return new EntryReader(zip, await createSHA256(), onProgress);
  }

  /** Paths as the ZIP lists them. */
  get paths(): readonly string[] {
    return this.#zip.entries.map(({ path }) => path);
  }

  get checkedBytes(): number {
    return this.#checkedBytes;
  }

  /** The first problems, and how many there are. */
  get problems(): { readonly problems: readonly Problem[]; readonly problemCount: number } {
    return { problems: this.#problems, problemCount: this.#problemCount };
  }

  note(...problems: readonly Problem[]): void {
    this.#problemCount += problems.length;
    this.#problems.push(...problems.slice(0, Math.max(0, TOLD_PROBLEMS - this.#problems.length)));
  }

  /** Reads an entry whole, whatever `sink` makes of it; what cannot be read, or is not what the sink must have, is noted. */
  async read(path: string, sink: EntrySink = {}): Promise<void> {
    let bytes = 0;
    let isBroken = false;
    const attempt = async (step: () => unknown): Promise<void> => {
      if (isBroken) return;
      try {
        await step();
      } catch (error) {
        if (!(error instanceof SectionBroken || error instanceof EntryUnreadable)) throw error;
        isBroken = true;
        this.note({ where: path, fact: `It ${error.message}.` });
      }
    };

    this.#hasher.init();
    let sha256 = '';
    await attempt(async () => {
      await this.#zip.read(path, async (piece) => {
        this.#hasher.update(piece);
        bytes += piece.length;
        this.#checkedBytes += piece.length;
        this.#tellProgress();
        // What is in an entry may be broken; its bytes are read all the same.
        await attempt(() => sink.push?.(piece));
      });
      sha256 = this.#hasher.digest();
    });
    this.found.set(path, { path, bytes, sha256 });
    await attempt(() => sink.end?.());
    this.#tellProgress();
  }

  /** An entry's text; empty where it cannot be read. */
  async text(path: string): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    let bytes = 0;
    await this.read(path, {
      push: (piece) => {
        bytes += piece.length;
        if (bytes > TEXT_LIMIT_BYTES) throw new SectionBroken('is larger than it can be');
        text += decoder.decode(piece, { stream: true });
      },
    });
    return text + decoder.decode();
  }

  /** Part of an entry that was read before. @throws EntryUnreadable */
  part(path: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#zip.part(path, offset, length);
  }

  #tellProgress(): void {
    this.#onProgress({
      checkedBytes: this.#checkedBytes,
      totalBytes: this.#totalBytes,
      checkedEntries: this.found.size,
      totalEntries: this.#zip.entries.length,
    });
  }
}
