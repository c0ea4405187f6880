import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';

interface ZipEntry {
  readonly fileName: string;
}

interface ZipFile extends AsyncIterable<ZipEntry> {
  eachEntry(): AsyncIterable<ZipEntry>;
  openReadStreamPromise(entry: ZipEntry): Promise<Readable>;
}

// yauzl has no types; this is the part of it that is used here.
const yauzl = createRequire(import.meta.url)('yauzl') as {
  fromBufferPromise(bytes: Buffer, options: { lazyEntries: boolean }): Promise<ZipFile>;
};

/** Every entry of a ZIP by its path, read by a reader that shares no code with the writer. */
export const readZip = async (bytes: Buffer): Promise<Map<string, Buffer>> => {
  const zip = await yauzl.fromBufferPromise(bytes, { lazyEntries: true });
  const entries = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    entries.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return entries;
};
