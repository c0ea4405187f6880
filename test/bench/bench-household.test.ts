import { describe, expect, it } from '@jest/globals';
import { benchHousehold } from './bench-household.ts';

const SIZE = { transactions: 0, files: 300, fileBytes: 20_000, textFilesInHundred: 50 };

const sizes = (household: ReturnType<typeof benchHousehold>): number[] =>
  Array.from({ length: household.size.files }, (_, index) => household.file(index).bytes);

describe("a bench household's files", () => {
  it('are all of one size unless there is a smallest', () => {
    expect(new Set(sizes(benchHousehold(SIZE)))).toEqual(new Set([20_000]));
  });

  it('are as many below the geometric mean of smallest and largest as above it', () => {
    const mixed = sizes(benchHousehold({ ...SIZE, smallestFileBytes: 200 }));
    expect(Math.min(...mixed)).toBeGreaterThanOrEqual(200);
    expect(Math.max(...mixed)).toBeLessThanOrEqual(20_000);
    const below = mixed.filter((bytes) => bytes < 2_000).length;
    expect(below / mixed.length).toBeGreaterThan(0.4);
    expect(below / mixed.length).toBeLessThan(0.6);
  });

  it('have as many bytes as their records say', () => {
    const household = benchHousehold({ ...SIZE, smallestFileBytes: 200 });
    for (const index of [0, 49, 50, 99, 299]) {
      const { blocks, bytes } = household.file(index);
      expect(Buffer.concat([...blocks()])).toHaveLength(bytes);
      expect(household.fileRecord(index)['fileSize']).toEqual({ N: String(bytes) });
    }
  });
});
