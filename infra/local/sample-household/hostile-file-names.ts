import type { StatementFormat } from './statement.ts';

/** Names users can give a file and which hurt whoever takes them for a path, a file name or a formula. */
export const HOSTILE_FILE_NAMES: Readonly<Record<StatementFormat, readonly string[]>> = {
  csv: [
    '../../etc/passwd.csv',
    'CON.csv',
    '',
    '..',
    'Auszug\n2021.csv',
    'statement\u202Efdp.csv',
    '💶 Auszug 👨‍👩‍👧.csv',
    '\u00DCbersicht.csv',
    'U\u0308bersicht.csv',
    'Statement.csv',
    'STATEMENT.CSV',
    'statement.',
    `${'lang'.repeat(75)}.csv`,
    `${'länger'.repeat(250)}.csv`,
    ' leading and trailing ',
    '%2e%2e%2fetc%2fpasswd.csv',
    'a"b<c>d|e?f*g:h\'i.csv',
    'nul\u0000byte.csv',
    '__proto__',
  ],
  ofx: ['a/../b.ofx', '/absolute/statement.ofx', '.hidden.ofx', 'كشف حساب.ofx'],
  qif: ['C:\\statement.qif', '\\\\server\\share\\statement.qif', '-rf.qif'],
  pdf: ['statement.pdf ', 'statement.pdf.exe'],
  xlsx: ["=cmd|' /C calc'!A1.xlsx", 'aux'],
};

const LONGEST_KEY_BYTES = 1024;

/** Characters of which a key or a URL path can mean something else on its way through an HTTP client. */
const ALTERS_A_KEY = /[\p{Cc}/\\%?#]/u;

const staysOneSegment = (fileName: string): boolean =>
  fileName !== '' && fileName.trim() === fileName && !/^\.+$/.test(fileName) && !ALTERS_A_KEY.test(fileName);

/**
 * The S3 key of a file, `{userId}/{fileId}/{fileName}`. A name that is no harmless key segment stays in the record only;
 * the key then ends in `statement.<format>`.
 */
export const fileKey = (folder: string, fileName: string, format: StatementFormat): string => {
  const key = `${folder}/${fileName}`;
  return staysOneSegment(fileName) && Buffer.byteLength(key) <= LONGEST_KEY_BYTES
    ? key
    : `${folder}/statement.${format}`;
};
