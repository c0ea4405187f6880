import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { mayHaveLongNumber, parsedExactly } from '../../../../shared/domain/exact-json.ts';

const EXACT = [
  '18446744073709551615',
  '-18446744073709551615',
  '1700000000000.0000001',
  '0.30000000000000000004',
  '9.99E125',
  '1E-130',
  '99999999999999999999999999999999999999',
];

describe('JSON parsed exactly', () => {
  it.each(EXACT)('keeps %s as it stands, also in lists and maps', (number) => {
    for (const json of [`{"a":${number}}`, `[1,${number}]`, `{"a":[{"b":[${number},"${number}"]}]}`]) {
      expect(JSON.stringify(parsedExactly(json))).toBe(json);
    }
  });

  it('has plain numbers and texts beside such a number', () => {
    expect(parsedExactly('{"a":1.5,"b":"18446744073709551615","c":18446744073709551615}')).toMatchObject({
      a: 1.5,
      b: '18446744073709551615',
    });
    expect(parsedExactly('[1234567890123456]')).toEqual([1_234_567_890_123_456]);
  });

  it('is what the parser gives where doubles hold all numbers', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.stringify({ value });
        expect(JSON.stringify(parsedExactly(json))).toBe(JSON.stringify(JSON.parse(json)));
      }),
    );
  });

  it.each(EXACT)('looks closely at %s and not at short numbers', (number) => {
    expect(mayHaveLongNumber(`{"a":${number}}`)).toBe(true);
    expect(mayHaveLongNumber('{"a":1777593600000,"b":-12.5,"c":"1e5-18446744073709551615","d":[]}')).toBe(
      false,
    );
  });

  it.each(['', '{', '{"a":18446744073709551615'])('refuses %j', (json) => {
    expect(() => parsedExactly(json)).toThrow(SyntaxError);
  });
});
