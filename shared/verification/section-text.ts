import { isUtf8 } from 'node:buffer';
import { isJsonRecord, type JsonRecord } from '../domain/json-record.ts';
import type { Section } from '../domain/sections.ts';
import { corrupted } from './broken-package.ts';
import { memberCount } from './member-count.ts';

const parsedRecord = (json: string): JsonRecord | undefined => {
  try {
    const record: unknown = JSON.parse(json);
    return isJsonRecord(record) ? record : undefined;
  } catch {
    // The parser's own message would quote the record.
    return undefined;
  }
};

/** Is shown a record, and its JSON text for what the parser does not keep. */
export type OnRecord = (record: JsonRecord, json: string) => void;

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
    const bytes = followed ? line.subarray(0, -1) : line;
    const json = bytes.toString('utf8');
    const record = this.#parsed(bytes, json);
    this.#expects = followed ? 'record' : 'end';
    this.#count += 1;
    this.#onRecord(record, json);
  }

  #parsed(bytes: Buffer, json: string): JsonRecord {
    const record = isUtf8(bytes) ? parsedRecord(json) : undefined;
    if (record === undefined) {
      throw this.#broken(`has something that is no record where record ${this.#count + 1} should be`);
    }
    // Of a key that stands twice, some readers take the first value and some the last.
    const keys = Object.keys(record).length;
    if (keys > 0 && memberCount(json) !== keys) {
      throw this.#broken(`has an attribute twice in record ${this.#count + 1}`);
    }
    return record;
  }

  #broken(fact: string): Error {
    return corrupted('SECTION_TEXT', `The section ${this.section} ${fact}.`);
  }
}
