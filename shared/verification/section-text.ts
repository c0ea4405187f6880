import type { Section } from '../domain/sections.ts';
import { corrupted } from './broken-package.ts';

/** A record as the package writes it, parsed; any attribute may be missing or of another type. */
export type ParsedRecord = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a JSON object. */
export const isRecord = (value: unknown): value is ParsedRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Is shown a record, and its JSON text for what the parser does not keep. */
export type OnRecord = (record: ParsedRecord, json: string) => void;

const COMMA = ','.charCodeAt(0);

/** Reads a section's text, a JSON array with one record a line, and shows each record on the way. */
export class SectionText {
  readonly section: Section;
  readonly #onRecord: OnRecord;
  #expects: 'beginning' | 'first record' | 'record' | 'end' | 'nothing' = 'beginning';
  #count = 0;

  constructor(section: Section, onRecord: OnRecord) {
    this.section = section;
    this.#onRecord = onRecord;
  }

  get count(): number {
    return this.#count;
  }

  /** Whether the array is closed. */
  get ended(): boolean {
    return this.#expects === 'nothing';
  }

  /** The next line without its line feed. @throws PackageCorrupted when it is not one that may come here */
  line(line: Buffer): void {
    switch (this.#expects) {
      case 'beginning': {
        this.#begin(line.toString('latin1'));
        return;
      }
      case 'first record':
      case 'record': {
        this.#record(line);
        return;
      }
      case 'end':
        if (line.toString('latin1') !== ']') throw this.#broken('does not end behind its last record');
        this.#expects = 'nothing';
        return;
      case 'nothing':
        throw this.#broken('goes on behind its end');
    }
  }

  /** @throws PackageCorrupted when the text may not end here */
  end(endsWithLine: boolean): void {
    if (!this.ended || !endsWithLine) throw this.#broken('is cut short');
  }

  #begin(line: string): void {
    if (line !== '[' && line !== '[]') throw this.#broken('does not begin as a list of records');
    this.#expects = line === '[' ? 'first record' : 'nothing';
  }

  #record(line: Buffer): void {
    const followed = line.at(-1) === COMMA;
    const json = (followed ? line.subarray(0, -1) : line).toString('utf8');
    const record = this.#parsed(json);
    this.#expects = followed ? 'record' : 'end';
    this.#count += 1;
    this.#onRecord(record, json);
  }

  #parsed(json: string): ParsedRecord {
    try {
      const record: unknown = JSON.parse(json);
      if (isRecord(record)) return record;
    } catch {
      // Refused below: the parser's own message would quote the record.
    }
    throw this.#broken(`has something that is no record where record ${this.#count + 1} should be`);
  }

  #broken(fact: string): Error {
    return corrupted('SECTION_TEXT', `The section ${this.section} ${fact}.`);
  }
}
