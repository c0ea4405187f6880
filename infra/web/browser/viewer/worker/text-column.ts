/** Rows whose texts stand one after another in one string, each with a line feed behind it. */
export interface TextPart {
  readonly firstRow: number;
  readonly rows: number;
  readonly text: string;
  /** Where each row begins in `text`, and where the last one ends. */
  readonly starts: Uint32Array;
}

const PART_ROWS = 16_384;
const PART_CHARACTERS = 8 * 1024 * 1024;

/**
 * A text for each row. A few large strings take far less memory than many small ones, and are searched as fast as the
 * machine reads.
 */
export class TextColumn {
  readonly #parts: TextPart[] = [];
  #open: string[] = [];
  #openCharacters = 0;
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  add(text: string): void {
    this.#open.push(text);
    this.#openCharacters += text.length + 1;
    this.#rows += 1;
    if (this.#open.length >= PART_ROWS || this.#openCharacters >= PART_CHARACTERS) this.#close();
  }

  /** All rows so far. */
  parts(): readonly TextPart[] {
    if (this.#open.length > 0) this.#close();
    return this.#parts;
  }

  /** The text of a row; undefined where there is no such row. */
  at(row: number): string | undefined {
    const openFrom = this.#rows - this.#open.length;
    if (row >= openFrom) return this.#open[row - openFrom];
    const part = this.#parts[this.#partOf(row)];
    if (part === undefined) return undefined;
    const [start, end] = [part.starts[row - part.firstRow], part.starts[row - part.firstRow + 1]];
    return start === undefined || end === undefined ? undefined : part.text.slice(start, end - 1);
  }

  /** The last part that begins at the row or before it. */
  #partOf(row: number): number {
    let [low, high] = [0, this.#parts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#parts[middle]?.firstRow ?? 0) <= row) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #close(): void {
    const starts = new Uint32Array(this.#open.length + 1);
    let at = 0;
    for (const [index, text] of this.#open.entries()) {
      starts[index] = at;
      at += text.length + 1;
    }
    starts[this.#open.length] = at;
    const rows = this.#open.length;
    this.#parts.push({
      firstRow: this.#rows - rows,
      rows,
      text: `${this.#open.join('\n')}\n`,
      starts,
    });
    this.#open = [];
    this.#openCharacters = 0;
  }
}
