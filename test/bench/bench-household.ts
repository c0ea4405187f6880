import { createCipheriv } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  item,
  list,
  map,
  number,
  text,
  type Item,
} from '../../infra/local/sample-household/attribute-values.ts';
import { HOME_MERCHANTS, TRAVEL_MERCHANTS } from '../../infra/local/sample-household/merchants.ts';
import { createPseudoRandom } from '../../infra/local/sample-household/pseudo-random.ts';

export interface HouseholdSize {
  readonly transactions: number;
  readonly files: number;
  /** Of each file; of the largest, where there are smaller ones. */
  readonly fileBytes: number;
  /** Of the smallest file; between the two, each order of magnitude has as many files as any other. */
  readonly smallestFileBytes?: number;
  /** Of a hundred files so many are text, which packs well; the others are PDF, which does not. */
  readonly textFilesInHundred: number;
}

/** An uploaded file, whose bytes come in blocks because it may be larger than memory. */
export interface BenchFile {
  readonly s3Key: string;
  readonly bytes: number;
  readonly blocks: () => Generator<Buffer>;
}

/** A household as large as is asked for, the same for the same size; what is many is made one by one. */
export interface BenchHousehold {
  readonly userId: string;
  readonly size: HouseholdSize;
  readonly accounts: readonly Item[];
  readonly categories: readonly Item[];
  readonly transaction: (index: number) => Item;
  readonly fileRecord: (index: number) => Item;
  readonly file: (index: number) => BenchFile;
}

const USER_ID = 'bench-user';
const ACCOUNTS = 8;
const BLOCK_BYTES = 1024 * 1024;
const FIRST_DAY = Date.UTC(2014, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS = 12 * 365;
const MERCHANTS = [...HOME_MERCHANTS, ...TRAVEL_MERCHANTS];

/** Eight hex digits that look like any others; another for each number below 2^32. */
const scattered = (index: number, seed: number): string => {
  const mixed = Math.imul(index ^ seed, 0x9e3779b1) >>> 0;
  return (Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0).toString(16).padStart(8, '0');
};

/** Like a UUID, and unlike all others of its kind. */
const idOf = (kind: number, index: number): string =>
  `${scattered(index, kind)}-${scattered(index, kind + 1).slice(0, 4)}-4${kind.toString(16).padStart(3, '0')}-8000-` +
  `${scattered(index, kind + 2)}${scattered(index, kind + 3).slice(0, 4)}`;

const accountId = (index: number): string => idOf(0x10, index % ACCOUNTS);
const categoryId = (index: number): string => idOf(0x20, index % MERCHANTS.length);
const fileId = (index: number): string => idOf(0x30, index);
const transactionId = (index: number): string => idOf(0x40, index);

const merchantOf = (index: number) => MERCHANTS[(index * 7) % MERCHANTS.length];
const centsOf = (index: number): number => -100 - ((Math.imul(index, 7919) >>> 0) % 99_900);
const moneyOf = (cents: number): string => (cents / 100).toFixed(2);

const assignment = (index: number, at: number): AttributeValue =>
  map({
    categoryId: text(categoryId(index)),
    confidence: number(55 + (index % 45)),
    status: text(index % 3 === 0 ? 'suggested' : 'confirmed'),
    isManual: { BOOL: index % 10 === 0 },
    assignedAt: number(at),
  });

const transactionItem = (index: number, { transactions, files }: HouseholdSize): Item => {
  const date = FIRST_DAY + Math.floor((index / transactions) * DAYS) * DAY_MS;
  return item({
    transactionId: text(transactionId(index)),
    userId: text(USER_ID),
    accountId: text(accountId(index)),
    fileId: files === 0 ? undefined : text(fileId(index % files)),
    date: number(date),
    description: text(`${merchantOf(index)?.name ?? ''} ${scattered(index, 1)}`),
    amount: number(moneyOf(centsOf(index))),
    currency: text('EUR'),
    balance: number(moneyOf(centsOf(index + 1) + 500_000)),
    importOrder: number(index % 500),
    transactionType: text('DEBIT'),
    fitId: text(`${scattered(index, 2)}${scattered(index, 3)}`),
    status: text('processed'),
    statusDate: text(`processed#${date}`),
    categories: list([assignment(index, date)]),
    primaryCategoryId: text(categoryId(index)),
    createdAt: number(date + 2 * DAY_MS),
    updatedAt: number(date + 2 * DAY_MS),
  });
};

/** Lines of a bank's CSV; deflate looks back 32 KiB, so that repeating four million bytes makes nothing smaller. */
const statementLines = (): Buffer => {
  const random = createPseudoRandom('bench statements');
  const lines: string[] = [];
  for (let bytes = 0; bytes < 4 * BLOCK_BYTES; bytes += lines.at(-1)?.length ?? 0) {
    const day = new Date(FIRST_DAY + random.integer(0, DAYS) * DAY_MS).toISOString().slice(0, 10);
    const reference = random.integer(10 ** 11, 10 ** 12 - 1);
    lines.push(
      `${day},${random.pick(MERCHANTS).name},${moneyOf(random.integer(-99_999, 500))},EUR,${reference}\r\n`,
    );
  }
  return Buffer.from(lines.join(''));
};

/** So many bytes of the lines, from another place for each file, and round again. */
function* textBlocks(lines: Buffer, index: number, bytes: number): Generator<Buffer> {
  let at = (Math.imul(index, 65_537) >>> 0) % lines.length;
  for (let left = bytes; left > 0;) {
    const block = lines.subarray(at, at + Math.min(left, BLOCK_BYTES));
    yield block;
    left -= block.length;
    at = (at + block.length) % lines.length;
  }
}

const PDF_HEADER = Buffer.from('%PDF-1.7\n');

/** What is compressed already, as the inside of a PDF is. */
function* pdfBlocks(index: number, bytes: number): Generator<Buffer> {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(index);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const header = PDF_HEADER.subarray(0, bytes);
  yield header;
  for (let left = bytes - header.length; left > 0; left -= BLOCK_BYTES) {
    yield cipher.update(Buffer.alloc(Math.min(left, BLOCK_BYTES)));
  }
}

const bytesOfFile = (index: number, { fileBytes, smallestFileBytes = fileBytes }: HouseholdSize): number => {
  const share = Number.parseInt(scattered(index, 5), 16) / 2 ** 32;
  return Math.round(smallestFileBytes * (fileBytes / smallestFileBytes) ** share);
};

const accountItems = (): Item[] =>
  Array.from({ length: ACCOUNTS }, (_, index) =>
    item({
      accountId: text(accountId(index)),
      userId: text(USER_ID),
      accountName: text(`Account ${index}`),
      balance: number('1234.50'),
      currency: text('EUR'),
      createdAt: number(FIRST_DAY + index),
    }),
  );

const categoryItems = (): Item[] =>
  MERCHANTS.map(({ category }, index) =>
    item({
      categoryId: text(categoryId(index)),
      userId: text(USER_ID),
      name: text(category),
      createdAt: number(FIRST_DAY),
    }),
  );

export const benchHousehold = (size: HouseholdSize): BenchHousehold => {
  const { transactions, files, textFilesInHundred } = size;
  const lines = statementLines();
  const isText = (index: number): boolean => index % 100 < textFilesInHundred;
  const nameOf = (index: number): string => `Statement ${index}.${isText(index) ? 'csv' : 'pdf'}`;
  const bytesOf = (index: number): number => bytesOfFile(index, size);
  const keyOf = (index: number): string => `${USER_ID}/${fileId(index)}/${nameOf(index)}`;
  return {
    userId: USER_ID,
    size,
    accounts: accountItems(),
    categories: categoryItems(),
    transaction: (index) => transactionItem(index, size),
    fileRecord: (index) =>
      item({
        fileId: text(fileId(index)),
        userId: text(USER_ID),
        fileName: text(nameOf(index)),
        s3Key: text(keyOf(index)),
        fileSize: number(bytesOf(index)),
        fileFormat: text(isText(index) ? 'csv' : 'pdf'),
        accountId: text(accountId(index)),
        uploadDate: number(FIRST_DAY + index),
        transactionCount: number(Math.floor(transactions / files) + (index < transactions % files ? 1 : 0)),
        processingStatus: text('processed'),
      }),
    file: (index) => ({
      s3Key: keyOf(index),
      bytes: bytesOf(index),
      blocks: () =>
        isText(index) ? textBlocks(lines, index, bytesOf(index)) : pdfBlocks(index, bytesOf(index)),
    }),
  };
};
