import type { ExportFormat } from '../domain/export-request.ts';
import type { Manifest } from '../domain/manifest.ts';
import {
  ACCOUNTS_CSV_PATH,
  CHECKSUMS_PATH,
  FILES_FOLDER,
  MANIFEST_PATH,
  README_PATH,
  SECTION_PATHS,
  TRANSACTIONS_CSV_PATH,
  VIEWER_PATH,
} from '../domain/package-layout.ts';
import { SECTIONS } from '../domain/sections.ts';
import { corrupted, shownPath } from './broken-package.ts';
import type { PackageContents, ReadEntry } from './package-contents.ts';

const CHECKSUM_LINE = /^([0-9a-f]{64}) {2}([^\n]+)$/u;

/** Hashes by path. @throws PackageCorrupted when the text is no list of them */
const parseChecksums = (text: string): Map<string, string> => {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw corrupted('CHECKSUM_LIST', `${CHECKSUMS_PATH} is cut short.`);
  const sums = new Map<string, string>();
  for (const line of lines) {
    const [, sha256, path] = CHECKSUM_LINE.exec(line) ?? [];
    if (sha256 === undefined || path === undefined || sums.has(path)) {
      throw corrupted('CHECKSUM_LIST', `${CHECKSUMS_PATH} has a line that is no checksum, or one twice.`);
    }
    sums.set(path, sha256);
  }
  return sums;
};

/** `stated` and what was read must be the same entries, neither more nor less. */
const checkSamePaths = (
  found: readonly ReadEntry[],
  stated: { readonly has: (path: string) => boolean; readonly keys: () => Iterable<string> },
  list: string,
): void => {
  const paths = new Set(found.map(({ path }) => path));
  for (const path of stated.keys()) {
    if (!paths.has(path)) {
      throw corrupted('ENTRY_MISSING', `${shownPath(path)} is listed in ${list}, but is not in the package.`);
    }
  }
  for (const path of paths) {
    if (!stated.has(path)) {
      throw corrupted('ENTRY_UNEXPECTED', `${shownPath(path)} is in the package, but not listed in ${list}.`);
    }
  }
};

const checkAgainstManifest = (found: readonly ReadEntry[], manifest: Manifest): void => {
  const stated = new Map(manifest.entries.map((entry) => [entry.path, entry]));
  if (stated.size !== manifest.entries.length) {
    throw corrupted('ENTRY_TWICE', 'The manifest lists an entry twice.');
  }
  checkSamePaths(found, stated, 'the manifest');
  for (const { path, bytes, sha256 } of found) {
    const entry = stated.get(path);
    if (entry?.bytes !== bytes || entry.sha256 !== sha256) {
      throw corrupted(
        'ENTRY_HASH',
        `${shownPath(path)} does not have the size and SHA-256 that the manifest states.`,
      );
    }
  }
};

const checkAgainstChecksums = (found: readonly ReadEntry[], text: string): void => {
  const sums = parseChecksums(text);
  const covered = found.filter(({ path }) => path !== CHECKSUMS_PATH);
  checkSamePaths(covered, sums, CHECKSUMS_PATH);
  for (const { path, sha256 } of covered) {
    if (sums.get(path) !== sha256) {
      throw corrupted(
        'ENTRY_HASH',
        `${shownPath(path)} does not have the SHA-256 that ${CHECKSUMS_PATH} states.`,
      );
    }
  }
};

/** What a ZIP of such an export has beside the statement files. */
const expectedPaths = ({ counts, includeCsv }: Manifest): string[] => [
  ...SECTIONS.filter((section) => counts[section] !== undefined).map((section) => SECTION_PATHS[section]),
  ...(includeCsv && counts.accounts !== undefined ? [ACCOUNTS_CSV_PATH] : []),
  ...(includeCsv && counts.transactions !== undefined ? [TRANSACTIONS_CSV_PATH] : []),
  ...[README_PATH, VIEWER_PATH, MANIFEST_PATH, CHECKSUMS_PATH],
];

const checkExpected = (found: readonly ReadEntry[], manifest: Manifest): void => {
  const paths = new Set(found.map(({ path }) => path));
  const expected = new Set(expectedPaths(manifest));
  for (const path of expected) {
    if (!paths.has(path)) throw corrupted('ENTRY_MISSING', `${path} is not in the package.`);
  }
  for (const path of paths) {
    if (!expected.has(path) && !path.startsWith(FILES_FOLDER)) {
      throw corrupted('ENTRY_UNEXPECTED', `${path} is nothing that such a package has.`);
    }
  }
};

/**
 * Whether the package has the entries that its lists state, byte for byte, and no other, and whether a ZIP has those that its kind of export has.
 * @throws PackageCorrupted
 */
export const checkEntries = (
  { entries, checksumsText }: PackageContents,
  manifest: Manifest,
  format: ExportFormat,
): void => {
  if (format === 'zip') {
    for (const path of [MANIFEST_PATH, CHECKSUMS_PATH]) {
      if (!entries.some((entry) => entry.path === path)) {
        throw corrupted('ENTRY_MISSING', `${path} is not in the package.`);
      }
    }
    checkAgainstChecksums(entries, checksumsText);
  }
  checkAgainstManifest(
    entries.filter(({ path }) => path !== MANIFEST_PATH && path !== CHECKSUMS_PATH),
    manifest,
  );
  if (format === 'zip') checkExpected(entries, manifest);
};
