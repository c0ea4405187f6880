import * as z from 'zod/mini';
import { OMISSION_CODES } from '../domain/manifest.ts';
import { corrupted } from './broken-package.ts';
import type { ParsedRecord } from './section-text.ts';

const transactionCount = z.number();

/** Where a file record says that its bytes are in the package, or why they are not. */
export const fileReference = z.object({
  fileId: z.string(),
  packageEntry: z.union([
    z.strictObject({ path: z.string(), bytes: z.number(), sha256: z.string(), transactionCount }),
    z.strictObject({ path: z.null(), omission: z.enum(OMISSION_CODES), transactionCount }),
  ]),
});
export type StatementFileReference = z.infer<typeof fileReference>;

/** @throws PackageCorrupted when the record does not say where its bytes are */
export const statementFileReference = (record: ParsedRecord, position: number): StatementFileReference => {
  const parsed = fileReference.safeParse(record);
  if (parsed.success) return parsed.data;
  throw corrupted('FILE_REFERENCE', `File record ${position} does not say where its bytes are.`);
};
