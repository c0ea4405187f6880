/** Dates are milliseconds since 1970 at midnight UTC, as the application stores a booking's day. */
export const DAY_MS = 86_400_000;

/** The first day of the month that lies the given number of months before the month of `date`. */
export const monthBefore = (date: number, months: number): number => {
  const day = new Date(date);
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - months, 1);
};

/** `2026-09-25` */
export const isoDay = (date: number): string => new Date(date).toISOString().slice(0, 10);

/** `2026-09` */
export const isoMonth = (date: number): string => isoDay(date).slice(0, 7);

/** `20260925` */
export const compactDay = (date: number): string => isoDay(date).replaceAll('-', '');
