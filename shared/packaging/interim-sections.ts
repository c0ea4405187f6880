import { createHash } from 'node:crypto';
import { InterimCorrupted } from '../domain/errors.ts';
import type { ArtifactStore } from '../ports.ts';
import { linesOf } from '../use-cases/lines.ts';
import type { SectionCollected } from '../workflow/contracts.ts';
import { SECTION_FRAME, type CollectedSection } from './collected-section.ts';

/**
 * What the collectors left, read as often as it is needed and never held whole. Each part that is read to its end is
 * compared with what its collector said, so that no pass over a section can see other bytes than any other pass.
 */
export interface InterimSections {
  /** The section's text. @throws InterimCorrupted after the last byte of a part that is not what was collected */
  readonly bytes: (section: CollectedSection) => AsyncGenerator<Uint8Array>;
  /** The text's lines. @throws InterimCorrupted as `bytes` does */
  readonly lines: (section: CollectedSection) => AsyncGenerator<string>;
  /** The JSON text of each record. @throws InterimCorrupted as `bytes` does */
  readonly records: (section: CollectedSection) => AsyncGenerator<string>;
}

/** The JSON text of the record that a line of a section holds, if it does: a section is an array with one record a line. */
export const recordIn = (line: string): string | undefined => {
  if (!line.startsWith('{')) return undefined;
  return line.endsWith(',') ? line.slice(0, -1) : line;
};

export async function* recordsIn(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) {
    const record = recordIn(line);
    if (record !== undefined) yield record;
  }
}

/** Those of the chunks' bytes that lie from `start` to before `end`. Reads all chunks: what they are is checked at their end. */
async function* within(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  let position = 0;
  for await (const chunk of chunks) {
    const inside = chunk.subarray(Math.max(0, start - position), Math.max(0, end - position));
    position += chunk.length;
    if (inside.length > 0) yield inside;
  }
}

export const interimSections = (artifacts: Pick<ArtifactStore, 'read'>): InterimSections => {
  async function* partBytes(part: SectionCollected): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    let read = 0;
    for await (const chunk of await artifacts.read(part.key)) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('A section is not read as bytes.');
      hash.update(chunk);
      read += chunk.length;
      yield chunk;
    }
    if (read !== part.bytes || hash.digest('hex') !== part.sha256) {
      throw new InterimCorrupted(`The collected section ${part.section} is not what its collector wrote.`);
    }
  }

  async function* bytes({ parts }: CollectedSection): AsyncGenerator<Uint8Array> {
    const [only, ...others] = parts;
    if (only !== undefined && others.length === 0) {
      yield* partBytes(only);
      return;
    }
    const { begins, separates, ends, empty } = SECTION_FRAME;
    let before: string = begins;
    for (const part of parts.filter(({ count }) => count > 0)) {
      yield Buffer.from(before);
      yield* within(partBytes(part), begins.length, part.bytes - ends.length);
      before = separates;
    }
    yield Buffer.from(before === separates ? ends : empty);
  }

  const lines = (section: CollectedSection): AsyncGenerator<string> => linesOf(bytes(section));

  return { bytes, lines, records: (section) => recordsIn(lines(section)) };
};
