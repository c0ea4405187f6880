import { InterimCorrupted } from '../domain/errors.ts';
import { withLastMember } from './json-members.ts';
import type { PackedFile } from './segment-report.ts';

/** The attribute that a packed file record has beyond its stored ones, so that a transaction can be followed to its file. */
const TRACE = 'packageEntry';

const traceOf = ({ fileId, outcome }: PackedFile, transactionsByFile: ReadonlyMap<string, number>) => {
  const transactionCount = transactionsByFile.get(fileId) ?? 0;
  if ('code' in outcome) return { path: null, omission: outcome.code, transactionCount };
  const { path, bytes, sha256 } = outcome;
  return { path, bytes, sha256, transactionCount };
};

/** The section of file records once more, each with what became of its file; `packed` is in the order of `records`. */
export async function* tracedRecords(
  records: AsyncIterable<string>,
  packed: readonly PackedFile[],
  transactionsByFile: ReadonlyMap<string, number>,
): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const record of records) {
    const file = packed[count];
    if (file === undefined) throw new InterimCorrupted('There are more file records than before.');
    yield Buffer.from(
      (count === 0 ? '[\n' : ',\n') + withLastMember(record, TRACE, traceOf(file, transactionsByFile)),
    );
    count += 1;
  }
  yield Buffer.from(count === 0 ? '[]\n' : '\n]\n');
}
