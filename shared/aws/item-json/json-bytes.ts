/** Longer ones are copied by the engine; to ask it costs more than to copy a short one. */
const SHORT_BYTES = 64;

/**
 * JSON that grows at its end. A value is known by where it begins and ends, in what is read or, with the numbers
 * complemented (`~`), in here: most are copied from there to here without ever being a string.
 */
export class JsonBytes {
  #bytes: Buffer;
  #end = 0;

  constructor(expected: number) {
    this.#bytes = Buffer.allocUnsafe(expected);
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  get end(): number {
    return this.#end;
  }

  byte(code: number): void {
    this.#reserve(1);
    this.#bytes[this.#end] = code;
    this.#end += 1;
  }

  text(text: string): void {
    this.#reserve(Buffer.byteLength(text));
    this.#end += this.#bytes.write(text, this.#end);
  }

  copy(from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#reserve(length);
    if (length > SHORT_BYTES) {
      this.#bytes.set(from.subarray(start, end), this.#end);
    } else {
      const [bytes, to] = [this.#bytes, this.#end - start];
      for (let at = start; at < end; at += 1) bytes[to + at] = from[at] ?? 0;
    }
    this.#end += length;
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length + more);
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
