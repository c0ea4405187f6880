/** Where the merging of one run stands. */
class Cursor<T> {
  readonly #pages: AsyncIterator<readonly T[]>;
  #page: readonly T[] = [];
  #at = 0;

  constructor(run: AsyncIterable<readonly T[]>) {
    this.#pages = run[Symbol.asyncIterator]();
  }

  get head(): T | undefined {
    return this.#page[this.#at];
  }

  /** Steps to the next item in memory; false when another page must be fetched first. */
  step(): boolean {
    this.#at += 1;
    return this.#at < this.#page.length;
  }

  /** Fetches pages up to one that holds something; without one there is no head any more. */
  async fetch(): Promise<void> {
    this.#at = 0;
    do {
      const next = await this.#pages.next();
      this.#page = next.done === true ? [] : next.value;
      if (next.done === true) return;
    } while (this.#page.length === 0);
  }

  async close(): Promise<void> {
    await this.#pages.return?.();
  }
}

/**
 * Sorted runs as one; of equal items those of an earlier run come first. Holds one page of each run and gives away what
 * it has before it fetches another, so that memory is bounded by the pages. It finds the least head by looking at all of
 * them, so runs should be few. A run that fails or a reader that stops early closes all runs.
 */
export async function* mergeSorted<T extends object>(
  runs: readonly AsyncIterable<readonly T[]>[],
  compare: (a: T, b: T) => number,
): AsyncGenerator<readonly T[]> {
  const cursors = runs.map((run) => new Cursor(run));
  try {
    await Promise.all(cursors.map((cursor) => cursor.fetch()));
    let batch: T[] = [];
    for (let least = leastOf(cursors, compare); least !== undefined; least = leastOf(cursors, compare)) {
      batch.push(least.head);
      if (least.cursor.step()) continue;
      yield batch;
      batch = [];
      await least.cursor.fetch();
    }
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

interface Least<T> {
  readonly cursor: Cursor<T>;
  readonly head: T;
}

const leastOf = <T extends object>(
  cursors: readonly Cursor<T>[],
  compare: (a: T, b: T) => number,
): Least<T> | undefined => {
  let least: Least<T> | undefined;
  for (const cursor of cursors) {
    const { head } = cursor;
    if (head !== undefined && (least === undefined || compare(head, least.head) < 0))
      least = { cursor, head };
  }
  return least;
};
