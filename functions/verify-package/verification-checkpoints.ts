import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { InterimCorrupted } from '../../shared/domain/errors.ts';
import type { ArtifactStore } from '../../shared/ports.ts';
import { linesOf } from '../../shared/use-cases/lines.ts';
import { verificationState, type VerificationState } from '../../shared/verification/verify-part.ts';

/** What a call leaves for the next one. */
export interface Checkpoint {
  /** The version of the package that was read so far. */
  readonly version: string;
  readonly state: VerificationState;
}

/** One line each, so that lists of any length are neither written nor read as one text. */
const line = z.tuple([
  z.enum(['known', 'entry', 'fileReference', 'fileTransactions', 'sha256']),
  z.unknown(),
]);
type Line = z.infer<typeof line>;

const known = z.object({
  version: z.string(),
  state: z.looseObject({
    contents: z.looseObject({ transactions: z.optional(z.looseObject({})) }),
  }),
});

function* linesFor({ version, state }: Checkpoint): Generator<Line> {
  const { entries, fileReferences, transactions, ...contents } = state.contents;
  const { byFile = [], ...sums } = transactions ?? {};
  const rest = transactions === undefined ? contents : { ...contents, transactions: sums };
  yield ['known', { version, state: { ...state, contents: rest } }];
  for (const entry of entries) yield ['entry', entry];
  for (const reference of fileReferences) yield ['fileReference', reference];
  for (const use of byFile) yield ['fileTransactions', use];
}

/** The lines as text; the last holds the hash of all before it. */
function* textOf(lines: Iterable<Line>): Generator<Buffer> {
  const hash = createHash('sha256');
  for (const parts of lines) {
    const text = Buffer.from(`${JSON.stringify(parts)}\n`);
    hash.update(text);
    yield text;
  }
  yield Buffer.from(`${JSON.stringify(['sha256', hash.digest('hex')])}\n`);
}

const broken = (cause?: unknown): InterimCorrupted =>
  new InterimCorrupted('What is known of a package that is being verified did not arrive unchanged.', {
    cause,
  });

const parsedLine = (text: string): Line => {
  try {
    return line.parse(JSON.parse(text));
  } catch (error) {
    throw broken(error);
  }
};

/** By kind, once all are there and the hash in the last one is theirs. */
const readLines = async (chunks: AsyncIterable<Uint8Array>): Promise<Record<Line[0], unknown[]>> => {
  const values: Record<Line[0], unknown[]> = {
    ...{ known: [], entry: [], fileReference: [], fileTransactions: [], sha256: [] },
  };
  const hash = createHash('sha256');
  for await (const text of linesOf(chunks)) {
    if (values.sha256.length > 0) throw broken();
    const [kind, value] = parsedLine(text);
    values[kind].push(value);
    if (kind !== 'sha256') hash.update(`${text}\n`);
  }
  if (values.sha256[0] !== hash.digest('hex')) throw broken();
  return values;
};

const checkpointOf = (values: Record<Line[0], unknown[]>): Checkpoint => {
  try {
    const { version, state } = known.parse(values.known[0]);
    const { transactions, ...contents } = state.contents;
    return {
      version,
      state: verificationState.parse({
        ...state,
        contents: {
          ...contents,
          entries: values.entry,
          fileReferences: values.fileReference,
          ...(transactions === undefined
            ? {}
            : { transactions: { ...transactions, byFile: values.fileTransactions } }),
        },
      }),
    };
  } catch (error) {
    throw broken(error);
  }
};

/** Keeps what a verifier knows while nobody verifies. */
export const createVerificationCheckpoints = (artifacts: Pick<ArtifactStore, 'read' | 'write'>) => ({
  write: async (key: string, checkpoint: Checkpoint): Promise<void> => {
    await artifacts.write(key, textOf(linesFor(checkpoint)), 'application/x-ndjson');
  },
  /** @throws InterimCorrupted when it is not there, or not what was written */
  read: async (key: string): Promise<Checkpoint> => checkpointOf(await readLines(await artifacts.read(key))),
});
