import type { ExportFormat } from '../domain/export-request.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Section } from '../domain/sections.ts';
import { corrupted } from './broken-package.ts';
import { checkEntries } from './check-entries.ts';
import { checkFiles } from './check-files.ts';
import { checkManifest } from './check-manifest.ts';
import { checkRecords } from './check-records.ts';
import { readJsonPackage } from './json-package.ts';
import { parseManifest } from './manifest-text.ts';
import { PackageBytes, type OnProgress } from './package-bytes.ts';
import type { PackageContents, ReadEntry } from './package-contents.ts';
import type { RandomAccessSource } from './random-access-source.ts';
import { runningHash, type RunningHash } from './running-hash.ts';
import { ZipReading } from './zip-package.ts';

export interface VerifyOptions {
  readonly format: ExportFormat;
  /** Hex: the whole package's, where it is known from elsewhere. */
  readonly sha256?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** What a package has proven to hold. */
export interface VerifiedContents {
  readonly manifest: Manifest;
  readonly bytes: number;
  readonly entries: readonly ReadEntry[];
  /** Records read, by section. */
  readonly records: Readonly<Partial<Record<Section, number>>>;
}

/** A package that has proven itself. */
export interface VerifiedPackage extends VerifiedContents {
  /** Hex, of the whole package. */
  readonly sha256: string;
}

/**
 * Compares what was found in a package that was read to its end.
 * @throws PackageCorrupted
 * @throws PackageCountsWrong
 * @throws PackageTotalsWrong
 */
export const verifyContents = (
  contents: PackageContents,
  size: number,
  format: ExportFormat,
): VerifiedContents => {
  const manifest = parseManifest(contents.manifestText, format);
  checkEntries(contents, manifest, format);
  checkManifest(manifest, format);
  const tallied = contents.tallied();
  checkRecords(contents, tallied, manifest);
  if (format === 'zip') checkFiles(contents, tallied, manifest);
  return { manifest, bytes: size, entries: contents.entries, records: contents.counts };
};

/** The hash of all bytes, those too that no part of the package has asked for. @throws PackageCorrupted */
export const verifyHash = async (
  bytes: PackageBytes,
  hash: RunningHash,
  expected: string | undefined,
): Promise<string> => {
  await bytes.readRest();
  const sha256 = hash.digest();
  if (expected === undefined || sha256 === expected) return sha256;
  throw corrupted('PACKAGE_BYTES', 'The package does not have the SHA-256 that it should have.');
};

const readZipPackage = async (bytes: PackageBytes): Promise<PackageContents> => {
  const reading = new ZipReading(bytes);
  await reading.read();
  return reading.contents;
};

/**
 * Reads a whole package once, in order, in flat memory, and compares everything that can be told twice: the container's
 * own records, sizes and checksums, the lists, counts, references, and the sums of the transactions.
 * @throws PackageCorrupted
 * @throws PackageCountsWrong
 * @throws PackageTotalsWrong
 * @throws whatever the source or `onProgress` throws
 */
export const verifyPackage = async (
  source: RandomAccessSource,
  { format, sha256: expected, onProgress }: VerifyOptions,
): Promise<VerifiedPackage> => {
  const hash = runningHash();
  const bytes = new PackageBytes(source, { hash, onProgress });
  const contents = await (format === 'zip' ? readZipPackage(bytes) : readJsonPackage(bytes));
  const verified = verifyContents(contents, source.size, format);
  return { ...verified, sha256: await verifyHash(bytes, hash, expected) };
};
