import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { RecordBlocks } from '../../../../infra/web/browser/viewer/worker/record-blocks.ts';
import { RecordLines, type LineBlock } from '../../../../infra/web/browser/viewer/worker/record-lines.ts';
import { sectionText } from '../../../support/built-package.ts';

const records = fc.array(
  fc.record({ id: fc.string({ unit: 'binary' }), long: fc.nat({ max: 40_000 }) }).map(({ id, long }) => ({
    id,
    text: 'é'.repeat(long),
  })),
  { maxLength: 30 },
);

const pieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );

const read = (text: string, size = 10_000): LineBlock[] => {
  const lines = new RecordLines();
  const blocks = pieces(Buffer.from(text), size).map((piece) => lines.push(piece));
  return [...blocks, lines.end()].filter((block) => block !== undefined);
};

describe("a section's lines", () => {
  it('give the same records however the bytes come, and each line again by its place', async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.integer({ min: 500, max: 400_000 }),
        fc.boolean(),
        async (all, size, pack) => {
          const kept = new RecordBlocks(pack ? 0 : undefined);
          let row = 0;
          const found: unknown[] = [];
          for (const block of read(sectionText(all), size)) {
            await kept.add(row, block.bytes);
            row += block.records.length;
            found.push(...block.records);
          }
          expect(found).toEqual(all);
          for (const index of all.keys()) expect(await kept.line(index)).toBe(JSON.stringify(all[index]));
          expect((await kept.line(all.length)) ?? '').toMatch(/^\]?$/);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    ['cut short', '[\n{"a":1},\n', 'is cut short'],
    ['empty', '', 'is cut short'],
    ['on one line', '[{"a":1}]\n', 'does not begin as a list with one record a line'],
    ['with a number among the records', '[\n{"a":1},\n7,\n{"a":2}\n]\n', 'where record 2 should be'],
    ['with a record that is none', '[\n{"a":1},\n{"a":\n]\n', 'where record 2 should be'],
    ['with two records on a line', '[\n{"a":1},{"a":2}\n]\n', 'where record 1 should be'],
  ])('that are %s are told to be', (_kind, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
