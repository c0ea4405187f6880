import { buffer } from 'node:stream/consumers';
import { ZipArchive } from 'archiver';
import { DAY_MS } from '../calendar.ts';
import type { Statement } from '../statement.ts';
import { xmlText } from './xml-text.ts';

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const OFFICE_RELATIONSHIPS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const CONTENT_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Days since 1899-12-30, which is how a sheet counts dates. */
const EPOCH_IN_SHEET_DAYS = 25_569;
const DATE_STYLE = 1;
const MONEY_STYLE = 2;

const relationships = (type: string, target: string, more = ''): string =>
  `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE_RELATIONSHIPS}/${type}" Target="${target}"/>${more}</Relationships>`;

const PARTS = {
  '[Content_Types].xml':
    `${XML}<Types xmlns="${PACKAGE}/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    `<Override PartName="/xl/workbook.xml" ContentType="${CONTENT_TYPE}.sheet.main+xml"/>` +
    `<Override PartName="/xl/styles.xml" ContentType="${CONTENT_TYPE}.styles+xml"/>` +
    `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${CONTENT_TYPE}.worksheet+xml"/></Types>`,
  '_rels/.rels': relationships('officeDocument', 'xl/workbook.xml'),
  'xl/workbook.xml': `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE_RELATIONSHIPS}"><sheets><sheet name="Statement" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': relationships(
    'worksheet',
    'worksheets/sheet1.xml',
    `<Relationship Id="rId2" Type="${OFFICE_RELATIONSHIPS}/styles" Target="styles.xml"/>`,
  ),
  'xl/styles.xml':
    `${XML}<styleSheet xmlns="${MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>' +
    '<cellXfs count="3"><xf xfId="0"/><xf xfId="0" numFmtId="14" applyNumberFormat="1"/>' +
    '<xf xfId="0" numFmtId="4" applyNumberFormat="1"/></cellXfs>' +
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
};

const textCell = (value: string): string =>
  `<c t="inlineStr"><is><t xml:space="preserve">${xmlText(value)}</t></is></c>`;

const numberCell = (value: string | number, style: number): string => `<c s="${style}"><v>${value}</v></c>`;

const row = (cells: readonly string[], index: number): string =>
  `<row r="${index + 1}">${cells.join('')}</row>`;

const sheet = ({ account, entries }: Statement): string => {
  const rows = [
    ['Date', 'Description', 'Amount', 'Currency', 'Reference'].map(textCell),
    ...entries.map(({ date, description, amount, bankReference }) => [
      numberCell(date / DAY_MS + EPOCH_IN_SHEET_DAYS, DATE_STYLE),
      textCell(description),
      numberCell(amount, MONEY_STYLE),
      textCell(account.currency),
      textCell(bankReference),
    ]),
  ];
  return `${XML}<worksheet xmlns="${MAIN}"><sheetData>${rows.map(row).join('\n')}</sheetData></worksheet>`;
};

/** A statement as an Excel workbook with one sheet. */
export const xlsxStatement = async (statement: Statement): Promise<Buffer> => {
  // Stored, not deflated: compressed bytes differ between builds of zlib, and the household must not.
  const archive = new ZipArchive({ store: true });
  const date = new Date(statement.end);
  for (const [name, part] of Object.entries({ ...PARTS, 'xl/worksheets/sheet1.xml': sheet(statement) })) {
    archive.append(part, { name, date, mode: 0o644 });
  }
  const [bytes] = await Promise.all([buffer(archive), archive.finalize()]);
  return bytes;
};
