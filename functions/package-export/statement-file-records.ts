import type { Readable } from 'node:stream';
import * as z from 'zod/mini';
import { linesOf } from '../../shared/use-cases/lines.ts';

/** Records are exported as they are, so whatever is not a text here is as good as absent. */
const textIfAny = z.catch(z.optional(z.string()), undefined);

const statementFileRecord = z.object({ fileId: z.string(), fileName: textIfAny, s3Key: textIfAny });
export type StatementFileRecord = z.infer<typeof statementFileRecord>;

/** What packing needs of each file record of an interim section, which holds one record a line. */
export async function* statementFileRecords(section: Readable): AsyncGenerator<StatementFileRecord> {
  for await (const line of linesOf(section)) {
    if (line.startsWith('{')) yield statementFileRecord.parse(JSON.parse(line.replace(/,$/, '')));
  }
}
