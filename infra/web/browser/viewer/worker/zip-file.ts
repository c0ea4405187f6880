import {
  BlobReader,
  configure,
  ZipReader,
  type Entry,
  type FileEntry,
} from '@zip.js/zip.js/lib/zip-core-custom.js';

// Everything here runs in a worker already, and the browser has the inflating itself.
configure({ useWebWorkers: false, useCompressionStream: true });

/** The file is no ZIP, or its directory cannot be read. */
export class NoZip extends Error {
  override readonly name = 'NoZip';
}

/** An entry's bytes cannot be had. */
export class EntryUnreadable extends Error {
  override readonly name = 'EntryUnreadable';
}

/** All that was wanted of an entry is there. */
class PartRead extends Error {
  override readonly name = 'PartRead';
}

const isFile = (entry: Entry): entry is FileEntry => !entry.directory;

/** A ZIP that the person has chosen; nothing of it is read but what is asked for. */
export class ZipFile {
  /** Each entry's path and its size as the ZIP states it, in the ZIP's order; a path may stand there twice. */
  readonly entries: readonly { readonly path: string; readonly bytes: number }[];
  readonly #files: ReadonlyMap<string, FileEntry>;

  private constructor(entries: readonly Entry[]) {
    this.entries = entries.map(({ filename, uncompressedSize }) => ({
      path: filename,
      bytes: uncompressedSize,
    }));
    this.#files = new Map(entries.filter(isFile).map((entry) => [entry.filename, entry]));
  }

  /** @throws NoZip */
  static async open(file: Blob): Promise<ZipFile> {
    try {
      return new ZipFile(await new ZipReader(new BlobReader(file)).getEntries());
    } catch (cause) {
      throw new NoZip('The file has no directory as a ZIP has one.', { cause });
    }
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /**
   * Shows an entry's bytes piece by piece; each waits for `onBytes`.
   * @throws EntryUnreadable when it is not there, cannot be unpacked or has another size than the ZIP states
   * @throws whatever `onBytes` throws
   */
  async read(path: string, onBytes: (bytes: Uint8Array) => void | Promise<void>): Promise<void> {
    const entry = this.#files.get(path);
    if (entry === undefined) throw new EntryUnreadable('is not in the package');
    let failure: { readonly error: unknown } | undefined;
    let left = entry.uncompressedSize;
    const shown = new WritableStream<Uint8Array>({
      write: async (bytes) => {
        left -= bytes.length;
        try {
          if (left < 0) throw new EntryUnreadable('is larger than the ZIP states');
          await onBytes(bytes);
        } catch (error) {
          failure = { error };
          throw error;
        }
      },
    });
    try {
      await entry.getData(shown);
    } catch (cause) {
      if (failure !== undefined) throw failure.error;
      throw new EntryUnreadable('cannot be unpacked', { cause });
    }
    if (left > 0) throw new EntryUnreadable('ends before the size that the ZIP states');
  }

  /** Part of an entry's bytes; the entry is unpacked up to it. @throws EntryUnreadable */
  async part(path: string, offset: number, length: number): Promise<Uint8Array> {
    const part = new Uint8Array(length);
    let at = 0;
    try {
      await this.read(path, (bytes) => {
        const wanted = bytes.subarray(Math.max(0, offset - at), Math.max(0, offset + length - at));
        part.set(wanted, Math.max(0, at - offset));
        at += bytes.length;
        if (at >= offset + length) throw new PartRead();
      });
    } catch (error) {
      if (!(error instanceof PartRead)) throw error;
    }
    return part;
  }

  /** An entry's bytes as a whole. @throws EntryUnreadable */
  async bytesOf(path: string): Promise<Blob> {
    const pieces: BlobPart[] = [];
    await this.read(path, (bytes) => {
      pieces.push(bytes.slice());
    });
    return new Blob(pieces);
  }
}
