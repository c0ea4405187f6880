/** A power of two, some times as many as a page has accounts, files and categories. */
const SLOTS = 1024;
const LONGEST_REPEATED = 64;

/**
 * Makes strings of texts in bytes, and of one that comes again and again, such as an account's id, only one: to compare
 * it costs a third of making it. It remembers a text by its last bytes, until another with the same ones comes.
 */
export class RepeatedTexts {
  readonly #bytes: Buffer;
  readonly #starts = new Int32Array(SLOTS);
  readonly #texts = new Array<string | undefined>(SLOTS);
  readonly #lengths = new Int32Array(SLOTS);

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  text(start: number, end: number): string {
    const length = end - start;
    if (length > LONGEST_REPEATED || length < 3) return this.#bytes.toString('utf8', start, end);
    const slot = this.#slotOf(end, length);
    const known = this.#texts[slot];
    if (
      known !== undefined &&
      this.#lengths[slot] === length &&
      this.#isSame(this.#starts[slot] ?? 0, start, end)
    )
      return known;
    const text = this.#bytes.toString('utf8', start, end);
    this.#texts[slot] = text;
    this.#starts[slot] = start;
    this.#lengths[slot] = length;
    return text;
  }

  #slotOf(end: number, length: number): number {
    const bytes = this.#bytes;
    const last = ((bytes[end - 1] ?? 0) * 31 + (bytes[end - 2] ?? 0)) * 31 + (bytes[end - 3] ?? 0);
    return (last * 31 + length) & (SLOTS - 1);
  }

  #isSame(known: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    for (let at = start; at < end; at += 1) {
      if (bytes[known - start + at] !== bytes[at]) return false;
    }
    return true;
  }
}
