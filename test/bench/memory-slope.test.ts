import { describe, expect, it } from '@jest/globals';
import { DATA_ROW, LARGEST_PEAK_ROW, memorySlope } from './memory-slope.ts';
import { isMissed } from './result-lines.ts';

const exported = (name: string, megabytes: number, peak: number) => ({
  case: name,
  rows: [
    { name: DATA_ROW, value: megabytes, unit: 'MB' },
    { name: LARGEST_PEAK_ROW, value: peak, unit: 'MiB' },
  ],
});

describe('the slope of memory over data', () => {
  it('goes from each size to the next larger one, in whatever order they ran', () => {
    const rows = memorySlope([
      exported('huge', 2600, 230),
      exported('small', 2, 140),
      exported('large', 100, 180),
    ]);
    expect(rows.map(({ name }) => name)).toEqual([
      'largest function process, from small to large',
      'largest function process, from large to huge',
    ]);
    expect(rows[1]?.value).toBeCloseTo((50 / 2500) * 1000);
  });

  it('is held to a twentieth of the data where that is a GB more', () => {
    const [flat] = memorySlope([exported('large', 0, 200), exported('huge', 2000, 295)]);
    const [steep] = memorySlope([exported('large', 0, 200), exported('huge', 2000, 296)]);
    expect(flat && isMissed(flat)).toBe(false);
    expect(steep && isMissed(steep)).toBe(true);
    const [small] = memorySlope([exported('small', 0, 100), exported('large', 100, 200)]);
    expect(small?.limit).toBeUndefined();
  });

  it('needs two exports, of different sizes', () => {
    expect(memorySlope([exported('small', 100, 190), exported('large', 100, 200)])).toEqual([]);
    expect(memorySlope([exported('large', 100, 200), { case: 'collect', rows: [] }])).toEqual([]);
  });
});
