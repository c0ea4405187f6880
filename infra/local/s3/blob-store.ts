import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

const WRITE_BATCH_BYTES = 1024 * 1024;
const READ_BYTES = 512 * 1024;

/** A file of content that never changes once it is written. */
export interface Blob {
  readonly file: string;
  readonly size: number;
}

/** Holds blobs so that removing them waits for the reader. */
export interface BlobReading {
  readonly chunks: AsyncIterable<Buffer>;
  release(): void;
}

/**
 * Content on disk under names of its own, so that no key of an object is ever a file name.
 * A blob counts only when the catalogue names it; others are leftovers of a killed process.
 */
export class BlobStore {
  readonly #directory: string;
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();
  readonly #removals = new Set<Promise<void>>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Removes every blob that is not `referenced`. */
  static async open(directory: string, referenced: ReadonlySet<string>): Promise<BlobStore> {
    await mkdir(directory, { recursive: true });
    const leftovers = (await readdir(directory)).filter((file) => !referenced.has(file));
    for (const file of leftovers) await rm(join(directory, file));
    return new BlobStore(directory);
  }

  /** Writes a new blob; leaves nothing behind when the content ends in an error. */
  async write(content: AsyncIterable<Buffer>): Promise<Blob> {
    const file = randomUUID();
    const path = join(this.#directory, file);
    const handle = await open(path, 'wx');
    try {
      const size = await writeBatched(handle, content);
      await handle.close();
      return { file, size };
    } catch (error) {
      await handle.close().catch(() => undefined);
      await rm(path, { force: true });
      throw error;
    }
  }

  /** Reads bytes `from` to `to`, both included, of blobs laid end to end. The caller must release the reading. */
  read(blobs: readonly Blob[], from: number, to: number): BlobReading {
    const slices = slicesBetween(blobs, from, to);
    const files = slices.map((slice) => slice.file);
    for (const file of files) this.#readers.set(file, (this.#readers.get(file) ?? 0) + 1);
    let released = false;
    return {
      chunks: readSlices(this.#directory, slices),
      release: () => {
        if (released) return;
        released = true;
        for (const file of files) this.#release(file);
      },
    };
  }

  /** Removes blobs as soon as nobody reads them. */
  remove(blobs: readonly Blob[]): void {
    for (const { file } of blobs) {
      if (this.#readers.has(file)) this.#doomed.add(file);
      else this.#unlink(file);
    }
  }

  /** Waits for removals under way. */
  async close(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #release(file: string): void {
    const readers = (this.#readers.get(file) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(file, readers);
      return;
    }
    this.#readers.delete(file);
    if (this.#doomed.delete(file)) this.#unlink(file);
  }

  /** What cannot be removed now is removed at the next start, since nothing refers to it. */
  #unlink(file: string): void {
    const removal = rm(join(this.#directory, file), { force: true })
      .catch(() => undefined)
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}

/** Reads on while the batch before is being written. */
const writeBatched = async (handle: FileHandle, content: AsyncIterable<Buffer>): Promise<number> => {
  let batch: Buffer[] = [];
  let batched = 0;
  let total = 0;
  let writing: Promise<unknown> = Promise.resolve();
  try {
    for await (const chunk of content) {
      batch.push(chunk);
      batched += chunk.length;
      total += chunk.length;
      if (batched < WRITE_BATCH_BYTES) continue;
      await writing;
      writing = writeFully(handle, batch);
      writing.catch(() => undefined);
      batch = [];
      batched = 0;
    }
  } finally {
    await writing;
  }
  if (batched > 0) await writeFully(handle, batch);
  return total;
};

const writeFully = async (handle: FileHandle, batch: readonly Buffer[]): Promise<void> => {
  const expected = batch.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await handle.writev(batch);
  if (bytesWritten === expected) return;
  await handle.writeFile(Buffer.concat(batch).subarray(bytesWritten));
};

interface Slice extends Blob {
  readonly start: number;
  readonly end: number;
}

const slicesBetween = (blobs: readonly Blob[], from: number, to: number): Slice[] => {
  let offset = 0;
  const slices: Slice[] = [];
  for (const blob of blobs) {
    const start = Math.max(from - offset, 0);
    const end = Math.min(to - offset, blob.size - 1);
    if (start <= end) slices.push({ ...blob, start, end });
    offset += blob.size;
  }
  return slices;
};

async function* readSlices(directory: string, slices: readonly Slice[]): AsyncGenerator<Buffer> {
  for (const { file, start, end } of slices) {
    const handle = await open(join(directory, file), 'r');
    try {
      for (let position = start; position <= end;) {
        const wanted = Math.min(READ_BYTES, end - position + 1);
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
        if (bytesRead === 0)
          throw new Error('The content of an object is shorter on disk than its index says.');
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }
}
