import { InterimCorrupted } from '../../shared/domain/errors.ts';
import type { PackageEntry } from '../../shared/domain/manifest.ts';
import {
  centralHeader,
  dataDescriptor,
  endRecords,
  localHeader,
  type ZipEntry,
} from '../../shared/packaging/zip-layout.ts';
import type { StoredBytes, StoredObject } from '../../shared/ports.ts';
import { isVerdict } from '../../shared/verification/broken-package.ts';
import { PackageBytes } from '../../shared/verification/package-bytes.ts';
import { zipDirectory } from '../../shared/verification/zip-directory.ts';

/** A ZIP that goes whole into the package, with the entries that its packer said it has. */
export interface ZipSegment {
  readonly zip: StoredObject;
  readonly entries: readonly Pick<PackageEntry, 'path' | 'bytes'>[];
}

/** Directory records that are handed on at once. */
const RECORDS_AT_ONCE = 1000;

const notAsPacked = (cause?: unknown): Error =>
  new InterimCorrupted('A segment of the package is not what its packer wrote.', { cause });

const directoryOf = async (zip: StoredObject): Promise<ZipEntry[]> => {
  try {
    return await Array.fromAsync(zipDirectory(new PackageBytes(zip)));
  } catch (error) {
    throw isVerdict(error) ? notAsPacked(error) : error;
  }
};

const entryBytes = (entry: ZipEntry): number =>
  localHeader(entry).length + entry.packedBytes + dataDescriptor(entry).length;

/** Where the last entry ends; each must begin where the one before it ends. @throws InterimCorrupted */
const endOfEntries = (entries: readonly ZipEntry[]): number =>
  entries.reduce((position, entry) => {
    if (entry.offset !== position) throw notAsPacked();
    return position + entryBytes(entry);
  }, 0);

const checkEntries = (found: readonly ZipEntry[], told: ZipSegment['entries']): void => {
  const same = found.every(({ path, bytes }, at) => told[at]?.path === path && told[at].bytes === bytes);
  if (!same || found.length !== told.length) throw notAsPacked();
};

/**
 * The pieces of one ZIP made of several: the entries of each as they are stored, then one directory of them all, in
 * ZIP64 where numbers demand it (APPNOTE 4.3).
 * @throws InterimCorrupted when a segment does not have the entries that its packer named
 */
export async function* joinedZip(
  segments: AsyncIterable<ZipSegment>,
): AsyncGenerator<StoredBytes | Uint8Array> {
  const all: ZipEntry[] = [];
  let offset = 0;
  for await (const { zip, entries: told } of segments) {
    const entries = await directoryOf(zip);
    checkEntries(entries, told);
    const length = endOfEntries(entries);
    yield { source: zip, start: 0, length };
    for (const entry of entries) all.push({ ...entry, offset: offset + entry.offset });
    offset += length;
  }

  let bytes = 0;
  for (let at = 0; at < all.length; at += RECORDS_AT_ONCE) {
    const records = Buffer.concat(all.slice(at, at + RECORDS_AT_ONCE).map(centralHeader));
    bytes += records.length;
    yield records;
  }
  yield endRecords({ entries: all.length, bytes, offset });
}
