import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { mergeSorted } from '../../../../shared/domain/merge-sorted.ts';

interface Item {
  readonly key: number;
  readonly run: number;
}

const byKey = (a: Item, b: Item): number => a.key - b.key;

/** A run as a source gives it, which knows whether it was closed and how many pages were fetched. */
class Run implements AsyncIterable<readonly Item[]> {
  readonly #pages: readonly (readonly Item[])[];
  readonly #failure: Error | undefined;
  fetched = 0;
  closed = false;

  constructor(pages: readonly (readonly Item[])[], failure?: Error) {
    this.#pages = pages;
    this.#failure = failure;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Item[]> {
    try {
      for (const page of this.#pages) {
        await Promise.resolve();
        this.fetched += 1;
        yield page;
      }
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      this.closed = true;
    }
  }
}

const items = (run: number, ...keys: readonly number[]): Item[] => keys.map((key) => ({ key, run }));

const merged = async (runs: readonly Run[]): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const batch of mergeSorted(runs, byKey)) all.push(...batch);
  return all;
};

describe('merging sorted runs', () => {
  it('gives every item once, in order, earlier runs first where items are equal', async () => {
    const run = fc
      .array(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 6 }), { maxLength: 5 })
      .map((pages) => {
        const sorted = pages.flat().sort((a, b) => a - b);
        let at = 0;
        return pages.map(({ length }) => sorted.slice(at, (at += length)));
      });
    await fc.assert(
      fc.asyncProperty(fc.array(run, { maxLength: 6 }), async (drawn) => {
        const pages = drawn.map((one, at) => one.map((keys) => items(at, ...keys)));
        const expected = pages.flat(2).toSorted((a, b) => a.key - b.key || a.run - b.run);
        const runs = pages.map((one) => new Run(one));
        expect(await merged(runs)).toEqual(expected);
        expect(runs.every(({ closed }) => closed)).toBe(true);
      }),
    );
  });

  it('fetches a page only when the one before is given away', async () => {
    const runs = [new Run([items(0, 1), items(0, 5), items(0, 9)]), new Run([items(1, 2), items(1, 7)])];
    const seen: [number[], number][] = [];
    for await (const batch of mergeSorted(runs, byKey)) {
      seen.push([batch.map(({ key }) => key), runs.reduce((sum, { fetched }) => sum + fetched, 0)]);
    }
    expect(seen).toEqual([
      [[1], 2],
      [[2], 3],
      [[5], 4],
      [[7], 5],
      [[9], 5],
    ]);
  });

  it('closes every run when one fails, and lets its error through', async () => {
    const failure = new Error('A table did not answer.');
    const runs = [new Run([items(0, 1)], failure), new Run([items(1, 2), items(1, 3)])];
    await expect(merged(runs)).rejects.toBe(failure);
    expect(runs.map(({ closed }) => closed)).toEqual([true, true]);
  });

  it('closes every run when its reader stops early', async () => {
    const runs = [new Run([items(0, 1), items(0, 3)]), new Run([items(1, 2), items(1, 4)])];
    for await (const batch of mergeSorted(runs, byKey)) if (batch.length > 0) break;
    expect(runs.map(({ closed }) => closed)).toEqual([true, true]);
  });
});
