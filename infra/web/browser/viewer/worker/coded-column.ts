import { NumberColumn } from './number-column.ts';

/** One of few texts for each row, such as an id, kept as a number. */
export class CodedColumn {
  readonly #codes = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #rows = new NumberColumn((capacity) => new Uint32Array(capacity));

  add(text: string): void {
    const known = this.#codes.get(text);
    this.#rows.add(known ?? this.#texts.length);
    if (known !== undefined) return;
    this.#codes.set(text, this.#texts.length);
    this.#texts.push(text);
  }

  /** Empty where there is no such row. */
  at(row: number): string {
    return this.#texts[this.#rows.at(row)] ?? '';
  }

  /** The number that stands for the row's text. */
  codeAt(row: number): number {
    return this.#rows.at(row);
  }

  /** Which numbers stand for any of these texts. */
  codesOf(texts: Iterable<string>): ReadonlySet<number> {
    return new Set([...texts].flatMap((text) => this.#codes.get(text) ?? []));
  }
}
