import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { checksumsText, manifestOf, type Manifest, type PackageEntry } from '../../shared/domain/manifest.ts';
import { mediaTypeOf } from '../../shared/domain/media-type.ts';
import {
  CHECKSUMS_PATH,
  MANIFEST_PATH,
  README_PATH,
  SECTION_PATHS,
  VIEWER_PATH,
} from '../../shared/domain/package-layout.ts';
import { TransactionTally } from '../../shared/domain/transaction-tally.ts';
import { SECTION_FRAME } from '../../shared/packaging/collected-section.ts';
import { openZipArchive, type EntryContent } from '../../shared/packaging/zip-archive.ts';

const USER_ID = 'bench-user';
const EXPORT_ID = 'c1a43813-cae8-5153-84b0-fdfa81249a48';
const [ACCOUNTS, CATEGORIES] = [8, 40];
const MADE_AT = Date.UTC(2026, 10, 1);
const FIRST_DAY = Date.UTC(2014, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS = 4_000;
const CHUNK_CHARACTERS = 1_000_000;
const SHOPS = ['Bakery', 'Grocer', 'Railway', 'Café Zürich', 'Electricity', 'Rent', 'Books & more'];

type Fields = Readonly<Record<string, unknown>>;

/** Eight hex digits that look like any others. */
const scattered = (index: number, seed: number): string =>
  (Math.imul(index + seed, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');

/** As long as the application's own, some 560 bytes of JSON. */
const transaction = (index: number, count: number): Fields => {
  const date = FIRST_DAY + Math.floor((index / count) * DAYS) * DAY_MS;
  const categoryId = `category-${index % CATEGORIES}`;
  return {
    transactionId: `${index.toString(16).padStart(8, '0')}-1111-4222-8333-444444444444`,
    userId: USER_ID,
    accountId: `account-${index % ACCOUNTS}`,
    date,
    description: `${SHOPS[index % SHOPS.length] ?? ''} ${scattered(index, 1)}`,
    amount: String(((Math.imul(index, 7919) >>> 0) % 100_000) / 100 - 900),
    currency: 'EUR',
    balance: '1234.5',
    importOrder: index % 500,
    transactionType: 'DEBIT',
    fitId: scattered(index, 2) + scattered(index, 3),
    status: 'processed',
    statusDate: `processed#${date}`,
    categories: [{ categoryId, confidence: 80, status: 'confirmed', isManual: false, assignedAt: date }],
    primaryCategoryId: categoryId,
    createdAt: date,
    updatedAt: date,
  };
};

const listed = (records: readonly Fields[]): string =>
  records.length === 0
    ? SECTION_FRAME.empty
    : SECTION_FRAME.begins +
      records.map((record) => JSON.stringify(record)).join(SECTION_FRAME.separates) +
      SECTION_FRAME.ends;

async function* transactionText(count: number, tally: TransactionTally): AsyncGenerator<Uint8Array> {
  let text: string = SECTION_FRAME.begins;
  for (let index = 0; index < count; index += 1) {
    const record = transaction(index, count);
    tally.add(record);
    text += JSON.stringify(record) + (index < count - 1 ? SECTION_FRAME.separates : SECTION_FRAME.ends);
    if (text.length < CHUNK_CHARACTERS) continue;
    // A pause lets what was written go its way.
    yield await Promise.resolve(Buffer.from(text));
    text = '';
  }
  yield Buffer.from(text);
}

const manifestFor = (count: number, entries: readonly PackageEntry[], tally: TransactionTally): Manifest => {
  const counted = (expected: number) => ({ expected, included: expected, omitted: 0 });
  const { controlTotals, byMonth } = tally.result();
  return manifestOf({
    ...{ exportId: EXPORT_ID, userId: USER_ID, requestedAt: MADE_AT, startedAt: MADE_AT },
    request: { exportType: 'complete', exportFormat: 'zip', includeAnalytics: false, includeCsv: false },
    ...{ applicationVersion: 'bench', filters: {}, entries, omissions: [], warnings: [] },
    counts: {
      accounts: counted(ACCOUNTS),
      transactions: counted(count),
      categories: counted(CATEGORIES),
      fileMaps: counted(0),
      transactionFiles: counted(0),
    },
    controlTotals,
    transactionsByMonth: byMonth,
  });
};

const ofEach = (count: number, of: (index: number) => Fields): string =>
  listed(Array.from({ length: count }, (_, index) => ({ ...of(index), userId: USER_ID })));

/** Writes a package of so many transactions, whole and without statement files, as fast as it can be packed. */
export const writeViewerPackage = async (file: string, count: number, viewer: string): Promise<void> => {
  const archive = openZipArchive(MADE_AT);
  const written = pipeline(archive.output, createWriteStream(file));
  const entries: PackageEntry[] = [];
  const tally = new TransactionTally();
  const add = async (path: string, content: EntryContent): Promise<void> => {
    entries.push({ ...(await archive.add(path, content)), mediaType: mediaTypeOf(path) });
  };
  await add(
    SECTION_PATHS.accounts,
    ofEach(ACCOUNTS, (index) => ({ accountId: `account-${index}`, accountName: `Account ${index}` })),
  );
  await add(SECTION_PATHS.transactions, transactionText(count, tally));
  await add(
    SECTION_PATHS.categories,
    ofEach(CATEGORIES, (index) => ({ categoryId: `category-${index}`, name: `Category ${index}` })),
  );
  await add(SECTION_PATHS.fileMaps, listed([]));
  await add(SECTION_PATHS.transactionFiles, listed([]));
  await add(README_PATH, 'A package to be measured.\r\n');
  await add(VIEWER_PATH, viewer);
  await add(MANIFEST_PATH, `${JSON.stringify(manifestFor(count, entries, tally), null, 2)}\n`);
  await archive.add(CHECKSUMS_PATH, checksumsText(entries));
  await archive.finish();
  await written;
};
