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
import type { ReadEntry } from './package-contents.ts';
import type { RandomAccessSource } from './random-access-source.ts';
import { readZipPackage } from './zip-package.ts';

export interface VerifyOptions {
  readonly format: ExportFormat;
  /** Hex: the whole package's, where it is known from elsewhere. */
  readonly sha256?: string | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** A package that has proven itself. */
export interface VerifiedPackage {
  readonly manifest: Manifest;
  readonly bytes: number;
  /** Hex, of the whole package. */
  readonly sha256: string;
  readonly entries: readonly ReadEntry[];
  /** Records read, by section. */
  readonly records: Readonly<Partial<Record<Section, number>>>;
}

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
  const bytes = new PackageBytes(source, onProgress);
  const contents = await (format === 'zip' ? readZipPackage(bytes) : readJsonPackage(bytes));
  const manifest = parseManifest(contents.manifestText, format);
  checkEntries(contents, manifest, format);
  checkManifest(manifest, format);
  const tallied = contents.transactions.result();
  checkRecords(contents, tallied, manifest);
  if (format === 'zip') checkFiles(contents, tallied, manifest);

  const sha256 = await bytes.sha256();
  if (expected !== undefined && sha256 !== expected) {
    throw corrupted('PACKAGE_BYTES', 'The package does not have the SHA-256 that it should have.');
  }
  const records = Object.fromEntries([...contents.sections].map(([section, { count }]) => [section, count]));
  return { manifest, bytes: bytes.size, sha256, entries: contents.entries, records };
};
