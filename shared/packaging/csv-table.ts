import { stringify } from 'csv-stringify/sync';

/**
 * What a spreadsheet would take for a formula (OWASP, "CSV Injection"), full-width forms included. An apostrophe before
 * it makes it a text; the exact value is in the JSON beside.
 */
const FORMULA_START = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/**
 * A text that no spreadsheet calculates; what is no text is written as JSON, numbers of `parsedExactly` with all their
 * digits, what is absent as nothing.
 */
export const textCell = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') return JSON.stringify(value);
  return FORMULA_START.test(value) ? `'${value}` : value;
};

/** An amount as the package writes it, an exact decimal as text, stays a number; whatever else stands there is a text. */
export const moneyCell = (value: unknown): string =>
  typeof value === 'string' && DECIMAL.test(value) ? value : textCell(value);

const LATEST_INSTANT_MS = 8.64e15;

const numberOf = (value: unknown): number =>
  typeof value === 'number' ? value : JSON.isRawJSON(value) ? Number(JSON.stringify(value)) : Number.NaN;

const instantOf = (value: unknown): string | undefined => {
  const ms = numberOf(value);
  return Math.abs(ms) <= LATEST_INSTANT_MS ? new Date(ms).toISOString() : undefined;
};

/** Epoch ms as an ISO 8601 time in UTC; what is no time is written as a text. */
export const timeCell = (value: unknown): string => textCell(instantOf(value) ?? value);

/** Epoch ms as an ISO 8601 day in UTC, which spreadsheets know as a date; what is no time is written as a text. */
export const dayCell = (value: unknown): string => textCell(instantOf(value)?.replace(/T.*$/, '') ?? value);

/** Rows that are written at once: enough to cost little, few enough to take no room. */
const BATCH_ROWS = 500;

/** Excel takes a CSV without this mark for text in the encoding of its country, and breaks every letter beyond ASCII. */
const BYTE_ORDER_MARK = '\ufeff';

/** Any part of a line end needs quotes (RFC 4180); some readers drop spaces at either end that no quotes hold. */
const NEEDS_QUOTES = /[\r\n]|^\s|\s$/;

const csvText = (rows: readonly (readonly string[])[]): Uint8Array =>
  Buffer.from(stringify([...rows], { record_delimiter: 'windows', quoted_match: NEEDS_QUOTES }));

/** A table as CSV (RFC 4180) in UTF-8, a header line first; streamed, a few hundred rows at a time. */
export async function* csvTable(
  header: readonly string[],
  rows: AsyncIterable<readonly string[]>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(BYTE_ORDER_MARK);
  let batch = [header];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_ROWS) continue;
    yield csvText(batch);
    batch = [];
  }
  if (batch.length > 0) yield csvText(batch);
}
