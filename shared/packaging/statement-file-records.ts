import * as z from 'zod/mini';
import { readAsWritten } from './read-as-written.ts';

/** Records are exported as they are, so whatever is of another type than it should be is here as good as absent. */
const textIfAny = z.catch(z.optional(z.string()), undefined);
const numberIfAny = z.catch(z.optional(z.number()), undefined);

const statementFileRecord = z.object({
  fileId: z.string(),
  fileName: textIfAny,
  s3Key: textIfAny,
  fileSize: numberIfAny,
});
/** What packing needs of a file record. */
export type StatementFileRecord = z.infer<typeof statementFileRecord>;

/** What packing needs of a file record, given as JSON text. @throws InterimCorrupted */
export const statementFileOf = (json: string): StatementFileRecord =>
  readAsWritten(json, statementFileRecord);

export async function* statementFileRecords(
  records: AsyncIterable<string>,
): AsyncGenerator<StatementFileRecord> {
  for await (const record of records) yield statementFileOf(record);
}
