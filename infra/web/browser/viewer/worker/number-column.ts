const FIRST_CAPACITY = 1024;

type Numbers = Float64Array | Uint32Array | Int8Array;

/** A number for each row, in a typed array that grows. */
export class NumberColumn<Values extends Numbers> {
  readonly #make: (capacity: number) => Values;
  #values: Values;
  #rows = 0;

  constructor(make: (capacity: number) => Values) {
    this.#make = make;
    this.#values = make(FIRST_CAPACITY);
  }

  get rows(): number {
    return this.#rows;
  }

  add(value: number): void {
    if (this.#rows === this.#values.length) {
      const larger = this.#make(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#rows] = value;
    this.#rows += 1;
  }

  /** Not a number where there is no such row. */
  at(row: number): number {
    return row < this.#rows ? (this.#values[row] ?? NaN) : NaN;
  }
}
