import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

interface ZipEntry {
  readonly fileName: string;
  readonly uncompressedSize: number;
  readonly compressedSize: number;
  readonly compressionMethod: number;
  getLastModDate(): Date;
}

interface ZipFile {
  eachEntry(): AsyncIterable<ZipEntry>;
  openReadStreamPromise(entry: ZipEntry): Promise<Readable>;
}

const yauzl = createRequire(import.meta.url)('yauzl') as {
  fromBufferPromise(bytes: Buffer, options: { lazyEntries: boolean }): Promise<ZipFile>;
};

export interface ReadEntry {
  readonly path: string;
  readonly content: Buffer;
  readonly modifiedAt: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly packedBytes: number;
}

/** Reads a ZIP with a reader that has nothing to do with its writer; checks every size and CRC on the way. */
export const zipEntries = async (bytes: Buffer): Promise<ReadEntry[]> => {
  const zip = await yauzl.fromBufferPromise(bytes, { lazyEntries: true });
  const entries: ReadEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    entries.push({
      path: entry.fileName,
      content: await buffer(await zip.openReadStreamPromise(entry)),
      modifiedAt: entry.getLastModDate().getTime(),
      method: entry.compressionMethod,
      packedBytes: entry.compressedSize,
    });
  }
  return entries;
};
