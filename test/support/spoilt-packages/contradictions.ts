import type { Manifest } from '../../../shared/domain/manifest.ts';
import { SECTION_PATHS } from '../../../shared/domain/package-layout.ts';
import { STATEMENT_PATH, type Content } from '../built-package.ts';
import {
  added,
  counting,
  edited,
  everyOmission,
  filteredBy,
  renamed,
  stating,
  without,
} from './spoiling-steps.ts';
import { corrupted } from './verdicts.ts';
import type { WronglyMade } from './wrongly-made.ts';

const { accounts: ACCOUNTS, transactions: TRANSACTIONS, transactionFiles: FILES } = SECTION_PATHS;

const asComplete = ({ parameters }: Manifest) => ({
  exportType: 'complete' as const,
  parameters: { ...parameters, dateRangeStart: 0 },
});

const contradicting = (kind: string, reason: string, spoiling: WronglyMade['spoiling']): WronglyMade => ({
  kind,
  spoiling,
  verdict: corrupted(reason),
});

const moved =
  (path: string) =>
  (contents: Content[]): Content[] =>
    edited(FILES, `"path":"${STATEMENT_PATH}"`, `"path":"${path}"`)(renamed(STATEMENT_PATH, path)(contents));

const files: readonly WronglyMade[] = [
  contradicting('a file under the id of another record', 'FILE_REFERENCE', {
    contents: moved('files/file-2/may.csv'),
  }),
  contradicting('a file under another name', 'FILE_REFERENCE', { contents: moved('files/file-1/june.csv') }),
  contradicting('a file under a name that is not safe', 'FILE_REFERENCE', {
    contents: moved('files/file-1/CON.csv'),
  }),
  contradicting('two file records that have exchanged their ids', 'FILE_REFERENCE', {
    contents: edited(FILES, /"file-1"(.*)"file-2"/s, '"file-2"$1"file-1"'),
  }),
  contradicting('an omission with another path', 'FILE_REFERENCE', {
    manifest: everyOmission({ expectedPath: 'files/file-2/arzte.csv' }),
  }),
  contradicting('an omission with a reason of its own', 'FILE_REFERENCE', {
    manifest: everyOmission({ reason: 'The file was not wanted.' }),
  }),
  contradicting('an omission of something that has no file', 'FILE_REFERENCE', {
    manifest: (manifest) =>
      counting(
        'transactionFiles',
        2,
        2,
        0,
      )(counting('accounts', 2, 1, 1)(everyOmission({ section: 'accounts' })(manifest))),
  }),
  contradicting('an omission twice', 'FILE_REFERENCE', {
    manifest: (manifest) => ({
      ...counting('transactionFiles', 2, 0, 2)(manifest),
      omissions: [...manifest.omissions, ...manifest.omissions],
    }),
  }),
];

const withTables: NonNullable<WronglyMade['spoiling']['manifest']> = (manifest) => ({
  ...manifest,
  includeCsv: true,
  parameters: { ...manifest.parameters, includeCsv: true },
});

const entries: readonly WronglyMade[] = [
  contradicting('an entry that no package has', 'ENTRY_UNEXPECTED', { contents: added('setup.exe', 'MZ') }),
  contradicting('an entry beside the sections', 'ENTRY_UNEXPECTED', {
    contents: added('data/rules.json', '[]\n'),
  }),
  contradicting('a table that was not asked for', 'ENTRY_UNEXPECTED', {
    contents: added('csv/accounts.csv', 'a'),
  }),
  contradicting('a table of a section that has none', 'ENTRY_UNEXPECTED', {
    contents: (contents) =>
      ['csv/accounts.csv', 'csv/transactions.csv', 'csv/categories.csv'].reduce(
        (more, path) => added(path, 'a')(more),
        contents,
      ),
    manifest: withTables,
  }),
  contradicting('no tables although they were asked for', 'ENTRY_MISSING', { manifest: withTables }),
  contradicting('one table although two were asked for', 'ENTRY_MISSING', {
    contents: added('csv/accounts.csv', 'a'),
    manifest: withTables,
  }),
  contradicting('no readme', 'ENTRY_MISSING', { contents: without('README.txt') }),
  contradicting('no viewer', 'ENTRY_MISSING', { contents: without('viewer.html') }),
  contradicting('no section that the manifest counts', 'ENTRY_MISSING', {
    contents: without(SECTION_PATHS.categories),
  }),
  contradicting('a section that the manifest does not count', 'ENTRY_UNEXPECTED', {
    manifest: (manifest) => ({
      ...manifest,
      counts: Object.fromEntries(
        Object.entries(manifest.counts).filter(([section]) => section !== 'analytics'),
      ),
      includeAnalytics: false,
      parameters: { ...manifest.parameters, includeAnalytics: false },
      dataSummary: { ...manifest.dataSummary, analyticsCount: 0 },
    }),
  }),
];

const CONTRADICTION = 'MANIFEST_CONTRADICTION';

const manifests: readonly WronglyMade[] = [
  contradicting('a time that is none', 'MANIFEST_UNREADABLE', {
    manifest: stating({ exportTimestamp: 'yesterday' }),
  }),
  contradicting('a day that does not exist', 'MANIFEST_UNREADABLE', {
    manifest: stating({ startedAt: '2026-02-30T00:00:00.000Z' }),
  }),
  contradicting('a beginning before it was asked for', CONTRADICTION, {
    manifest: stating({ startedAt: '2001-01-01T00:00:00.000Z' }),
  }),
  contradicting('filters of a complete export', CONTRADICTION, {
    manifest: (manifest) => ({ ...filteredBy({ dateRangeStart: 0 })(manifest), ...asComplete(manifest) }),
  }),
  contradicting('ids that were not found although none were asked for', CONTRADICTION, {
    manifest: stating({ filters: { notFound: { accountIds: [], categoryIds: [] } } }),
  }),
  contradicting('dates of which the first is the later', CONTRADICTION, {
    manifest: filteredBy({ dateRangeStart: 2, dateRangeEnd: 1 }),
  }),
  contradicting('a field that no manifest has', 'MANIFEST_UNREADABLE', {
    manifest: stating({ signedBy: 'x' }),
  }),
  contradicting('an omission with a field that none has', 'MANIFEST_UNREADABLE', {
    manifest: everyOmission({ note: 'x' }),
  }),
  contradicting('a parameter that no request has', 'MANIFEST_UNREADABLE', {
    manifest: (manifest) => stating({ parameters: { ...manifest.parameters, extra: 1 } })(manifest),
  }),
  contradicting('a file with the media type of another kind', CONTRADICTION, {
    manifest: (manifest) => ({
      ...manifest,
      entries: manifest.entries.map((entry) => ({ ...entry, mediaType: 'application/json' })),
    }),
  }),
];

const records: readonly WronglyMade[] = [
  contradicting('an account twice', 'RECORD_TWICE', {
    contents: edited(ACCOUNTS, '"account-2"', '"account-1"'),
  }),
  contradicting('a file map twice', 'RECORD_TWICE', {
    contents: edited(SECTION_PATHS.fileMaps, /(\{.*\})/, '$1,\n$1'),
  }),
  contradicting('a category twice', 'RECORD_TWICE', {
    contents: edited(
      SECTION_PATHS.categories,
      '[]',
      '[\n{"categoryId":"a","userId":"user-1"},\n{"categoryId":"a","userId":"user-1"}\n]',
    ),
  }),
  contradicting('a file record twice', 'RECORD_TWICE', {
    contents: edited(FILES, /(\{.*\}),\n/, '$1,\n$1,\n'),
  }),
  contradicting('a transaction twice', 'RECORD_TWICE', {
    contents: edited(TRANSACTIONS, /(\{.*\}),\n/, '$1,\n$1,\n'),
  }),
  contradicting('a record with an attribute twice', 'SECTION_TEXT', {
    contents: edited(ACCOUNTS, '"balance":"94.5"', '"balance":"0","balance":"94.5"'),
  }),
  contradicting('a record with an attribute twice, once written with an escape', 'SECTION_TEXT', {
    contents: edited(TRANSACTIONS, '"amount":"7"', String.raw`"\u0061mount":"9","amount":"7"`),
  }),
];

/** ZIP packages whose hashes all fit, but whose parts cannot all be true. */
export const CONTRADICTIONS: readonly WronglyMade[] = [...files, ...entries, ...manifests, ...records];
