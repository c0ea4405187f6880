import { describe, expect, it } from '@jest/globals';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import { joinedZip, type ZipSegment } from '../../../../functions/join-package/joined-zip.ts';
import { openZipArchive } from '../../../../shared/packaging/zip-archive.ts';
import {
  centralHeader,
  dataDescriptor,
  DEFLATED,
  endRecords,
  localHeader,
  STORED,
  type ZipEntry,
} from '../../../../shared/packaging/zip-layout.ts';
import type { StoredBytes } from '../../../../shared/ports.ts';
import { PackageBytes } from '../../../../shared/verification/package-bytes.ts';
import { zipDirectory } from '../../../../shared/verification/zip-directory.ts';
import { NOON } from '../../../support/export-builders.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** Bytes by where they begin; all between them are zeros that nobody keeps. */
class SparseBytes {
  readonly #pieces: { readonly start: number; readonly bytes: Buffer }[] = [];
  size = 0;

  add(bytes: Buffer): void {
    if (bytes.length > 0) this.#pieces.push({ start: this.size, bytes });
    this.size += bytes.length;
  }

  addZeros(count: number): void {
    this.size += count;
  }

  /** What was added from `start` on, as far as it is no zeros; sizes count. */
  addPart(other: SparseBytes, start: number, length: number): void {
    const begins = this.size;
    for (const piece of other.#pieces) {
      const [from, to] = [
        Math.max(piece.start, start),
        Math.min(piece.start + piece.bytes.length, start + length),
      ];
      if (from >= to) continue;
      const bytes = piece.bytes.subarray(from - piece.start, to - piece.start);
      this.#pieces.push({ start: begins + from - start, bytes });
    }
    this.size = begins + length;
  }

  read(start: number, length: number): Promise<Buffer> {
    const read = Buffer.alloc(length);
    for (const piece of this.#pieces) {
      const from = Math.max(piece.start, start);
      const to = Math.min(piece.start + piece.bytes.length, start + length);
      if (from < to) piece.bytes.copy(read, from - start, from - piece.start, to - piece.start);
    }
    return Promise.resolve(read);
  }
}

interface Made {
  readonly segment: ZipSegment;
  readonly bytes: SparseBytes;
}

const asSegment = (bytes: SparseBytes, entries: ZipSegment['entries'], key: string): Made => ({
  bytes,
  segment: {
    zip: { key, version: '"1"', size: bytes.size, read: (start, length) => bytes.read(start, length) },
    entries,
  },
});

/** A segment as archiver makes it. */
const packed = async (
  contents: readonly (readonly [string, () => AsyncIterable<Uint8Array>])[],
): Promise<Made> => {
  const archive = openZipArchive(NOON);
  const output = buffer(archive.output);
  const entries: ZipSegment['entries'][number][] = [];
  for (const [path, content] of contents) entries.push(await archive.add(path, content()));
  await archive.finish();
  const bytes = new SparseBytes();
  bytes.add(await output);
  return asSegment(bytes, entries, contents[0]?.[0] ?? '');
};

/** A segment of one stored entry of zeros, which nobody can hold. */
const stored = (path: string, length: number): Made => {
  const bytes = new SparseBytes();
  const entry: ZipEntry = {
    path,
    method: STORED,
    modified: 0,
    crc32: 0,
    packedBytes: length,
    bytes: length,
    offset: 0,
  };
  bytes.add(localHeader(entry));
  bytes.addZeros(length);
  bytes.add(dataDescriptor(entry));
  const offset = bytes.size;
  const directory = centralHeader(entry);
  bytes.add(Buffer.concat([directory, endRecords({ entries: 1, bytes: directory.length, offset })]));
  return asSegment(bytes, [entry], path);
};

const pathOf = (number: number): string => `files/${number}/a.txt`;

/** A segment of small entries, packed without the archiver's pace. */
const ofMany = (first: number, count: number): Made => {
  const bytes = new SparseBytes();
  const parts: Buffer[] = [];
  const entries: ZipEntry[] = [];
  let offset = 0;
  for (let number = first; number < first + count; number += 1) {
    const content = Buffer.from(`content ${number}`);
    const deflated = deflateRawSync(content);
    const entry: ZipEntry = {
      path: pathOf(number),
      method: DEFLATED,
      modified: 0x5d776000,
      crc32: crc32(content),
      packedBytes: deflated.length,
      bytes: content.length,
      offset,
    };
    const whole = Buffer.concat([localHeader(entry), deflated, dataDescriptor(entry)]);
    parts.push(whole);
    entries.push(entry);
    offset += whole.length;
  }
  const directory = Buffer.concat(entries.map(centralHeader));
  const end = endRecords({ entries: count, bytes: directory.length, offset });
  bytes.add(Buffer.concat([...parts, directory, end]));
  return asSegment(bytes, entries, `segment ${first}`);
};

const isStored = (piece: StoredBytes | Uint8Array): piece is StoredBytes => 'source' in piece;

/** Joins segments as S3 would, without keeping their zeros. */
const joined = async (made: readonly Made[]): Promise<SparseBytes> => {
  const result = new SparseBytes();
  const segments = async function* () {
    for (const { segment } of made) yield await Promise.resolve(segment);
  };
  for await (const piece of joinedZip(segments())) {
    if (!isStored(piece)) {
      result.add(Buffer.from(piece));
      continue;
    }
    const source = made.find(({ segment }) => segment.zip === piece.source);
    if (source === undefined) throw new Error('A piece of nothing was to be joined.');
    result.addPart(source.bytes, piece.start, piece.length);
  }
  return result;
};

const directoryOf = (zip: SparseBytes): Promise<ZipEntry[]> =>
  Array.fromAsync(
    zipDirectory(new PackageBytes({ size: zip.size, read: (start, length) => zip.read(start, length) })),
  );

/** Where each entry of the directory begins, its own header must stand. */
const expectHeaders = async (zip: SparseBytes, entries: readonly ZipEntry[]): Promise<void> => {
  for (const entry of entries) {
    const header = localHeader(entry);
    const found = await zip.read(entry.offset, header.length);
    if (!found.equals(header)) throw new Error(`${entry.path} is not at byte ${entry.offset}.`);
  }
};

const small = (path: string) => packed([[path, () => chunks([Buffer.from(path)])]]);

async function* chunks(bytes: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const chunk of bytes) yield await Promise.resolve(chunk);
}

describe('a ZIP joined of segments', () => {
  it('lists 70,000 entries, each with its own bytes', async () => {
    const zip = await joined([ofMany(0, 30_000), ofMany(30_000, 1), ofMany(30_001, 39_999)]);
    const entries = await directoryOf(zip);
    expect(entries).toHaveLength(70_000);
    const wrong = entries.findIndex(
      (entry, number) =>
        entry.path !== pathOf(number) || entry.crc32 !== crc32(Buffer.from(`content ${number}`)),
    );
    expect(wrong).toBe(-1);
    await expectHeaders(zip, entries);
  });

  it('finds what lies behind 4 GiB and behind entries larger than that', async () => {
    const made = [
      await small('first'),
      stored('just below', 4 * GIB - 2),
      await small('across'),
      stored('above', 5 * GIB),
      await small('last'),
    ];
    const zip = await joined(made);
    const entries = await directoryOf(zip);
    expect(entries.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['first', 5],
      ['just below', 4 * GIB - 2],
      ['across', 6],
      ['above', 5 * GIB],
      ['last', 4],
    ]);
    expect(entries[2]?.offset).toBeGreaterThan(4 * GIB);
    await expectHeaders(zip, entries);
  });

  it('takes an entry above 4 GiB as archiver packs it, and what follows', async () => {
    const zeros = Buffer.alloc(MIB);
    const size = 4 * GIB + MIB;
    const large = () =>
      chunks(
        (function* () {
          for (let at = 0; at < size; at += zeros.length) yield zeros;
        })(),
      );
    const made = await packed([
      ['large', large],
      ['beside', () => chunks([zeros])],
    ]);
    const zip = await joined([await small('first'), made, await small('last')]);
    const entries = await directoryOf(zip);
    expect(entries.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['first', 5],
      ['large', size],
      ['beside', MIB],
      ['last', 4],
    ]);
    await expectHeaders(zip, entries);
  });
});
