import { describe, expect, it } from '@jest/globals';
import { measureInTurns, medianResult, stageRows, stagesOf, type StageResult } from './stage.ts';
import type * as stages from './stages/upload-stages.ts';

const STAGES = new URL('stages/upload-stages.ts', import.meta.url);

const result = (seconds: number, told = {}): StageResult => ({
  ...{ seconds, cpuSeconds: seconds / 2, peakMemoryBytes: 1024 * 1024 * seconds },
  told,
});

describe('a stage', () => {
  it('that fails in its process says why', async () => {
    const stage = stagesOf<typeof stages>(STAGES, {}, new AbortController().signal);
    const nowhere = { url: 'http://127.0.0.1:1', bucket: 'b', bytes: 1, partBytes: 1, atOnce: 1 };
    await expect(stage('bareUpload', nowhere)).rejects.toThrow(/bareUpload failed: .*ECONNREFUSED/);
  });

  it('is told with its time, its CPU and its memory', () => {
    expect(stageRows('ours', result(3), { limit: 2 }).map(({ value, unit }) => [value, unit])).toEqual([
      [3, 's'],
      [1.5, 's'],
      [3, 'MiB'],
    ]);
  });
});

describe('ways of doing a work', () => {
  it('take turns, and each has a median of its own', async () => {
    const order: string[] = [];
    const way = (name: string, ...seconds: number[]) => {
      const left = [...seconds];
      return () => {
        order.push(name);
        return Promise.resolve(result(left.shift() ?? NaN, { bytes: 7 }));
      };
    };
    const run = { repetitions: 3, signal: new AbortController().signal, note: () => undefined };
    const medians = await measureInTurns({ ours: way('ours', 5, 1, 2), theirs: way('theirs', 8, 9, 7) }, run);
    expect(order).toEqual(['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs']);
    expect(medians).toEqual({ ours: result(2, { bytes: 7 }), theirs: result(8, { bytes: 7 }) });
  });

  it('have the median of each thing that was told', () => {
    const told = [{ bytes: 1 }, { bytes: 9 }, { bytes: 4 }];
    expect(medianResult(told.map((one) => result(1, one))).told).toEqual({ bytes: 4 });
  });
});
