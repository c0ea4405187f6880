import { DAY_MS, isoDay } from '../calendar.ts';
import { decimalFromCents } from '../money.ts';
import type { Statement, StatementEntry } from '../statement.ts';

const LINES_PER_PAGE = 56;
const DESCRIPTION_COLUMNS = 48;
const AMOUNT_COLUMNS = 16;

/** The standard fonts know the Windows Latin characters only; others are shown as a question mark. */
const windowsLatin = (value: string): string =>
  value
    .replaceAll('€', '\u0080')
    .replaceAll('–', '\u0096')
    .replaceAll(/[^\x20-\x7E\x80\x96\xA0-\xFF]/gu, '?');

const pdfString = (value: string): string =>
  `(${windowsLatin(value).replaceAll(/[\\()]/g, String.raw`\$&`)})`;

const statementLine = ({ date, description, amount }: StatementEntry): string => {
  const shown = windowsLatin(description.replaceAll(/\s+/g, ' '))
    .slice(0, DESCRIPTION_COLUMNS)
    .padEnd(DESCRIPTION_COLUMNS);
  return `${isoDay(date)}  ${shown}  ${amount.padStart(AMOUNT_COLUMNS)}`;
};

const statementLines = ({ account, entries, start, end, ...balances }: Statement): string[] => [
  `${account.institution ?? ''} ${account.accountName} (${account.currency})`,
  `${isoDay(start)} to ${isoDay(end - DAY_MS)}`,
  `Opening balance ${decimalFromCents(balances.openingCents)}`,
  '',
  ...entries.map(statementLine),
  '',
  `Closing balance ${decimalFromCents(balances.closingCents)}`,
];

const pagesOf = (lines: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(lines.length / LINES_PER_PAGE) }, (_, page) =>
    lines.slice(page * LINES_PER_PAGE, (page + 1) * LINES_PER_PAGE),
  );

const pageContent = (lines: readonly string[]): string => {
  const shown = lines.map((line) => `${pdfString(line)} Tj T*`).join('\n');
  return `BT /F1 9 Tf 13 TL 50 790 Td\n${shown}\nET`;
};

/** Catalog, page tree and font are objects 1 to 3; each page is an object followed by its content. */
const objectsOf = (pages: readonly string[][]): string[] => {
  const pageNumbers = pages.map((_, index) => 4 + 2 * index);
  return [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${pages.length} /Kids [${pageNumbers.map((page) => `${page} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>',
    ...pages.flatMap((lines, index) => {
      const content = pageContent(lines);
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * index} 0 R >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
  ];
};

const crossReference = (offsets: readonly number[], start: number): string => {
  const size = offsets.length + 1;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  return `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
};

/** A statement as a PDF 1.4 with a text line for each booking. */
export const pdfStatement = (statement: Statement): Buffer => {
  // One character is one byte (latin1), so that string lengths are the offsets the cross-reference table needs.
  let file = '%PDF-1.4\n%\u00E2\u00E3\u00CF\u00D3\n';
  const offsets = objectsOf(pagesOf(statementLines(statement))).map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  return Buffer.from(file + crossReference(offsets, file.length), 'latin1');
};
