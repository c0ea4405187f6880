import { SECTION_PATHS } from '../../../shared/domain/package-layout.ts';
import { STATEMENT_PATH, type Spoiling } from '../built-package.ts';
import {
  added,
  counting,
  edited,
  everyOmission,
  filteredBy,
  firstTotal,
  rehashed,
  renamed,
  stating,
  swapped,
  without,
} from './spoiling-steps.ts';
import { corrupted, countsWrong, totalsWrong, type Verdict } from './verdicts.ts';

export interface WronglyMade {
  readonly kind: string;
  readonly spoiling: Spoiling;
  readonly verdict: Verdict;
}

const { accounts: ACCOUNTS, transactions: TRANSACTIONS, transactionFiles: FILES } = SECTION_PATHS;
const MAY_FIRST = Date.UTC(2026, 4, 1);
const NO_HASH = '0'.repeat(64);

const made = (kind: string, verdict: Verdict, spoiling: Spoiling): WronglyMade => ({
  kind,
  spoiling,
  verdict,
});

const entries: readonly WronglyMade[] = [
  made('a dropped file', corrupted('ENTRY_MISSING'), { packed: without(STATEMENT_PATH) }),
  made('a dropped section', corrupted('ENTRY_MISSING'), { packed: without(ACCOUNTS) }),
  made('no manifest', corrupted('MANIFEST_UNREADABLE'), { packed: without('manifest.json') }),
  made('no checksums', corrupted('ENTRY_MISSING'), { packed: without('checksums.sha256') }),
  made('an extra entry', corrupted('ENTRY_UNEXPECTED'), { packed: added('extra.txt', 'hello') }),
  made('an entry twice', corrupted('ENTRY_TWICE'), { packed: added('README.txt', 'hello') }),
  made('two names that differ in case only', corrupted('ENTRY_TWICE'), {
    packed: added('readme.TXT', 'hello'),
  }),
  made('two names that differ in Unicode form only', corrupted('ENTRY_TWICE'), {
    contents: (contents) => added('\u00e4.txt', '1')(added('a\u0308.txt', '2')(contents)),
  }),
  made('a renamed entry', corrupted('ENTRY_MISSING'), {
    packed: renamed(STATEMENT_PATH, 'files/file-1/june.csv'),
  }),
  made('a name that leaves the folder', corrupted('ZIP_DIRECTORY'), {
    contents: renamed('README.txt', 'a/../../x'),
  }),
  made('two entries with swapped contents', corrupted('ENTRY_HASH'), {
    packed: swapped(STATEMENT_PATH, 'README.txt'),
  }),
  made("a file's bytes changed", corrupted('ENTRY_HASH'), {
    packed: edited(STATEMENT_PATH, '12.50', '12.51'),
  }),
  made('a file that belongs to no record', corrupted('FILE_REFERENCE'), {
    contents: added('files/file-9/x.csv', 'x'),
  }),
];

const checksums: readonly WronglyMade[] = [
  made('a checksum changed', corrupted('ENTRY_HASH'), {
    checksums: (text) => text.replace(/^.{64}/, NO_HASH),
  }),
  made('a checksum missing', corrupted('ENTRY_UNEXPECTED'), {
    checksums: (text) => text.replace(/^.*\n/, ''),
  }),
  made('a checksum of nothing', corrupted('ENTRY_MISSING'), {
    checksums: (text) => `${text}${NO_HASH}  x.txt\n`,
  }),
  made('a checksum twice', corrupted('CHECKSUM_LIST'), {
    checksums: (text) => text.replace(/^(.*\n)/, '$1$1'),
  }),
  made('checksums cut short', corrupted('CHECKSUM_LIST'), { checksums: (text) => text.slice(0, -1) }),
  made('a hash changed in the manifest', corrupted('ENTRY_HASH'), { manifest: rehashed }),
  made('a hash changed in the manifest and the checksums', corrupted('ENTRY_HASH'), {
    manifest: rehashed,
    checksums: (text) => text.replace(/^.*(?= {2}files)/m, NO_HASH),
  }),
];

const sums: readonly WronglyMade[] = [
  made('a wrong count', countsWrong('SECTION_COUNT'), { manifest: counting('accounts', 3, 3, 0) }),
  made('counts that do not add up', countsWrong('SECTION_COUNT'), {
    manifest: counting('accounts', 2, 1, 0),
  }),
  made('an omission that is not counted', countsWrong('OMISSION_COUNT'), {
    manifest: counting('transactionFiles', 2, 2, 0),
  }),
  made('a wrong summary', countsWrong('SUMMARY_COUNT'), {
    manifest: stating({ dataSummary: { accountsCount: 2 } }),
  }),
  made('a wrong net', totalsWrong('CONTROL_TOTAL'), { manifest: firstTotal({ net: '5.5' }) }),
  made('a wrong last balance', totalsWrong('CONTROL_TOTAL'), {
    manifest: firstTotal({ lastBalance: '94.50' }),
  }),
  made('no control totals', totalsWrong('CONTROL_TOTAL'), { manifest: stating({ controlTotals: [] }) }),
  made('a wrong month', totalsWrong('MONTH_TOTAL'), {
    manifest: stating({ transactionsByMonth: { '2026-04': 2, '2026-05': 3 } }),
  }),
  made('an amount changed and every hash with it', totalsWrong('CONTROL_TOTAL'), {
    contents: edited(TRANSACTIONS, '-12.5', '-12.6'),
  }),
  made("an amount's sign changed and every hash with it", totalsWrong('CONTROL_TOTAL'), {
    contents: edited(TRANSACTIONS, '"7"', '"-7"'),
  }),
  made('a currency changed and every hash with it', totalsWrong('CONTROL_TOTAL'), {
    contents: edited(TRANSACTIONS, 'USD', 'GBP'),
  }),
  made('a transaction moved to another account', totalsWrong('CONTROL_TOTAL'), {
    contents: edited(TRANSACTIONS, '"accountId":"account-1"', '"accountId":"account-2"'),
  }),
  made('a transaction removed and every hash changed with it', countsWrong('SECTION_COUNT'), {
    contents: edited(TRANSACTIONS, /\{"transactionId":"transaction-2.*\n/, ''),
  }),
  made('an account added and every hash changed with it', countsWrong('SECTION_COUNT'), {
    contents: edited(ACCOUNTS, '[\n', '[\n{"accountId":"a","userId":"user-1"},\n'),
  }),
];

const records: readonly WronglyMade[] = [
  made('transactions out of order', corrupted('RECORD_ORDER'), {
    contents: edited(TRANSACTIONS, /(\{"transactionId":"transaction-1.*\n)(.*\n)/, '$2$1'),
  }),
  made('transactions of one date out of the order of their ids', corrupted('RECORD_ORDER'), {
    contents: edited(TRANSACTIONS, /transaction-2(.*"date":)\d+/, `transaction-0$1${Date.UTC(2026, 3, 30)}`),
  }),
  made('two dates that are one as doubles in the wrong order', corrupted('RECORD_ORDER'), {
    contents: (contents) =>
      edited(
        TRANSACTIONS,
        /(-2".*"date":)\d+/,
        `$1${MAY_FIRST}.0000002`,
      )(edited(TRANSACTIONS, /(-3".*"date":)\d+/, `$1${MAY_FIRST}.0000001`)(contents)),
  }),
  made('two large dates that are one as doubles in the wrong order', corrupted('RECORD_ORDER'), {
    contents: (contents) =>
      edited(
        TRANSACTIONS,
        /(-4".*"date":)\d+/,
        '$19007199254740993',
      )(edited(TRANSACTIONS, /(-5".*"date":)\d+/, '$19007199254740992')(contents)),
  }),
  made("another user's record", corrupted('RECORD_OWNER'), {
    contents: edited(SECTION_PATHS.fileMaps, 'user-1', 'user-2'),
  }),
  made("another user's manifest", corrupted('RECORD_OWNER'), { manifest: stating({ userId: 'user-2' }) }),
  made('a record of an account that was not asked for', corrupted('RECORD_FILTER'), {
    manifest: filteredBy({ accountIds: ['account-1'] }),
  }),
  made('a transaction before the dates that were asked for', corrupted('RECORD_FILTER'), {
    manifest: filteredBy({ dateRangeStart: Date.UTC(2026, 4, 1) }),
  }),
  made('a transaction behind the dates that were asked for', corrupted('RECORD_FILTER'), {
    manifest: filteredBy({ dateRangeEnd: Date.UTC(2026, 4, 3) }),
  }),
  made('a transaction without the category that was asked for', corrupted('RECORD_FILTER'), {
    manifest: filteredBy({ categoryIds: ['category-1'] }),
  }),
  made('a section that is no JSON', corrupted('SECTION_TEXT'), {
    contents: edited(TRANSACTIONS, '"description"', '"description'),
  }),
  made('a section that is cut short', corrupted('SECTION_TEXT'), {
    contents: edited(TRANSACTIONS, /\]\n$/, ''),
  }),
  made('a section without its last line feed', corrupted('SECTION_TEXT'), {
    contents: edited(TRANSACTIONS, /\]\n$/, ']'),
  }),
  made('a section that goes on behind its end', corrupted('SECTION_TEXT'), {
    contents: edited(SECTION_PATHS.categories, '[]\n', '[]\n[]\n'),
  }),
  made('two records on one line', corrupted('SECTION_TEXT'), { contents: edited(ACCOUNTS, '},\n{', '},{') }),
  made('a file record without its package entry', corrupted('FILE_REFERENCE'), {
    contents: edited(FILES, /,"packageEntry":\{[^}]*\}/, ''),
  }),
  made('a file record that names no file', corrupted('FILE_REFERENCE'), {
    contents: edited(FILES, STATEMENT_PATH, 'files/file-9/may.csv'),
  }),
  made('a file record with another hash', corrupted('FILE_REFERENCE'), {
    contents: edited(FILES, /"sha256":"..../, '"sha256":"0000'),
  }),
  made('a file record that calls its file an omission', corrupted('FILE_REFERENCE'), {
    contents: edited(
      FILES,
      /\{"path":"files[^}]*\}/,
      '{"path":null,"omission":"NO_KEY","transactionCount":3}',
    ),
  }),
  made('a file record with a wrong count of transactions', countsWrong('FILE_TRANSACTION_COUNT'), {
    contents: edited(FILES, '"transactionCount":3', '"transactionCount":2'),
  }),
];

const manifests: readonly WronglyMade[] = [
  made('an omission of another file', corrupted('FILE_REFERENCE'), {
    manifest: everyOmission({ id: 'file-9' }),
  }),
  made('an omission that is not listed', corrupted('FILE_REFERENCE'), {
    manifest: (manifest) => ({
      ...counting('transactionFiles', 2, 2, 0)(manifest),
      ...{ omissions: [], completeness: 'complete' },
    }),
  }),
  made('a partial package that is called complete', corrupted('MANIFEST_CONTRADICTION'), {
    manifest: stating({ completeness: 'complete' }),
  }),
  made('sections that such an export does not have', corrupted('MANIFEST_CONTRADICTION'), {
    manifest: (manifest) => ({
      ...manifest,
      exportType: 'accounts_only',
      parameters: { ...manifest.parameters, exportType: 'accounts_only' },
    }),
  }),
  made('parameters that differ from what is stated', corrupted('MANIFEST_CONTRADICTION'), {
    manifest: (manifest) => ({ ...manifest, parameters: { ...manifest.parameters, includeCsv: true } }),
  }),
  made('a filter that was not asked for', corrupted('MANIFEST_CONTRADICTION'), {
    manifest: stating({ filters: { dateRangeStart: 1 } }),
  }),
  made('a manifest of another format version', corrupted('MANIFEST_UNREADABLE'), {
    manifest: stating({ exportFormatVersion: '9.0' }),
  }),
  made('a manifest that states a key twice', corrupted('MANIFEST_UNREADABLE'), {
    packed: edited('manifest.json', '{\n', '{\n  "userId": "user-2",\n'),
  }),
  made('a manifest that was changed', corrupted('ENTRY_HASH'), {
    packed: edited('manifest.json', '"housef3Version": "test"', '"housef3Version": "text"'),
  }),
];

/** ZIP packages that were made wrong; whatever follows from the change fits it. */
export const WRONGLY_MADE: readonly WronglyMade[] = [
  ...entries,
  ...checksums,
  ...sums,
  ...records,
  ...manifests,
];
