const DECIMAL = /^-?\d+(?:\.\d+)?$/;
const LATEST_INSTANT_MS = 8.64e15;
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const isDecimal = (text: string): text is `${number}` => DECIMAL.test(text);

const formats = new Map<number, Intl.NumberFormat>();
const formatOf = (places: number): Intl.NumberFormat => {
  const known = formats.get(places) ?? new Intl.NumberFormat(undefined, { minimumFractionDigits: places });
  formats.set(places, known);
  return known;
};

/**
 * An amount as people here write it, with every digit it has: the decimal never becomes a number. What is no decimal
 * stays as it is.
 */
export const amountText = (decimal: string): string => {
  if (!isDecimal(decimal)) return decimal;
  const point = decimal.indexOf('.');
  const places = point < 0 ? 0 : decimal.length - point - 1;
  return formatOf(Math.min(100, Math.max(2, places))).format(decimal);
};

export const amountWithCurrency = (decimal: string, currency: string | null): string =>
  [amountText(decimal), currency ?? ''].filter(Boolean).join('\u00a0');

export const countText = (count: number): string => count.toLocaleString();

/** "1 account", "2 accounts". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;

export const bytesText = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return value.toLocaleString(undefined, {
    style: 'unit',
    unit: UNITS[power],
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: value < 10 && power > 0 ? 1 : 0,
  });
};

const isInstant = (time: number | null): time is number =>
  time !== null && Math.abs(time) <= LATEST_INSTANT_MS;

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A transaction's day, which is one in UTC; `undated` where there is none. */
export const dayText = (time: number | null, undated = 'No date'): string =>
  isInstant(time) ? DAY.format(time) : undated;

/** A point in time, told in the reader's own time zone. */
export const momentText = (time: number | string): string => {
  const instant = typeof time === 'number' ? time : Date.parse(time);
  return isInstant(instant) ? MOMENT.format(instant) : String(time);
};
