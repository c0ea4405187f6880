import { compactDay, DAY_MS } from '../calendar.ts';
import { decimalFromCents } from '../money.ts';
import type { Statement, StatementEntry } from '../statement.ts';
import { xmlText } from './xml-text.ts';

const HEADER =
  '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n' +
  '<?OFX OFXHEADER="200" VERSION="202" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n';

const OK = '<STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS>';
const LONGEST_NAME = 32;
const LONGEST_MEMO = 255;

const firstCharacters = (value: string, count: number): string =>
  xmlText(Array.from(value).slice(0, count).join(''));

const transaction = ({ date, description, amount, bankReference }: StatementEntry): string =>
  '<STMTTRN>' +
  `<TRNTYPE>${amount.startsWith('-') ? 'DEBIT' : 'CREDIT'}</TRNTYPE>` +
  `<DTPOSTED>${compactDay(date)}</DTPOSTED>` +
  `<TRNAMT>${amount}</TRNAMT>` +
  `<FITID>${bankReference}</FITID>` +
  `<NAME>${firstCharacters(description, LONGEST_NAME)}</NAME>` +
  `<MEMO>${firstCharacters(description, LONGEST_MEMO)}</MEMO>` +
  '</STMTTRN>\n';

const signOn = (end: number): string =>
  `<SIGNONMSGSRSV1><SONRS>${OK}<DTSERVER>${compactDay(end)}</DTSERVER><LANGUAGE>ENG</LANGUAGE></SONRS></SIGNONMSGSRSV1>\n`;

/** The same contents are wrapped differently for a bank account and for a card. */
const envelopeFor = ({ account, accountId }: Statement) => {
  const number = accountId.slice(-12);
  return account.accountType === 'credit_card'
    ? { prefix: 'CC', set: 'CREDITCARD', from: `<CCACCTFROM><ACCTID>${number}</ACCTID></CCACCTFROM>` }
    : {
        prefix: '',
        set: 'BANK',
        from: `<BANKACCTFROM><BANKID>000000000</BANKID><ACCTID>${number}</ACCTID><ACCTTYPE>CHECKING</ACCTTYPE></BANKACCTFROM>`,
      };
};

/** A statement in Open Financial Exchange 2.0.2 (XML), UTF-8. */
export const ofxStatement = (statement: Statement): Buffer => {
  const { account, entries, start, end, closingCents } = statement;
  const { prefix, set, from } = envelopeFor(statement);
  const balance = `<LEDGERBAL><BALAMT>${decimalFromCents(closingCents)}</BALAMT><DTASOF>${compactDay(end)}</DTASOF></LEDGERBAL>`;
  const list = `<BANKTRANLIST><DTSTART>${compactDay(start)}</DTSTART><DTEND>${compactDay(end - DAY_MS)}</DTEND>\n${entries.map(transaction).join('')}</BANKTRANLIST>`;
  const contents = `<CURDEF>${account.currency}</CURDEF>${from}${list}${balance}`;
  return Buffer.from(
    `${HEADER}<OFX>${signOn(end)}<${set}MSGSRSV1><${prefix}STMTTRNRS><TRNUID>0</TRNUID>${OK}` +
      `<${prefix}STMTRS>${contents}</${prefix}STMTRS></${prefix}STMTTRNRS></${set}MSGSRSV1></OFX>\n`,
  );
};
