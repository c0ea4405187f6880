import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { compareUtf8 } from '../../../../shared/domain/compare-utf8.ts';

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'b', '\uffff', '\ue000', '\ud7ff', '😀', '\u{10ffff}', 'é') }),
);

describe('the order of texts', () => {
  it('is the order of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(byBytes(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it('puts characters beyond the first 65,536 last, where UTF-16 would not', () => {
    expect(['😀', '\uffee', 'a'].sort(compareUtf8)).toEqual(['a', '\uffee', '😀']);
    expect(['😀', '\uffee', 'a'].sort()).not.toEqual(['a', '\uffee', '😀']);
  });

  it('puts a text before any that it begins', () => {
    expect(compareUtf8('ab', 'abc')).toBeLessThan(0);
    expect(compareUtf8('', 'a')).toBeLessThan(0);
    expect(compareUtf8('ab', 'ab')).toBe(0);
  });
});
