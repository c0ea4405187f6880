import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  planParts,
  S3_PART_LIMITS,
  type PartLimits,
  type PlannedPart,
} from '../../../../shared/aws/part-plan.ts';
import type { Piece, StoredBytes } from '../../../../shared/ports.ts';

const LIMITS: PartLimits = { smallest: 5, sent: 8, copied: 12, largest: 40, growth: 4, count: 10_000 };
const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

/** A stored object whose content follows from its name, and which is never read here. */
const stored = (key: string, size: number) => ({
  key,
  version: '"1"',
  size,
  read: () => Promise.reject(new Error('A plan reads nothing.')),
});

const range = (size: number, start = 0, length = size - start): StoredBytes => ({
  source: stored('source', size),
  start,
  length,
});

/** Where each byte of a piece comes from. */
const origins = (piece: Piece): string[] =>
  piece instanceof Uint8Array
    ? [...piece].map((byte) => `byte ${byte}`)
    : Array.from({ length: piece.length }, (_, at) => `${piece.source.key} ${piece.start + at}`);

const plan = async (pieces: Iterable<Piece>, limits = LIMITS): Promise<PlannedPart[]> => {
  const parts: PlannedPart[] = [];
  for await (const part of planParts(pieces, limits)) parts.push(part);
  return parts;
};

const originsOf = (part: PlannedPart): string[] =>
  'range' in part ? origins(part.range) : part.pieces.flatMap(origins);

const sizes = (parts: readonly PlannedPart[]): string[] =>
  parts.map((part) => `${'range' in part ? 'copy' : 'send'} ${part.length}`);

const pieceOf = (key: string): fc.Arbitrary<Piece> =>
  fc.oneof(
    fc.uint8Array({ maxLength: 30 }),
    fc
      .tuple(fc.nat(5), fc.nat(120), fc.nat(5))
      .map(([start, length, more]): Piece => ({ source: stored(key, start + length + more), start, length })),
  );

const pieces = fc
  .integer({ min: 0, max: 12 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => pieceOf(`source-${at}`))));

describe('a plan of parts', () => {
  it('joins exactly the given bytes, in parts that S3 takes', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (given) => {
        const parts = await plan(given);
        expect(parts.flatMap(originsOf)).toEqual(given.flatMap(origins));
        expect(parts.map(({ number }) => number)).toEqual(parts.map((_, at) => at + 1));
        for (const part of parts) {
          expect(part.length).toBe(originsOf(part).length);
          expect(part.length).toBeLessThanOrEqual('range' in part ? LIMITS.largest : LIMITS.sent);
        }
        for (const { length } of parts.slice(0, -1)) expect(length).toBeGreaterThanOrEqual(LIMITS.smallest);
      }),
      { numRuns: 300 },
    );
  });

  it('moves less of a stored piece than makes two parts, and nothing of what is joined to a part that is large enough', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (given) => {
        const moved = new Map<string, number>();
        for (const part of await plan(given)) {
          for (const piece of 'range' in part ? [] : part.pieces) {
            if (piece instanceof Uint8Array) continue;
            moved.set(piece.source.key, (moved.get(piece.source.key) ?? 0) + piece.length);
          }
        }
        for (const bytes of moved.values()) expect(bytes).toBeLessThan(2 * LIMITS.smallest);
      }),
    );
    const parts = await plan([new Uint8Array(5), range(20)]);
    expect(sizes(parts)).toEqual(['send 5', 'copy 10', 'copy 10']);
  });

  it.each([
    ['nothing', [], ['send 0']],
    ['nothing but empty pieces', [new Uint8Array(), range(0), range(9, 9)], ['send 0']],
    ['a range that is too small for a part, at the end', [range(4)], ['send 4']],
    ['a range that is too small, before another', [range(4), range(10)], ['send 5', 'copy 9']],
    ['a range that would be too small without its beginning', [range(4), range(5)], ['send 8', 'send 1']],
    ['a range of the smallest size', [range(5), range(5)], ['copy 5', 'copy 5']],
    ['a range of the largest first copy', [range(12)], ['copy 12']],
    ['a range of one byte more', [range(13)], ['copy 7', 'copy 6']],
    ['a chunk of several parts', [new Uint8Array(19)], ['send 8', 'send 8', 'send 3']],
    ['what was gathered to a part that is large enough', [new Uint8Array(6), range(9)], ['send 6', 'copy 9']],
  ] as [string, Piece[], string[]][])('of %s', async (_, given, expected) => {
    expect(sizes(await plan(given))).toEqual(expected);
  });

  it('lets copies grow with what precedes them, up to the largest part', async () => {
    const lengths = (await plan([range(2_000)])).map(({ length }) => length);
    expect(lengths.slice(0, 5)).toEqual([12, 12, 12, 12, 12]);
    expect(lengths.slice(5, 9)).toEqual([15, 18, 23, 29]);
    expect(Math.max(...lengths)).toBe(40);
  });

  it('takes pieces only as fast as its parts are taken', async () => {
    let given = 0;
    let closed = false;
    function* many(): Generator<Piece> {
      try {
        for (;;) {
          given += 1;
          yield range(6);
        }
      } finally {
        closed = true;
      }
    }
    const parts = planParts(many(), LIMITS);
    await parts.next();
    await parts.next();
    expect(given).toBe(2);
    await parts.return(undefined);
    expect(closed).toBe(true);
  });

  it('refuses a piece that reaches beyond its object', async () => {
    await expect(plan([range(10, 5, 6)])).rejects.toBeInstanceOf(RangeError);
    await expect(plan([range(10, -1, 6)])).rejects.toBeInstanceOf(RangeError);
    await expect(plan([range(10, 5, Number.NaN)])).rejects.toBeInstanceOf(RangeError);
  });

  it('refuses more parts than one upload takes', async () => {
    const three = { ...LIMITS, count: 3 };
    expect(await plan([range(36)], three)).toHaveLength(3);
    await expect(plan([range(36), range(1)], three)).rejects.toBeInstanceOf(RangeError);
  });
});

describe('the limits of S3', () => {
  /** As bad as it gets: before each piece one byte that has to be filled up to a part. */
  function* seams(total: number, count: number): Generator<Piece> {
    for (let piece = 0; piece < count; piece += 1) {
      yield new Uint8Array(1);
      yield range(Math.floor(total / count));
    }
  }

  it.each([
    ['64 GiB', 64 * GIBIBYTE, 1, 129],
    ['5 TB', 5e12, 1, 1_230],
    ['5 TB in 4,300 pieces', 5e12, 4_300, 10_000],
    ['50 TB', 50e12, 1, 9_612],
    ['50 TB in 190 pieces', 50e12, 190, 10_000],
  ])('let %s be joined', async (_, total, count, most) => {
    const parts = await plan(seams(total, count), S3_PART_LIMITS);
    expect(parts.length).toBeLessThanOrEqual(most);
    const lengths = parts.slice(0, -1).map(({ length }) => length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(5 * MEBIBYTE);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(5 * GIBIBYTE);
  });
});
