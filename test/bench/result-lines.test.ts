import { describe, expect, it } from '@jest/globals';
import { medianOf } from './bench-case.ts';
import { ratioOf, resultLines } from './result-lines.ts';

describe('results', () => {
  it('are told with what they are measured against, and what they miss', () => {
    const lines = resultLines([
      { name: 'time', value: 12.345, unit: 's' },
      { name: 'memory', value: 300, unit: 'MiB', limit: 256 },
      { name: 'speed-up', value: 1.5, unit: '×', atLeast: 1.4 },
      { name: 'joined', value: 2, unit: 's', peer: { name: 'whole', value: 4 } },
    ]);
    expect(lines).toEqual([
      'Measured  Value  Unit  Against       Ratio',
      'time      12.35  s',
      'memory      300  MiB   at most 256    1.17  missed',
      'speed-up    1.5  ×     at least 1.4   1.07',
      'joined        2  s     whole: 4       0.50',
    ]);
  });

  it('have no ratio where there is nothing to compare with', () => {
    expect(ratioOf({ name: 'time', value: 1, unit: 's' })).toBeUndefined();
    expect(ratioOf({ name: 'errors', value: 0, unit: '', limit: 0 })).toBeUndefined();
  });

  it('are medians of their values, in whatever order these come', () => {
    expect(medianOf([9, 1, 5])).toBe(5);
  });
});
