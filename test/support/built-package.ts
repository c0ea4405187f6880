import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { ExportRequest } from '../../shared/domain/export-request.ts';
import {
  checksumsText,
  manifestOf,
  omittedFile,
  type Manifest,
  type ManifestFacts,
  type PackageEntry,
} from '../../shared/domain/manifest.ts';
import { mediaTypeOf } from '../../shared/domain/media-type.ts';
import { CHECKSUMS_PATH, MANIFEST_PATH, SECTION_PATHS } from '../../shared/domain/package-layout.ts';
import { SECTIONS, type Section } from '../../shared/domain/sections.ts';
import { TransactionTally } from '../../shared/domain/transaction-tally.ts';
import { openZipArchive } from '../../shared/packaging/zip-archive.ts';
import { A_USER, NOON } from './export-builders.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Content {
  readonly path: string;
  readonly text: string;
}

/** Ways to spoil a package on its way; each later one leaves more of the hashes as they were. */
export interface Spoiling {
  /** Before anything is hashed: all hashes fit what is packed, but not the counts and totals. */
  readonly contents?: (contents: Content[]) => Content[];
  /** Before the checksums are written. */
  readonly manifest?: (manifest: Manifest) => Manifest;
  readonly checksums?: (text: string) => string;
  /** After everything is hashed: other contents under the same hashes. */
  readonly packed?: (contents: Content[]) => Content[];
}

export const EXPORT_ID = 'c1a43813-cae8-5153-84b0-fdfa81249a48';
export const STATEMENT_PATH = 'files/file-1/may.csv';
const STATEMENT = 'date,amount\n2026-05-01,-12.50\n2026-05-02,7\n';
const DAY_MS = 24 * 60 * 60 * 1000;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A section as a collector writes it. */
export const sectionText = (records: readonly Fields[]): string =>
  records.length === 0 ? '[]\n' : `[\n${records.map((record) => JSON.stringify(record)).join(',\n')}\n]\n`;

const transaction = (number: number, fields: Fields): Fields => ({
  transactionId: `transaction-${number}`,
  userId: A_USER,
  accountId: 'account-1',
  fileId: 'file-1',
  date: Date.UTC(2026, 3, 29) + number * DAY_MS,
  description: `Bakery ${number}`,
  currency: 'EUR',
  ...fields,
});

/** A household's records: two accounts, two currencies, transactions over two months, one file there and one missing. */
export const RECORDS = {
  accounts: [
    { accountId: 'account-1', userId: A_USER, accountName: 'Current', balance: '94.5' },
    { accountId: 'account-2', userId: A_USER, accountName: 'Savings' },
  ],
  transactions: [
    transaction(1, { amount: '-12.5', balance: '87.5' }),
    transaction(2, { amount: '7', balance: '94.5' }),
    transaction(3, { amount: '0.10', accountId: 'account-2', fileId: 'file-2' }),
    transaction(4, { amount: '-3', accountId: 'account-2', currency: 'USD', fileId: undefined }),
    transaction(5, { accountId: 'account-2' }),
  ],
  categories: [],
  fileMaps: [{ fileMapId: 'map-1', userId: A_USER, name: 'Bank CSV' }],
  transactionFiles: [
    { fileId: 'file-1', userId: A_USER, fileName: 'may.csv' },
    { fileId: 'file-2', userId: A_USER, fileName: 'ärzte.csv' },
  ],
  analytics: [{ pk: `${A_USER}#cash_flow`, sk: '2026-05#ALL', userId: A_USER, data: { net: 1.5 } }],
} as const satisfies Record<Section, readonly Fields[]>;

const REQUEST: ExportRequest = {
  exportType: 'complete',
  exportFormat: 'zip',
  includeAnalytics: true,
  includeCsv: false,
};

const OMITTED = omittedFile('file-2', 'files/file-2/ärzte.csv', 'MISSING_OBJECT');

const tallied = () => {
  const tally = new TransactionTally();
  for (const record of RECORDS.transactions) tally.add(record);
  return tally.result();
};

const factsOf = (
  request: ExportRequest,
  entries: readonly PackageEntry[],
  omissions: ManifestFacts['omissions'],
): ManifestFacts => ({
  exportId: EXPORT_ID,
  userId: A_USER,
  request,
  requestedAt: NOON,
  startedAt: NOON + 1000,
  applicationVersion: 'test',
  filters: {},
  entries,
  counts: Object.fromEntries(
    SECTIONS.map((section) => {
      const expected = RECORDS[section].length;
      const omitted = omissions.filter((omission) => omission.section === section).length;
      return [section, { expected, included: expected - omitted, omitted }];
    }),
  ),
  omissions,
  warnings: [],
  controlTotals: tallied().controlTotals,
  transactionsByMonth: tallied().byMonth,
});

const entryOf = ({ path, text }: Content): PackageEntry => ({
  path,
  bytes: Buffer.byteLength(text),
  sha256: sha256(text),
  mediaType: path.startsWith('/') ? 'application/json' : mediaTypeOf(path),
});

const tracedFiles = (): Fields[] => {
  const [first, second] = RECORDS.transactionFiles;
  const { bytes, sha256 } = entryOf({ path: STATEMENT_PATH, text: STATEMENT });
  return [
    { ...first, packageEntry: { path: STATEMENT_PATH, bytes, sha256, transactionCount: 3 } },
    { ...second, packageEntry: { path: null, omission: 'MISSING_OBJECT', transactionCount: 1 } },
  ];
};

const zipContents = (): Content[] => [
  ...SECTIONS.filter((section) => section !== 'transactionFiles').map((section) => ({
    path: SECTION_PATHS[section],
    text: sectionText(RECORDS[section]),
  })),
  { path: STATEMENT_PATH, text: STATEMENT },
  { path: SECTION_PATHS.transactionFiles, text: sectionText(tracedFiles()) },
  { path: 'README.txt', text: 'Grüße. This is your export.\n' },
  { path: 'viewer.html', text: '<!doctype html>\n' },
];

/** Packs contents into a ZIP as they are. */
export const zipOf = async (contents: readonly Content[]): Promise<Buffer> => {
  const archive = openZipArchive(NOON);
  const bytes = buffer(archive.output);
  for (const { path, text } of contents) await archive.add(path, text);
  await archive.finish();
  return bytes;
};

const unchanged = <T>(value: T): T => value;

/** A ZIP package as the service makes it, or spoilt on its way. */
export const builtZip = async ({
  contents = unchanged,
  manifest = unchanged,
  checksums = unchanged,
  packed = unchanged,
}: Spoiling = {}): Promise<Buffer> => {
  const inside = contents(zipContents());
  const text = `${JSON.stringify(manifest(manifestOf(factsOf(REQUEST, inside.map(entryOf), [OMITTED]))), null, 2)}\n`;
  const listed = [...inside, { path: MANIFEST_PATH, text }];
  const sums = checksums(checksumsText(listed.map(entryOf)));
  return zipOf(packed([...listed, { path: CHECKSUMS_PATH, text: sums }]));
};

/** A JSON package as the service makes it, or spoilt on its way. */
export const builtJson = ({
  contents = unchanged,
  manifest = unchanged,
  packed = unchanged,
}: Omit<Spoiling, 'checksums'> = {}): Buffer => {
  const sections = SECTIONS.map((section) => ({
    path: `/data/${section}`,
    text: sectionText(RECORDS[section]),
  }));
  const inside = contents(sections);
  const told = manifest(manifestOf(factsOf({ ...REQUEST, exportFormat: 'json' }, inside.map(entryOf), [])));
  const body = packed(inside).map(({ path, text }) => `"${path.slice('/data/'.length)}":${text}`);
  return Buffer.from(`{"manifest":${JSON.stringify(told)},\n"data":{\n${body.join(',')}}}\n`);
};

/** A package in memory, to be verified. */
export const sourceOf = (bytes: Buffer) => ({
  size: bytes.length,
  read: (start: number, length: number) => Promise.resolve(bytes.subarray(start, start + length)),
});
