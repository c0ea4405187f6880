import { item, map, number, text } from './attribute-values.ts';
import type { Item } from './attribute-values.ts';
import { DAY_MS, isoMonth } from './calendar.ts';
import { fileMapIdOf } from './file-maps.ts';
import { fileKey, HOSTILE_FILE_NAMES } from './hostile-file-names.ts';
import type { HouseholdPlan } from './household-plans.ts';
import { decimalFromCents } from './money.ts';
import type { Statement } from './statement.ts';
import { renderStatement } from './statement-files/render-statement.ts';
import { uploadDateOf } from './transactions.ts';

/** An object of the file bucket. */
export interface SampleFile {
  readonly s3Key: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface UploadedFile {
  readonly record: Item;
  readonly object: SampleFile;
}

/** `/` and `:` are left out because a bank's file name has none, so that a key made from it is harmless. */
const ordinaryFileName = ({ account, start, end }: Statement): string => {
  const bank = (account.institution ?? account.accountName).replaceAll(/[^\p{L}\p{N}]+/gu, '-');
  return `${bank}_${isoMonth(start)}_${isoMonth(end - DAY_MS)}.${account.statementFormat}`;
};

const fileRecord = (statement: Statement, fileName: string, object: SampleFile): Item => {
  const { userId, account, entries } = statement;
  const uploadDate = uploadDateOf(statement);
  return item({
    fileId: text(statement.fileId),
    userId: text(userId),
    fileName: text(fileName),
    uploadDate: number(uploadDate),
    fileSize: number(object.bytes.length),
    s3Key: text(object.s3Key),
    processingStatus: text('processed'),
    processedDate: number(uploadDate + 4_000),
    fileFormat: text(account.statementFormat),
    accountId: text(statement.accountId),
    fileMapId: text(fileMapIdOf(userId, account)),
    recordCount: number(entries.length),
    dateRange: map({ startDate: number(statement.start), endDate: number(statement.end - DAY_MS) }),
    openingBalance: number(decimalFromCents(statement.openingCents)),
    closingBalance: number(decimalFromCents(statement.closingCents)),
    currency: text(account.currency),
    duplicateCount: number(0),
    transactionCount: number(entries.length),
    createdAt: number(uploadDate),
    updatedAt: number(uploadDate + 4_000),
  });
};

const uploadedFile = async (statement: Statement, fileName: string): Promise<UploadedFile> => {
  const { userId, fileId, account } = statement;
  const { bytes, contentType } = await renderStatement(statement);
  const s3Key = fileKey(`${userId}/${fileId}`, fileName, account.statementFormat);
  const object = { s3Key, contentType, bytes };
  return { record: fileRecord(statement, fileName, object), object };
};

const fileNames = (statements: readonly Statement[], isCurious: boolean): string[] => {
  const used = { csv: 0, ofx: 0, qif: 0, pdf: 0, xlsx: 0 };
  return statements.map((statement) => {
    const format = statement.account.statementFormat;
    const hostile = isCurious ? HOSTILE_FILE_NAMES[format][used[format]++] : undefined;
    return hostile ?? ordinaryFileName(statement);
  });
};

/** The records and the bytes of the files that were uploaded: each statement is one, readable as what it claims to be. */
export const uploadedFiles = (
  plan: HouseholdPlan,
  statements: readonly Statement[],
): Promise<UploadedFile[]> => {
  const names = fileNames(statements, plan.isCurious);
  return Promise.all(
    statements.map((statement, index) =>
      uploadedFile(statement, names[index] ?? ordinaryFileName(statement)),
    ),
  );
};
