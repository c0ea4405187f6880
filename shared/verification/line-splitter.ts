import { corrupted } from './broken-package.ts';

const NEWLINE = 0x0a;
/** Far above any record: an item of DynamoDB has at most 400 KB. */
const LINE_LIMIT_BYTES = 16 * 1024 * 1024;

/** Cuts text into lines, given without their line feeds, whatever the pieces in which it arrives. */
export class LineSplitter {
  readonly #onLine: (line: Buffer) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine;
  }

  /** Whether the text so far ends with a line feed, or is empty. */
  get atLineStart(): boolean {
    return this.#restBytes === 0;
  }

  /** @throws PackageCorrupted when a line is longer than any that is written */
  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = chunk.subarray(start, end);
      if (this.#restBytes === 0) this.#onLine(line);
      else this.#onLine(this.#joined(line));
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #joined(end: Buffer): Buffer {
    const line = Buffer.concat([...this.#rest, end]);
    this.#rest = [];
    this.#restBytes = 0;
    return line;
  }

  #keep(part: Buffer): void {
    this.#rest.push(part);
    this.#restBytes += part.length;
    if (this.#restBytes > LINE_LIMIT_BYTES) {
      throw corrupted('SECTION_TEXT', 'The package has a line that is longer than any record can be.');
    }
  }
}
