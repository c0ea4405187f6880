/** Surrogates sort after U+E000..U+FFFF in UTF-8 but before them in UTF-16; this moves them. */
const utf8Rank = (unit: number): number => {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
};

/** Orders text by its UTF-8 bytes, as S3 lists keys. */
export const compareUtf8 = (left: string, right: string): number => {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const leftUnit = left.charCodeAt(index);
    const rightUnit = right.charCodeAt(index);
    if (leftUnit !== rightUnit) return utf8Rank(leftUnit) - utf8Rank(rightUnit);
  }
  return left.length - right.length;
};

/** A map whose keys can be walked in UTF-8 order from any point. The order is made when it is first asked for. */
export class OrderedKeys<Value> {
  readonly #values = new Map<string, Value>();
  #order: string[] | undefined;

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  values(): Iterable<Value> {
    return this.#values.values();
  }

  set(key: string, value: Value): void {
    if (this.#order !== undefined && !this.#values.has(key)) {
      this.#order.splice(firstNotBefore(this.#order, key), 0, key);
    }
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (!this.#values.delete(key) || this.#order === undefined) return;
    this.#order.splice(firstNotBefore(this.#order, key), 1);
  }

  /** Walks from the first key that is not before `start`. The map must not change meanwhile. */
  *from(start: string): Generator<readonly [string, Value]> {
    this.#order ??= [...this.#values.keys()].sort(compareUtf8);
    for (let index = firstNotBefore(this.#order, start); index < this.#order.length; index += 1) {
      const key = this.#order[index] ?? '';
      const value = this.#values.get(key);
      if (value !== undefined) yield [key, value];
    }
  }
}

const firstNotBefore = (order: readonly string[], key: string): number => {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(order[middle] ?? '', key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
};
