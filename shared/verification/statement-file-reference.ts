import * as z from 'zod/mini';
import { OMISSION_CODES } from '../domain/manifest.ts';
import { filePath } from '../domain/package-layout.ts';
import { corrupted } from './broken-package.ts';
import type { ParsedRecord } from './section-text.ts';

const transactionCount = z.number();

/** Where a file record says that its bytes are in the package, or why they are not. */
const reference = z.object({
  fileId: z.string(),
  fileName: z.catch(z.optional(z.string()), undefined),
  packageEntry: z.union([
    z.strictObject({ path: z.string(), bytes: z.number(), sha256: z.string(), transactionCount }),
    z.strictObject({ path: z.null(), omission: z.enum(OMISSION_CODES), transactionCount }),
  ]),
});

export interface StatementFileReference extends Pick<z.infer<typeof reference>, 'fileId' | 'packageEntry'> {
  /** Where a file of this id and name lies in every package, unless it is omitted. */
  readonly expectedPath: string;
}

/** @throws PackageCorrupted when the record does not say where its bytes are, or says another place than theirs */
export const statementFileReference = (record: ParsedRecord, position: number): StatementFileReference => {
  const parsed = reference.safeParse(record);
  if (!parsed.success) {
    throw corrupted('FILE_REFERENCE', `File record ${position} does not say where its bytes are.`);
  }
  const { fileId, fileName = '', packageEntry } = parsed.data;
  const expectedPath = filePath(fileId, fileName);
  if (packageEntry.path !== null && packageEntry.path !== expectedPath) {
    throw corrupted('FILE_REFERENCE', `File record ${position} names a path that is not that of its file.`);
  }
  return { fileId, packageEntry, expectedPath };
};
