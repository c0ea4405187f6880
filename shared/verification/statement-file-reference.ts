import * as z from 'zod/mini';
import type { JsonRecord } from '../domain/json-record.ts';
import { OMISSION_CODES } from '../domain/manifest.ts';
import { filePath } from '../domain/package-layout.ts';
import { corrupted } from './broken-package.ts';

const transactionCount = z.number();
const fileId = z.string();

/** Where a file record says that its bytes are in the package, or why they are not. */
const packageEntry = z.union([
  z.strictObject({ path: z.string(), bytes: z.number(), sha256: z.string(), transactionCount }),
  z.strictObject({ path: z.null(), omission: z.enum(OMISSION_CODES), transactionCount }),
]);

const fileRecord = z.object({ fileId, fileName: z.catch(z.optional(z.string()), undefined), packageEntry });

/** What a file record says of its bytes. */
export const statementFileReference = z.object({
  fileId,
  packageEntry,
  /** Where a file of this id and name lies in every package, unless it is omitted. */
  expectedPath: z.string(),
});
export type StatementFileReference = Readonly<z.infer<typeof statementFileReference>>;

/** @throws PackageCorrupted when the record does not say where its bytes are, or says another place than theirs */
export const referenceOf = (record: JsonRecord, position: number): StatementFileReference => {
  const parsed = fileRecord.safeParse(record);
  if (!parsed.success) {
    throw corrupted('FILE_REFERENCE', `File record ${position} does not say where its bytes are.`);
  }
  const { fileId: id, fileName = '', packageEntry: entry } = parsed.data;
  const expectedPath = filePath(id, fileName);
  if (entry.path !== null && entry.path !== expectedPath) {
    throw corrupted('FILE_REFERENCE', `File record ${position} names a path that is not that of its file.`);
  }
  return { fileId: id, packageEntry: entry, expectedPath };
};
