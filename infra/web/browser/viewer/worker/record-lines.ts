import { isJsonRecord, type JsonRecord } from '../../../../../shared/domain/json-record.ts';

/** A section's text is not what it must be; the message is what follows its name. */
export class SectionBroken extends Error {
  override readonly name = 'SectionBroken';
}

/** Whole lines of a section, and the records that they hold. */
export interface LineBlock {
  /** Of the first byte, in the section. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly records: readonly JsonRecord[];
}

/** Lines are parsed together, because each call of the parser costs. */
const BLOCK_BYTES = 256 * 1024;
/** No record is as long: DynamoDB takes 400 KiB, and JSON writes a character in six bytes at the most. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024;
const LINE_FEED = 10;
const BEGINS = '[\n';
const EMPTY = '[]\n';
const ENDS = ']\n';

const parsedTogether = (lines: string): unknown => {
  try {
    return JSON.parse(`[${lines.replace(/,?\n$/, '')}]`);
  } catch {
    return undefined;
  }
};

const isRecordLine = (line: string): boolean => {
  try {
    return isJsonRecord(JSON.parse(line.replace(/,$/, '')));
  } catch {
    return false;
  }
};

/** Reads a section, a JSON array with one record a line, as its bytes come. */
export class RecordLines {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #begun = false;
  #ended = false;
  #records = 0;
  /** Bytes that were given on in blocks. */
  #passed = 0;

  /** Records so far. */
  get count(): number {
    return this.#records;
  }

  /** The next bytes; the lines that are to be taken together, once there are enough. @throws SectionBroken */
  push(chunk: Uint8Array): LineBlock | undefined {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < BLOCK_BYTES || !chunk.includes(LINE_FEED)) {
      if (this.#pendingBytes > LONGEST_LINE_BYTES) throw new SectionBroken('has a line that is too long');
      return undefined;
    }
    const bytes = this.#taken();
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    this.#keep(bytes.slice(end));
    return this.#block(bytes.slice(0, end));
  }

  /** There are no more bytes; the lines that are left. @throws SectionBroken */
  end(): LineBlock | undefined {
    const block = this.#block(this.#taken());
    if (!this.#ended) throw new SectionBroken('is cut short');
    return block;
  }

  #taken(): Uint8Array {
    const bytes = new Uint8Array(this.#pendingBytes);
    let at = 0;
    for (const chunk of this.#pending) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#pending = [];
    this.#pendingBytes = 0;
    return bytes;
  }

  #keep(bytes: Uint8Array): void {
    this.#pending = [bytes];
    this.#pendingBytes = bytes.length;
  }

  #block(bytes: Uint8Array): LineBlock | undefined {
    let text = new TextDecoder().decode(bytes);
    let from = 0;
    const offset = this.#passed;
    this.#passed += bytes.length;
    if (this.#ended && text !== '') throw new SectionBroken('goes on behind its end');
    if (!this.#begun && text !== '') {
      this.#begun = true;
      if (text === EMPTY) {
        this.#ended = true;
        return undefined;
      }
      if (!text.startsWith(BEGINS))
        throw new SectionBroken('does not begin as a list with one record a line');
      from = BEGINS.length;
      text = text.slice(from);
    }
    if (text === ENDS || text.endsWith(`\n${ENDS}`)) {
      this.#ended = true;
      text = text.slice(0, -ENDS.length);
    }
    if (text === '') return undefined;
    return { offset: offset + from, bytes: bytes.subarray(from), records: this.#parsed(text) };
  }

  #parsed(text: string): JsonRecord[] {
    const parsed = parsedTogether(text);
    const records = Array.isArray(parsed) ? parsed.filter(isJsonRecord) : [];
    const lines = text.split('\n').length - 1;
    if (records.length !== lines || !text.endsWith('\n')) throw this.#brokenLine(text);
    this.#records += lines;
    return records;
  }

  #brokenLine(text: string): SectionBroken {
    const at = text.split('\n').findIndex((line) => !isRecordLine(line));
    return new SectionBroken(
      `has something that is no record where record ${this.#records + at + 1} should be`,
    );
  }
}
