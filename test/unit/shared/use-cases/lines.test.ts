import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { linesOf } from '../../../../shared/use-cases/lines.ts';

async function* inChunks(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const end of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    await Promise.resolve();
    yield bytes.subarray(start, end);
    start = end;
  }
}

const lines = async (bytes: Uint8Array, cuts: readonly number[] = []): Promise<string[]> => {
  const all: string[] = [];
  for await (const one of linesOf(inChunks(bytes, cuts))) all.push(one);
  return all;
};

const line = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\r', '\u2028', '\u0085', '"', ' ') });

describe('the lines of a stream', () => {
  it('are the same wherever it is cut into chunks, inside characters too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (written, cuts) => {
        const bytes = Buffer.from(written.map((text) => `${text}\n`).join(''));
        expect(await lines(bytes, cuts)).toEqual(written);
      }),
      { numRuns: 300 },
    );
  });

  it('survive a chunk for each byte', async () => {
    const bytes = Buffer.from('{"a":"😀\u2028"}\n\nzweite Zeile ü\n');
    const everywhere = Array.from(bytes, (_, at) => at);
    expect(await lines(bytes, everywhere)).toEqual(['{"a":"😀\u2028"}', '', 'zweite Zeile ü']);
  });

  it('end with the stream where the last has no line feed', async () => {
    expect(await lines(Buffer.from('one\ntwo'))).toEqual(['one', 'two']);
    expect(await lines(Buffer.from('one\n'))).toEqual(['one']);
    expect(await lines(Buffer.from(''))).toEqual([]);
  });

  it('are those of a view into a larger buffer', async () => {
    const whole = new Uint8Array(Buffer.from('xxone\ntwo\nyy'));
    expect(await lines(whole.subarray(2, 10))).toEqual(['one', 'two']);
  });
});
