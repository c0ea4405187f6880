/** The part of yauzl 3 that is used here; it has no types of its own. */
declare module 'yauzl' {
  import type { Readable } from 'node:stream';

  export interface Entry {
    readonly fileName: string;
    readonly fileNameRaw: Buffer;
    readonly uncompressedSize: number;
    readonly compressedSize: number;
    readonly compressionMethod: number;
    readonly lastModFileTime: number;
    readonly lastModFileDate: number;
    readonly crc32: number;
    readonly relativeOffsetOfLocalHeader: number;
  }

  export interface ZipFile {
    eachEntry(): AsyncIterableIterator<Entry>;
    openReadStreamPromise(entry: Entry): Promise<Readable>;
    close(): void;
  }

  /** Where a ZIP's bytes come from; `read` is all that reading the directory needs. */
  export class RandomAccessReader {
    read(
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
      callback: (error: unknown, bytesRead: number) => void,
    ): void;
  }

  export function openPromise(
    path: string,
    options?: { readonly strictFileNames?: boolean },
  ): Promise<ZipFile>;

  export function fromRandomAccessReaderPromise(
    reader: RandomAccessReader,
    totalSize: number,
    options?: { readonly strictFileNames?: boolean; readonly autoClose?: boolean },
  ): Promise<ZipFile>;
}
