import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { eachRowWith } from '../../../../infra/web/browser/viewer/worker/text-search.ts';
import { TextColumn } from '../../../../infra/web/browser/viewer/worker/text-column.ts';

/** Few letters, so that words are found often, within others and at the ends of rows. */
const row = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '😀'), maxLength: 8 });
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), minLength: 1, maxLength: 3 });

const columnOf = (texts: readonly string[]): TextColumn => {
  const column = new TextColumn();
  for (const text of texts) column.add(text);
  return column;
};

describe('a column of texts', () => {
  it('gives back each text, whether or not its part is closed', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(row), (closed, open) => {
        const column = columnOf(closed);
        column.parts();
        for (const text of open) column.add(text);
        const all = [...closed, ...open];
        expect(column.rows).toBe(all.length);
        expect(all.map((_, index) => column.at(index))).toEqual(all);
        expect(column.at(all.length)).toBeUndefined();
      }),
    );
  });

  it('keeps rows apart that fill several parts', () => {
    const texts = Array.from({ length: 40_000 }, (_, index) => `row ${index}`);
    const column = columnOf(texts);
    expect(column.parts().length).toBeGreaterThan(2);
    for (const index of [0, 16_383, 16_384, 32_767, 32_768, 39_999]) {
      expect(column.at(index)).toBe(`row ${index}`);
    }
  });
});

describe('a search of texts', () => {
  it('finds the rows that have every word, in order, and no others', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(word, { maxLength: 3 }), (texts, words) => {
        const found: number[] = [];
        for (const part of columnOf(texts).parts()) eachRowWith(part, words, (index) => found.push(index));
        const expected = [...texts.keys()].filter((index) =>
          words.every((one) => (texts[index] ?? '').includes(one)),
        );
        expect(found).toEqual(expected);
      }),
    );
  });
});
