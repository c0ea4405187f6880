import { createHash } from 'node:crypto';
import { InterimCorrupted } from '../../shared/domain/errors.ts';
import type { ArtifactStore } from '../../shared/ports.ts';
import { linesOf } from '../../shared/use-cases/lines.ts';
import type { SectionCollected } from '../../shared/workflow/contracts.ts';

/**
 * What the collectors left, read as often as it is needed and never held whole. Each reading to the end is compared with
 * what the collector said, so that no pass over a section can see other bytes than any other pass.
 */
export interface InterimSections {
  /** The section's text. @throws InterimCorrupted after the last byte when they are not those that were collected */
  readonly bytes: (section: SectionCollected) => AsyncGenerator<Uint8Array>;
  /** The JSON text of each record. @throws InterimCorrupted after the last one */
  readonly records: (section: SectionCollected) => AsyncGenerator<string>;
}

export const interimSections = (artifacts: Pick<ArtifactStore, 'read'>): InterimSections => {
  async function* bytes(section: SectionCollected): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    let read = 0;
    for await (const chunk of await artifacts.read(section.key)) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('A section is not read as bytes.');
      hash.update(chunk);
      read += chunk.length;
      yield chunk;
    }
    if (read !== section.bytes || hash.digest('hex') !== section.sha256) {
      throw new InterimCorrupted(`The collected section ${section.section} is not what its collector wrote.`);
    }
  }

  /** A section is an array with one record a line. */
  async function* records(section: SectionCollected): AsyncGenerator<string> {
    for await (const line of linesOf(bytes(section))) {
      if (line.startsWith('{')) yield line.endsWith(',') ? line.slice(0, -1) : line;
    }
  }

  return { bytes, records };
};
