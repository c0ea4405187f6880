/** Starts and ends of values, as a stack: a map in a map has its own above the other's. */
export class Ranges {
  #numbers: Int32Array;
  #top = 0;

  constructor(expected: number) {
    this.#numbers = new Int32Array(expected);
  }

  get top(): number {
    return this.#top;
  }

  /** So many ranges of nothing; where the first of them is. */
  push(ranges: number): number {
    const base = this.#top;
    this.#top += 2 * ranges;
    if (this.#top > this.#numbers.length) {
      const larger = new Int32Array(2 * this.#top);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers.fill(0, base, this.#top);
    return base;
  }

  /** So many ranges from there on, counted from `start`: those of nothing stay so. */
  moved(base: number, ranges: number, start: number): Ranges {
    const moved = new Ranges(2 * ranges);
    moved.push(ranges);
    for (let at = 0; at < 2 * ranges; at += 2) {
      const [from, to] = [this.start(base + at), this.end(base + at)];
      if (from !== to) moved.set(at, from - start, to - start);
    }
    return moved;
  }

  drop(to: number): void {
    this.#top = to;
  }

  start(at: number): number {
    return this.#numbers[at] ?? 0;
  }

  end(at: number): number {
    return this.#numbers[at + 1] ?? 0;
  }

  set(at: number, start: number, end: number): void {
    this.#numbers[at] = start;
    this.#numbers[at + 1] = end;
  }
}
