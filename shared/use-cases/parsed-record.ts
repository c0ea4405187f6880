import { isJsonRecord } from '../domain/json-record.ts';
import type { SourceRecord } from '../ports.ts';

interface RecordText extends Pick<SourceRecord, 'primaryKey' | 'sortKey'> {
  /** One JSON object, without line breaks. */
  readonly text: string;
}

/** A record of which there is only the text, parsed when somebody asks for a value of it. */
export class ParsedRecord implements SourceRecord {
  readonly primaryKey: string;
  readonly sortKey: string;
  readonly json: Uint8Array;
  readonly #text: string;
  #parsed: unknown;

  constructor({ primaryKey, sortKey, text }: RecordText) {
    this.primaryKey = primaryKey;
    this.sortKey = sortKey;
    this.json = Buffer.from(text);
    this.#text = text;
  }

  value(name: string): unknown {
    this.#parsed ??= JSON.parse(this.#text);
    return isJsonRecord(this.#parsed) && Object.hasOwn(this.#parsed, name) ? this.#parsed[name] : undefined;
  }
}
