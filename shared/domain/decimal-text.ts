/**
 * Decimal numbers as text, as DynamoDB stores them: up to 38 significant digits and exponents from -130 to 126
 * (DynamoDB naming rules and data types). Nothing here goes through a double.
 */
interface Decimal {
  readonly negative: boolean;
  /** Significant digits without leading zeros; empty for zero. */
  readonly digits: string;
  /** The value is 0.`digits` times ten to this power. */
  readonly exponent: number;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

const parsed = (text: string): Decimal => {
  const match = NUMBER.exec(text);
  const [, sign, whole = '', fraction = '', power = '0'] = match ?? [];
  if (match === null || whole + fraction === '') throw new TypeError('DynamoDB sent a number that is none.');
  const all = whole + fraction;
  const significant = all.replace(/^0+/, '');
  return {
    negative: sign === '-' && significant !== '',
    digits: significant.replace(/0+$/, ''),
    exponent: whole.length + Number(power) - (all.length - significant.length),
  };
};

/** Already plain; `-0` and its like are not, because they are written as zero. */
const PLAIN = /^(?:0|-?[1-9]\d*)(?:\.\d+)?$/;

/** The same number without an exponent, every digit kept: `-12.5`, `1E-3` as `0.001`. */
export const plainDecimal = (text: string): string => {
  if (PLAIN.test(text)) return text;
  const { negative, digits, exponent } = parsed(text);
  if (digits === '') return '0';
  const unsigned =
    exponent <= 0
      ? `0.${'0'.repeat(-exponent)}${digits}`
      : exponent >= digits.length
        ? digits.padEnd(exponent, '0')
        : `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
  return negative ? `-${unsigned}` : unsigned;
};

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The same number as a JSON literal (RFC 8259 section 6), every digit kept. */
export const jsonNumber = (text: string): string => (JSON_NUMBER.test(text) ? text : plainDecimal(text));

/** Orders numbers by value. */
export const compareDecimals = (a: string, b: string): number => {
  const [left, right] = [parsed(a), parsed(b)];
  const sign = (decimal: Decimal): number => (decimal.digits === '' ? 0 : decimal.negative ? -1 : 1);
  if (sign(left) !== sign(right)) return sign(left) - sign(right);
  if (sign(left) === 0) return 0;
  const magnitude =
    left.exponent === right.exponent
      ? compareDigits(left.digits, right.digits)
      : left.exponent - right.exponent;
  return sign(left) * magnitude;
};

const compareDigits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
