import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Item } from '../../../../infra/local/sample-household/attribute-values.ts';
import { SAMPLE_USER_ID } from '../../../../infra/local/sample-household/household-plans.ts';
import { generateSampleHousehold } from '../../../../infra/local/sample-household/sample-household.ts';

interface ZipFile {
  eachEntry(): AsyncIterable<{ fileName: string }>;
  openReadStreamPromise(entry: { fileName: string }): Promise<Readable>;
}

const yauzl = createRequire(import.meta.url)('yauzl') as {
  fromBufferPromise(bytes: Buffer, options: { lazyEntries: boolean }): Promise<ZipFile>;
};

interface Upload {
  readonly record: Item;
  readonly bytes: Buffer;
  readonly transactions: readonly Item[];
}

let uploads: Upload[];

beforeAll(async () => {
  const { items, files } = await generateSampleHousehold();
  const objects = new Map(files.map((file) => [file.s3Key, file]));
  const transactions = Map.groupBy(items.TRANSACTIONS_TABLE, ({ fileId }) => String(fileId?.S));
  uploads = items.FILES_TABLE.map((record) => {
    const object = objects.get(String(record['s3Key']?.S));
    if (!object) throw new Error('A file record has no object.');
    return {
      record,
      bytes: object.bytes,
      transactions: transactions.get(String(record['fileId']?.S)) ?? [],
    };
  });
  expect(objects.size).toBe(uploads.length);
});

const ofFormat = (format: string): Upload[] => {
  const those = uploads.filter(({ record }) => record['fileFormat']?.S === format);
  expect(those.length).toBeGreaterThan(5);
  return those;
};

const fileNames = (): string[] => uploads.map(({ record }) => String(record['fileName']?.S));

const isoDay = (item: Item): string => new Date(Number(item['date']?.N)).toISOString().slice(0, 10);

/** A reader of RFC 4180, written apart from the writer. */
const parseCsv = (csv: string): string[][] => {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? String(plain) : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
};

/** The text of all elements with a name, in the order of the document. */
const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, inner]) => String(inner));

const partsOf = async (zip: Buffer): Promise<Map<string, string>> => {
  const parts = new Map<string, string>();
  const archive = await yauzl.fromBufferPromise(zip, { lazyEntries: true });
  for await (const entry of archive.eachEntry()) {
    parts.set(entry.fileName, await readText(await archive.openReadStreamPromise(entry)));
  }
  return parts;
};

describe('the sample statement files', () => {
  it('are as long as their records say and lie below the folder of their user', () => {
    for (const { record, bytes } of uploads) {
      expect(bytes.length).toBe(Number(record['fileSize']?.N));
      expect(
        record['s3Key']?.S?.startsWith(`${String(record['userId']?.S)}/${String(record['fileId']?.S)}/`),
      ).toBe(true);
    }
  });

  it('have keys that an HTTP client does not alter and S3 takes', () => {
    for (const { record } of uploads) {
      const key = String(record['s3Key']?.S);
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
      expect(key.split('/')).toHaveLength(3);
      expect(decodeURIComponent(new URL(key, 'http://localhost/bucket/').pathname)).toBe(`/bucket/${key}`);
    }
  });

  it('have file names that hurt whoever trusts them', () => {
    expect(fileNames()).toEqual(
      expect.arrayContaining([
        '../../etc/passwd.csv',
        'CON.csv',
        'a/../b.ofx',
        'C:\\statement.qif',
        '',
        'statement.',
        '\u00DCbersicht.csv',
        'U\u0308bersicht.csv',
        'Statement.csv',
        'STATEMENT.CSV',
      ]),
    );
    expect(fileNames().some((name) => name.includes('\n'))).toBe(true);
    expect(fileNames().some((name) => name.includes('\u202E'))).toBe(true);
    expect(fileNames().some((name) => /\p{Extended_Pictographic}/u.test(name))).toBe(true);
    expect(Math.max(...fileNames().map((name) => Buffer.byteLength(name)))).toBeGreaterThan(1024);
  });

  it('keep a harmless name in their key as the application does', () => {
    const kept = uploads.filter(({ record }) =>
      record['s3Key']?.S?.endsWith(`/${String(record['fileName']?.S)}`),
    );
    expect(kept.length).toBeGreaterThan(uploads.length - 20);
    expect(kept.map(({ record }) => record['fileName']?.S)).toContain('💶 Auszug 👨‍👩‍👧.csv');
  });

  it('use five formats for the main user', () => {
    const formats = uploads
      .filter(({ record }) => record['userId']?.S === SAMPLE_USER_ID)
      .map(({ record }) => record['fileFormat']?.S);
    expect([...new Set(formats)].sort()).toEqual(['csv', 'ofx', 'pdf', 'qif', 'xlsx']);
  });

  it('hold as CSV exactly the transactions that point to them', () => {
    for (const { bytes, transactions } of ofFormat('csv')) {
      const [header, ...rows] = parseCsv(bytes.toString());
      expect(header).toEqual(['Date', 'Description', 'Amount', 'Currency', 'Reference']);
      // One oddity stores another currency than its statement has.
      expect(
        rows.map(([date, description, amount, , reference]) => [date, description, amount, reference]),
      ).toEqual(
        transactions.map((item) => [
          isoDay(item),
          item['description']?.S,
          item['amount']?.N,
          item['fitId']?.S,
        ]),
      );
    }
  });

  it('hold as OFX exactly the transactions that point to them', () => {
    for (const { bytes, transactions } of ofFormat('ofx')) {
      const ofx = bytes.toString();
      expect(ofx).toContain('<?OFX OFXHEADER="200"');
      expect(elements(ofx, 'TRNAMT')).toEqual(transactions.map((item) => item['amount']?.N));
      expect(elements(ofx, 'FITID')).toEqual(transactions.map((item) => item['fitId']?.S));
      expect(elements(ofx, 'DTPOSTED')).toEqual(transactions.map((item) => isoDay(item).replaceAll('-', '')));
      expect(elements(ofx, 'STMTTRN')).toHaveLength(transactions.length);
      expect(ofx).not.toMatch(/&(?!amp;|lt;|gt;)/);
    }
  });

  it('hold as QIF exactly the transactions that point to them', () => {
    for (const { bytes, transactions } of ofFormat('qif')) {
      const [header, ...lines] = bytes.toString().trimEnd().split('\n');
      const starting = (letter: string) =>
        lines.filter((line) => line.startsWith(letter)).map((line) => line.slice(1));
      expect(header).toBe('!Type:Bank');
      expect(starting('^')).toHaveLength(transactions.length);
      expect(starting('T')).toEqual(transactions.map((item) => item['amount']?.N));
      expect(starting('P')).toEqual(transactions.map((item) => item['description']?.S));
      expect(starting('D')).toEqual(
        transactions.map((item) => isoDay(item).replace(/^(\d+)-(\d+)-(\d+)$/, '$2/$3/$1')),
      );
    }
  });

  it('have as PDF a cross-reference table and stream lengths that are right', () => {
    for (const { bytes } of ofFormat('pdf')) {
      const pdf = bytes.toString('latin1');
      const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(pdf)?.[1]);
      const [, count, table = ''] =
        /^xref\n0 (\d+)\n0000000000 65535 f \n((?:\d{10} 00000 n \n)+)trailer/.exec(pdf.slice(start)) ?? [];
      const offsets = table
        .trimEnd()
        .split('\n')
        .map((row) => Number(row.slice(0, 10)));
      expect(pdf.startsWith('%PDF-1.4\n')).toBe(true);
      expect(offsets).toHaveLength(Number(count) - 1);
      offsets.forEach((offset, index) =>
        expect(pdf.slice(offset).startsWith(`${index + 1} 0 obj\n`)).toBe(true),
      );
      const streams = [...pdf.matchAll(/\/Length (\d+) >>\nstream\n/g)];
      expect(streams.length).toBeGreaterThan(0);
      for (const stream of streams) {
        const end = stream.index + stream[0].length + Number(stream[1]);
        expect(pdf.slice(end, end + 18)).toBe('\nendstream\nendobj\n');
      }
    }
  });

  it('show in a PDF one line for each transaction with its date and amount', () => {
    for (const { bytes, transactions } of ofFormat('pdf')) {
      const shown = [...bytes.toString('latin1').matchAll(/^\((\d{4}-\d\d-\d\d) {2}.* (\S+)\) Tj T\*$/gm)];
      expect(shown.map(([, date, amount]) => [date, amount])).toEqual(
        transactions.map((item) => [isoDay(item), item['amount']?.N]),
      );
    }
  });

  it('open as workbooks whose rows are the transactions that point to them', async () => {
    for (const { bytes, transactions } of ofFormat('xlsx')) {
      const parts = await partsOf(bytes);
      const [, ...rows] = [...String(parts.get('xl/worksheets/sheet1.xml')).matchAll(/<row .*?<\/row>/gs)];
      const amounts = rows.map(([row]) => /<c s="2"><v>(.*?)<\/v>/.exec(row)?.[1]);
      expect([...parts.keys()]).toEqual(expect.arrayContaining(['[Content_Types].xml', 'xl/workbook.xml']));
      expect(amounts).toEqual(transactions.map((item) => item['amount']?.N));
    }
  });
});
