import { Big } from 'big.js';

/**
 * A decimal without rounding. Most amounts of money, and sums of them, are held as a safe integer of ten-thousandths, with
 * which a machine counts by itself; whatever is finer or larger is a Big.
 */
export type ExactDecimal = number | Big;

const [PLACES, UNIT] = [4, 10_000];
/** With so many digits and a sign before the point, a double is less than half a ten-thousandth off. */
const LONGEST_WHOLE = 11;

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

export const ZERO: ExactDecimal = 0;

/** A plain decimal, as the package writes money; undefined for any other text. */
export const exactDecimal = (text: string): ExactDecimal | undefined => {
  if (!DECIMAL.test(text)) return undefined;
  const point = text.indexOf('.');
  const whole = point < 0 ? text.length : point;
  return whole <= LONGEST_WHOLE && text.length <= whole + 1 + PLACES
    ? Math.round(Number(text) * UNIT)
    : new Big(text);
};

const asBig = (value: ExactDecimal): Big => (typeof value === 'number' ? new Big(value).div(UNIT) : value);

export const plus = (a: ExactDecimal, b: ExactDecimal): ExactDecimal => {
  const sum = typeof a === 'number' && typeof b === 'number' ? a + b : NaN;
  return Number.isSafeInteger(sum) ? sum : asBig(a).plus(asBig(b));
};

export const minus = (a: ExactDecimal, b: ExactDecimal): ExactDecimal => {
  const difference = typeof a === 'number' && typeof b === 'number' ? a - b : NaN;
  return Number.isSafeInteger(difference) ? difference : asBig(a).minus(asBig(b));
};

export const isEqual = (a: ExactDecimal, b: ExactDecimal): boolean =>
  typeof a === 'number' && typeof b === 'number' ? a === b : asBig(a).eq(asBig(b));

/** Less than zero, zero or more than zero. */
export const signOf = (value: ExactDecimal): number =>
  typeof value === 'number' ? Math.sign(value) : value.cmp(0);

/** All digits, and no zeros at the end of its places. */
export const plainText = (value: ExactDecimal): string => {
  if (typeof value !== 'number') return value.toFixed();
  const [sign, units] = [value < 0 ? '-' : '', Math.abs(value)];
  const places = String(units % UNIT)
    .padStart(PLACES, '0')
    .replace(/0+$/, '');
  return `${sign}${Math.trunc(units / UNIT)}${places === '' ? '' : `.${places}`}`;
};
