import { isJsonRecord } from '../domain/json-record.ts';
import type { SourceRecord } from '../ports.ts';

/** A record of which there is only the text, parsed when somebody asks for a value of it. */
export class ParsedRecord implements SourceRecord {
  readonly primaryKey: string;
  readonly sortKey: string;
  readonly json: string;
  #parsed: unknown;

  constructor({ primaryKey, sortKey, json }: Omit<SourceRecord, 'value'>) {
    this.primaryKey = primaryKey;
    this.sortKey = sortKey;
    this.json = json;
  }

  value(name: string): unknown {
    this.#parsed ??= JSON.parse(this.json);
    return isJsonRecord(this.#parsed) && Object.hasOwn(this.#parsed, name) ? this.#parsed[name] : undefined;
  }
}
