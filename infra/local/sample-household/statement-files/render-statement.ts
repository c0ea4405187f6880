import type { Statement, StatementFormat } from '../statement.ts';
import { csvStatement } from './csv-statement.ts';
import { ofxStatement } from './ofx-statement.ts';
import { pdfStatement } from './pdf-statement.ts';
import { qifStatement } from './qif-statement.ts';
import { xlsxStatement } from './xlsx-statement.ts';

interface FileKind {
  readonly contentType: string;
  readonly render: (statement: Statement) => Buffer | Promise<Buffer>;
}

const FILE_KINDS: Readonly<Record<StatementFormat, FileKind>> = {
  csv: { contentType: 'text/csv; charset=utf-8', render: csvStatement },
  ofx: { contentType: 'application/x-ofx', render: ofxStatement },
  qif: { contentType: 'application/qif', render: qifStatement },
  pdf: { contentType: 'application/pdf', render: pdfStatement },
  xlsx: {
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    render: xlsxStatement,
  },
};

/** The bytes of a statement in the format its bank uses. */
export const renderStatement = async (statement: Statement) => {
  const { contentType, render } = FILE_KINDS[statement.account.statementFormat];
  return { contentType, bytes: await render(statement) };
};
