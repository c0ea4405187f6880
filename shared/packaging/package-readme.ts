import {
  CHECKSUMS_PATH,
  MANIFEST_PATH,
  README_PATH,
  SECTION_PATHS,
  VIEWER_PATH,
} from '../domain/package-layout.ts';
import type { Section } from '../domain/sections.ts';

/** A table of the package, for readers. */
export interface ReadmeTable {
  readonly path: string;
  readonly meaning: string;
  readonly columns: readonly { readonly title: string; readonly meaning: string }[];
}

/** What differs between one package's README.txt and another's. */
export interface ReadmeFacts {
  readonly sections: readonly Section[];
  readonly tables: readonly ReadmeTable[];
  /** Statement files whose bytes are not in the package. */
  readonly omitted: number;
}

const MEANINGS: Readonly<Record<Section, string>> = {
  accounts: 'your accounts',
  transactions: 'your transactions',
  categories: 'your categories and their rules',
  fileMaps: "how your banks' files are read",
  transactionFiles: 'a record of each statement file you uploaded',
  analytics: 'figures that the application has calculated',
};

/** Editors of every system read these line ends; some on Windows read no others. */
const LINE_END = '\r\n';

const line = (name: string, meaning: string): string => `  ${name.padEnd(30)}${meaning}`;

const titled = (title: string, lines: readonly string[]): string[] => [
  '',
  title,
  '-'.repeat(title.length),
  '',
  ...lines,
];

const parts = ({ sections, tables }: ReadmeFacts): string[] => [
  ...sections.map((section) => line(SECTION_PATHS[section], MEANINGS[section])),
  ...(sections.includes('transactionFiles') ? [line('files/', 'those files, byte by byte')] : []),
  ...tables.map(({ path, meaning }) => line(path, meaning)),
  line(README_PATH, 'this text'),
  line(VIEWER_PATH, 'a page that shows and checks all this'),
  line(MANIFEST_PATH, 'what was asked for, what is here, and the sums'),
  line(CHECKSUMS_PATH, 'a fingerprint (SHA-256) of each part'),
];

const DATA = [
  'The files in data/ have one record a line, with everything that is stored.',
  'Amounts are exact decimal numbers in quotes; times are milliseconds since',
  '1 January 1970 (UTC).',
];

const TRACE = [
  '',
  'A transaction names the file it came from in "fileId". The record with that',
  '"fileId" in data/transaction_files.json says in "packageEntry" where the file',
  'is in this package, and how many of the transactions here came from it. A',
  'file whose name some system cannot store has a safe name here; "fileName" in',
  'its record is the name you gave it.',
];

const completeness = ({ omitted }: ReadmeFacts): string[] => [
  omitted === 0
    ? 'This package is COMPLETE: nothing that was asked for has been left out.'
    : 'This package is PARTIAL: some statement files could not be included.',
  ...(omitted === 0
    ? []
    : [
        `Missing files: ${omitted}. Their records are here, and manifest.json says of each,`,
        'under "omissions", which it is and why it is missing.',
      ]),
  '',
  'Under "warnings" manifest.json lists what else you may want to know, such as a',
  'transaction whose account is no longer there. The package shows such things',
  'as the application has them.',
];

const CHECKING = [
  `Open ${VIEWER_PATH} in a browser and choose the ZIP file that it came in. The`,
  'page checks every part and shows what is in it. It needs no internet and sends',
  'nothing anywhere.',
  '',
  'Without it:',
  '',
  'Unpack everything, open a terminal in the folder with this text, and type',
  '',
  line('on Linux', `sha256sum -c ${CHECKSUMS_PATH}`),
  line('on macOS', `shasum -a 256 -c ${CHECKSUMS_PATH}`),
  '',
  'Every part must be OK. On Windows, "certutil -hashfile NAME SHA256" shows the',
  `fingerprint of one part, to be compared with its line in ${CHECKSUMS_PATH}.`,
];

const ABOUT_TABLES = [
  'The files in csv/ are for spreadsheets: UTF-8, commas between the columns, a',
  'point in decimal numbers. Where a text begins like a formula (=, +, -, @), an',
  'apostrophe stands before it, so that no spreadsheet calculates it. Names are',
  'those of the records in this package. The exact records are those in data/.',
];

const tableLines = ({ path, columns }: ReadmeTable): string[] => [
  '',
  `${path}:`,
  '',
  ...columns.map(({ title, meaning }) => line(title, meaning)),
];

/** The text of `README.txt`: what each part of the package is, whether all is there, and how to check it. */
export const packageReadme = (facts: ReadmeFacts): string =>
  [
    "YOUR HOUSEHOLD'S DATA",
    '=====================',
    '',
    'This package holds what the household application knew about you and your',
    'money when you asked for it. No special program is needed to read it.',
    ...titled('What is in it', [...parts(facts), '', ...DATA]),
    ...(facts.sections.includes('transactionFiles') ? TRACE : []),
    ...titled('Is everything here?', completeness(facts)),
    ...titled('How to check it', CHECKING),
    ...(facts.tables.length === 0
      ? []
      : titled('The tables', [...ABOUT_TABLES, ...facts.tables.flatMap(tableLines)])),
    '',
  ].join(LINE_END);
