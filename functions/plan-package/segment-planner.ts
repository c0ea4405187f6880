import { createHash, type Hash } from 'node:crypto';
import type { Section } from '../../shared/domain/sections.ts';
import { SECTION_FRAME } from '../../shared/packaging/collected-section.ts';
import { recordIn } from '../../shared/packaging/interim-sections.ts';
import type { PlannedSegment, TableName } from '../../shared/packaging/package-plan.ts';

/** A segment is full when it has either. */
export interface SegmentLimits {
  /** Of source. */
  readonly bytes: number;
  readonly entries: number;
}

interface OpenRange {
  records: number;
  readonly start: number;
  end: number;
  readonly hash: Hash;
}

class Draft {
  readonly sections: Section[] = [];
  readonly tables: TableName[] = [];
  range: OpenRange | undefined;
  bytes = 0;
  entries = 0;

  finished(): PlannedSegment {
    const { sections, tables, range } = this;
    if (range === undefined) return { sections, tables };
    const { records, start, end, hash } = range;
    return { sections, tables, files: { records, start, end, sha256: hash.digest('hex') } };
  }
}

/** Cuts what is to be packed, in the order in which it is named, into segments. */
export class SegmentPlanner {
  readonly #limits: SegmentLimits;
  readonly #full: PlannedSegment[] = [];
  #draft = new Draft();
  /** Where the next line of file records begins: the section's first line holds no record. */
  #position: number = SECTION_FRAME.begins.length;

  constructor(limits: SegmentLimits) {
    this.#limits = limits;
  }

  addSection(name: Section, bytes: number): void {
    this.#draft.sections.push(name);
    this.#grow(bytes);
  }

  addTable(name: TableName, bytes: number): void {
    this.#draft.tables.push(name);
    this.#grow(bytes);
  }

  /** The next line of the file records; `bytes` is the size of the file that the record tells of. */
  addFile(line: string, bytes: number): void {
    const text = Buffer.from(`${line}\n`);
    const range = (this.#draft.range ??= {
      records: 0,
      start: this.#position,
      end: this.#position,
      hash: createHash('sha256'),
    });
    this.#position += text.length;
    range.records += 1;
    range.end = this.#position;
    range.hash.update(text);
    this.#grow(bytes);
  }

  /** All segments; at least one, which may be empty. */
  segments(): PlannedSegment[] {
    if (this.#draft.entries > 0 || this.#full.length === 0) this.#close();
    return this.#full;
  }

  #grow(bytes: number): void {
    this.#draft.bytes += bytes;
    this.#draft.entries += 1;
    if (this.#draft.bytes >= this.#limits.bytes || this.#draft.entries >= this.#limits.entries) this.#close();
  }

  #close(): void {
    this.#full.push(this.#draft.finished());
    this.#draft = new Draft();
  }
}

/** The lines of the section of file records that hold one. */
export async function* fileLines(
  lines: AsyncIterable<string>,
): AsyncGenerator<{ line: string; json: string }> {
  for await (const line of lines) {
    const json = recordIn(line);
    if (json !== undefined) yield { line, json };
  }
}
