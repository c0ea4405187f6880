import type { Statement, StatementEntry } from '../statement.ts';

/** `09/25/2026` */
const quickenDay = (date: number): string =>
  new Date(date).toISOString().replace(/^(\d{4})-(\d\d)-(\d\d).*$/, '$2/$3/$1');

const onOneLine = (value: string): string => value.replaceAll(/\s+/g, ' ').trim();

const record = ({ date, description, amount, bankReference }: StatementEntry): string =>
  [`D${quickenDay(date)}`, `T${amount}`, `N${bankReference}`, `P${onOneLine(description)}`, '^', ''].join(
    '\n',
  );

/** A statement in the Quicken Interchange Format, UTF-8. */
export const qifStatement = ({ account, entries }: Statement): Buffer => {
  const kind = account.accountType === 'credit_card' ? 'CCard' : 'Bank';
  return Buffer.from(`!Type:${kind}\n${entries.map(record).join('')}`);
};
