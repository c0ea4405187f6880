import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { compareDecimals, jsonNumber, plainDecimal } from '../../../../shared/domain/decimal-text.ts';

/** Far enough below the smallest exponent that every number becomes a whole one. */
const SCALE = 200;

/** The value times ten to the power of SCALE, by whole-number arithmetic alone. */
const scaled = (text: string): bigint => {
  const [, sign, whole = '', fraction = '', power = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const magnitude = BigInt(whole + fraction) * 10n ** BigInt(SCALE + Number(power) - fraction.length);
  return sign === '-' ? -magnitude : magnitude;
};

const digits = fc
  .tuple(fc.integer({ min: 1, max: 38 }), fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }))
  .map(([length, value]) => String(value).slice(0, length));

/** Numbers as DynamoDB takes them: 38 digits, magnitudes from 1E-130 to 9.9E+125, in every spelling. */
const dynamoNumber = fc
  .record({ sign: fc.constantFrom('', '-', '+'), digits, exponent: fc.integer({ min: -130, max: 126 }) })
  .chain(({ sign, digits, exponent }) =>
    fc
      .record({
        point: fc.integer({ min: 0, max: digits.length }),
        letter: fc.constantFrom('e', 'E'),
        plus: fc.constantFrom('', '+'),
        zeros: fc.constantFrom('', '0', '00'),
      })
      .map(({ point, letter, plus, zeros }) => {
        const fraction = digits.slice(point) + zeros;
        const mantissa = `${zeros}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`;
        return `${sign}${mantissa}${letter}${exponent < 0 ? '' : plus}${exponent}`;
      }),
  );

const doubles = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 });
const anyNumber = fc.oneof(
  dynamoNumber,
  fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }).map(String),
  doubles.filter((value) => value === 0 || Math.abs(value) > 1e-100).map(String),
);

describe('a decimal in plain form', () => {
  it('is exactly the same number, without an exponent', () => {
    fc.assert(
      fc.property(anyNumber, (text) => {
        const plain = plainDecimal(text);
        expect(plain).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?$/);
        expect(scaled(plain)).toBe(scaled(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('is the same text when written twice', () => {
    fc.assert(
      fc.property(anyNumber, (text) => expect(plainDecimal(plainDecimal(text))).toBe(plainDecimal(text))),
    );
  });

  it.each([
    ['-12.5', '-12.5'],
    ['0', '0'],
    ['-0', '0'],
    ['-0.00', '0'],
    ['0E+10', '0'],
    ['1E-130', `0.${'0'.repeat(129)}1`],
    ['9.9999999999999999999999999999999999999E+125', `${'9'.repeat(38)}${'0'.repeat(88)}`],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['1.2345678901234567890123456789012345678', '1.2345678901234567890123456789012345678'],
    ['1E3', '1000'],
    ['1.5e1', '15'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['+7', '7'],
    ['007', '7'],
  ])('of %s is %s', (text, plain) => {
    expect(plainDecimal(text)).toBe(plain);
  });

  it.each([[''], ['.'], ['-'], ['1e'], ['NaN'], ['Infinity'], ['1,5'], ['0x1'], [' 1'], ['1 ']])(
    'does not exist for %j',
    (text) => {
      expect(() => plainDecimal(text)).toThrow(TypeError);
    },
  );

  it('never quotes the text that is no number, which may be a user’s', () => {
    expect(() => plainDecimal('secret')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});

describe('a number in JSON', () => {
  it('is valid JSON and exactly the same number', () => {
    fc.assert(
      fc.property(anyNumber, (text) => {
        const json = jsonNumber(text);
        expect(json).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/);
        expect(typeof JSON.parse(json)).toBe('number');
        expect(scaled(json)).toBe(scaled(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the digits a double cannot hold', () => {
    expect(jsonNumber('18446744073709551615')).toBe('18446744073709551615');
    expect(jsonNumber('0.1234567890123456789012345678901234567')).toBe(
      '0.1234567890123456789012345678901234567',
    );
  });
});

describe('the order of decimals', () => {
  it('is the order of their exact values', () => {
    fc.assert(
      fc.property(anyNumber, anyNumber, (a, b) => {
        const [left, right] = [scaled(a), scaled(b)];
        expect(Math.sign(compareDecimals(a, b)) + 0).toBe(left < right ? -1 : left > right ? 1 : 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('tells neighbours in the 38th digit apart', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 37n, max: 10n ** 38n - 2n }), (value) => {
        expect(compareDecimals(String(value), String(value + 1n))).toBeLessThan(0);
        expect(compareDecimals(String(-value), String(-value - 1n))).toBeGreaterThan(0);
      }),
    );
  });

  it('takes different spellings of one value for equal', () => {
    for (const other of ['1E2', '100.00', '+100', '10e1', '0100'])
      expect(Math.abs(compareDecimals('100', other))).toBe(0);
    expect(Math.abs(compareDecimals('0', '-0'))).toBe(0);
  });
});
