const wholeNumber = new Intl.NumberFormat();

/** 12034 as `12,034`, in the way of the person's language. */
export const countText = (count: number): string => wholeNumber.format(count);

/** A count with its noun: `1 account`, `6 accounts`. */
export const countOf = (count: number, one: string, several = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : several}`;

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** Bytes as a person reads them, in powers of 1000: `817 byte`, `3.2 MB`. */
export const sizeText = (bytes: number): string => {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  const maximumFractionDigits = power === 0 || value >= 100 ? 0 : 1;
  const unit = UNITS[power] ?? 'byte';
  return new Intl.NumberFormat(undefined, { style: 'unit', unit, maximumFractionDigits }).format(value);
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long, to the minute: `2 d 3 h`, `5 h 12 min`, `8 min`, `less than a minute`. */
export const durationText = (milliseconds: number): string => {
  const hours = Math.floor(milliseconds / HOUR_MS);
  const minutes = Math.floor((milliseconds % HOUR_MS) / MINUTE_MS);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : 'less than a minute';
};

const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** In the person's time zone. */
export const instantText = (instant: number | string): string => dayAndTime.format(new Date(instant));

const month = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });

/** `2026-05` as `May 2026`. */
export const monthText = (yearAndMonth: string): string =>
  month.format(new Date(`${yearAndMonth}-01T00:00:00Z`));
