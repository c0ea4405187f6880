import type { Manifest } from '../../../../../shared/domain/manifest.ts';
import {
  ACCOUNTS_CSV_PATH,
  CHECKSUMS_PATH,
  FILES_FOLDER,
  MANIFEST_PATH,
  README_PATH,
  SECTION_PATHS,
  TRANSACTIONS_CSV_PATH,
  VIEWER_PATH,
} from '../../../../../shared/domain/package-paths.ts';
import { SECTIONS, type Section } from '../../../../../shared/domain/sections.ts';
import type { TransactionTallies } from '../../../../../shared/domain/transaction-tally.ts';
import type { Problem, ShownFile } from '../protocol.ts';

/** An entry as it was read; without a hash where it could not be. */
export interface FoundEntry {
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

const CHECKSUM_LINE = /^([0-9a-f]{64}) {2}([^\n]+)$/u;

const problem = (where: string, fact: string): Problem => ({ where, fact });

/** What `checksums.sha256` states, by path, and the lines of it that state nothing. */
export const parsedChecksums = (text: string): { sums: ReadonlyMap<string, string>; problems: Problem[] } => {
  const sums = new Map<string, string>();
  const problems: Problem[] = [];
  const lines = text.split('\n');
  if (lines.pop() !== '') problems.push(problem(CHECKSUMS_PATH, 'It is cut short.'));
  for (const [index, line] of lines.entries()) {
    const [, sha256, path] = CHECKSUM_LINE.exec(line) ?? [];
    if (sha256 === undefined || path === undefined) {
      problems.push(problem(CHECKSUMS_PATH, `Line ${index + 1} is no checksum.`));
    } else if (sums.has(path)) {
      problems.push(problem(CHECKSUMS_PATH, `It lists ${path} twice.`));
    } else {
      sums.set(path, sha256);
    }
  }
  return { sums, problems };
};

/** What a package of such an export has beside the statement files. */
export const expectedPaths = ({ counts, includeCsv }: Manifest): string[] => [
  ...SECTIONS.filter((section) => counts[section] !== undefined).map((section) => SECTION_PATHS[section]),
  ...(includeCsv && counts.accounts !== undefined ? [ACCOUNTS_CSV_PATH] : []),
  ...(includeCsv && counts.transactions !== undefined ? [TRANSACTIONS_CSV_PATH] : []),
  ...[README_PATH, VIEWER_PATH, MANIFEST_PATH, CHECKSUMS_PATH],
];

const isOwnList = (path: string): boolean => path === MANIFEST_PATH || path === CHECKSUMS_PATH;

/** Whether an entry is what the manifest and the list of checksums state of it. */
export const entryProblems = (
  { path, bytes, sha256 }: FoundEntry,
  manifest: ReadonlyMap<string, Pick<FoundEntry, 'bytes' | 'sha256'>>,
  sums: ReadonlyMap<string, string>,
): Problem[] => {
  const problems: Problem[] = [];
  const stated = manifest.get(path);
  const sum = sums.get(path);
  if (stated !== undefined && stated.bytes !== bytes) {
    problems.push(problem(path, `It has ${bytes} bytes, but the manifest states ${stated.bytes}.`));
  } else if (stated !== undefined && stated.sha256 !== sha256) {
    problems.push(problem(path, 'Its fingerprint is not the one that the manifest states: it was changed.'));
  }
  if (stated === undefined && !isOwnList(path)) {
    problems.push(problem(path, 'It is in the package, but the manifest does not list it.'));
  }
  if (path === CHECKSUMS_PATH) return problems;
  if (sum === undefined) {
    problems.push(problem(path, `It is in the package, but ${CHECKSUMS_PATH} does not list it.`));
  } else if (sum !== sha256 && problems.length === 0) {
    problems.push(
      problem(path, `Its fingerprint is not the one that ${CHECKSUMS_PATH} states: it was changed.`),
    );
  }
  return problems;
};

/** Which entries a package should have and has not, or has although it should not, or has twice. */
export const listProblems = (
  found: readonly string[],
  manifest: Manifest,
  sums: ReadonlyMap<string, string>,
): Problem[] => {
  const paths = new Set(found);
  const expected = new Set(expectedPaths(manifest));
  const listed = new Set([...manifest.entries.map(({ path }) => path), ...sums.keys(), ...expected]);
  const seen = new Set<string>();
  return [
    ...[...listed]
      .filter((path) => !paths.has(path))
      .map((path) => problem(path, 'It is missing from the package.')),
    ...found
      .filter((path) => seen.size === seen.add(path).size)
      .map((path) => problem(path, 'It is in the package twice.')),
    ...[...paths]
      .filter((path) => !expected.has(path) && !path.startsWith(FILES_FOLDER))
      .map((path) => problem(path, 'Such a package has nothing of this name.')),
  ];
};

/** Whether a section has as many records as stated. */
export const countProblems = (section: Section, records: number, { counts }: Manifest): Problem[] => {
  const expected = counts[section]?.expected;
  return expected === undefined || expected === records
    ? []
    : [problem(SECTION_PATHS[section], `Its records are ${records}, but the manifest states ${expected}.`)];
};

const monthProblems = (found: TransactionTallies['byMonth'], stated: Manifest['transactionsByMonth']) =>
  [...new Set([...Object.keys(stated), ...Object.keys(found)])]
    .filter((month) => found[month] !== stated[month])
    .map((month) =>
      problem(
        SECTION_PATHS.transactions,
        `Transactions of ${month}: ${found[month] ?? 0}, but the manifest states ${stated[month] ?? 0}.`,
      ),
    );

/** Whether the transactions are as many in each month, and add up to the sums, as the manifest states. */
export const tallyProblems = (tally: TransactionTallies, manifest: Manifest): Problem[] => {
  const stated = new Map(
    manifest.controlTotals.map((total) => [JSON.stringify([total.accountId, total.currency]), total]),
  );
  const differing = tally.controlTotals.filter((total) => {
    const key = JSON.stringify([total.accountId, total.currency]);
    const same = JSON.stringify(stated.get(key)) === JSON.stringify(total);
    stated.delete(key);
    return !same;
  });
  return [
    ...monthProblems(tally.byMonth, manifest.transactionsByMonth),
    ...[...differing, ...stated.values()].map(({ accountId, currency }) =>
      problem(
        SECTION_PATHS.transactions,
        `The transactions of account ${accountId}${currency === null ? '' : ` in ${currency}`} do not add up to what the manifest states.`,
      ),
    ),
  ];
};

/** Whether the file records and the files fit each other. */
export const fileProblems = (
  files: readonly ShownFile[],
  found: ReadonlyMap<string, FoundEntry>,
  { omissions }: Manifest,
): Problem[] => {
  const claimed = new Set(files.map(({ path }) => path));
  const omitted = new Set(omissions.map(({ id }) => id));
  return [
    ...files
      .filter(({ id, path }) => (path === '' ? !omitted.has(id) : !found.has(path)))
      .map(({ id }) =>
        problem(SECTION_PATHS.transactionFiles, `The record of file ${id} names no file of the package.`),
      ),
    ...[...found.keys()]
      .filter((path) => path.startsWith(FILES_FOLDER) && !claimed.has(path))
      .map((path) => problem(path, 'It belongs to no file record.')),
  ];
};
