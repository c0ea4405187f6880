import { isoDay } from '../calendar.ts';
import type { Statement } from '../statement.ts';

const COLUMNS = ['Date', 'Description', 'Amount', 'Currency', 'Reference'];

const field = (value: string): string =>
  /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

/** A statement as CSV (RFC 4180), UTF-8. */
export const csvStatement = ({ account, entries }: Statement): Buffer => {
  const rows = entries.map(({ date, description, amount, bankReference }) =>
    [isoDay(date), description, amount, account.currency, bankReference].map(field),
  );
  return Buffer.from([COLUMNS, ...rows].map((row) => `${row.join(',')}\r\n`).join(''));
};
