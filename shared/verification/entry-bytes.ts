import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { corrupted, isVerdict, shownPath } from './broken-package.ts';
import type { PackageBytes } from './package-bytes.ts';
import { DEFLATED, STORED, type ZipEntry } from '../packaging/zip-layout.ts';

/** Sees an entry's unpacked bytes on their way. */
export type OnBytes = (chunk: Buffer) => void;

const SMALLEST_CHUNK_BYTES = 1024;
const LARGEST_CHUNK_BYTES = 256 * 1024;

const inflated = async (
  bytes: PackageBytes,
  { path, offset, packedBytes, bytes: size }: ZipEntry,
  onBytes: OnBytes,
): Promise<void> => {
  const chunkSize = Math.min(Math.max(size, SMALLEST_CHUNK_BYTES), LARGEST_CHUNK_BYTES);
  const inflate = createInflateRaw({ chunkSize });
  try {
    await pipeline(
      bytes.chunks(offset, offset + packedBytes),
      inflate,
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) onBytes(chunk);
      },
    );
  } catch (error) {
    if (bytes.failure !== undefined) throw bytes.failure.error;
    if (isVerdict(error)) throw error;
    throw corrupted('ENTRY_BYTES', `${shownPath(path)} cannot be unpacked.`, error);
  }
  if (inflate.bytesWritten !== packedBytes) {
    throw corrupted('ENTRY_BYTES', `${shownPath(path)} ends before its packed bytes do.`);
  }
};

const stored = async (bytes: PackageBytes, entry: ZipEntry, onBytes: OnBytes): Promise<void> => {
  for await (const chunk of bytes.chunks(entry.offset, entry.offset + entry.packedBytes)) onBytes(chunk);
};

/**
 * Unpacks an entry whose packed bytes begin at `offset`, and shows them; their SHA-256 in hex.
 * @throws PackageCorrupted when they are not of the size and CRC-32 that the directory states
 */
export const readEntryBytes = async (
  bytes: PackageBytes,
  entry: ZipEntry,
  onBytes: OnBytes,
): Promise<string> => {
  const read = { bytes: 0, crc32: 0 };
  const hash = createHash('sha256');
  const wrongSize = () =>
    corrupted('ENTRY_BYTES', `${shownPath(entry.path)} does not have the size that the directory states.`);
  const meter = (chunk: Buffer): void => {
    read.bytes += chunk.length;
    if (read.bytes > entry.bytes) throw wrongSize();
    read.crc32 = crc32(chunk, read.crc32);
    hash.update(chunk);
    onBytes(chunk);
  };
  if (entry.method === DEFLATED) await inflated(bytes, entry, meter);
  else if (entry.method === STORED) await stored(bytes, entry, meter);
  else throw corrupted('ZIP_DIRECTORY', `${shownPath(entry.path)} is packed in a way that is never used.`);

  if (read.bytes !== entry.bytes) throw wrongSize();
  if (read.crc32 !== entry.crc32) {
    throw corrupted(
      'ENTRY_BYTES',
      `${shownPath(entry.path)} does not have the CRC-32 that the directory states.`,
    );
  }
  return hash.digest('hex');
};
