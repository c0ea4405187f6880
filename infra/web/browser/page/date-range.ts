export const DATE_PRESETS = ['all', 'this-year', 'last-year', 'last-12-months', 'own'] as const;
export type DatePreset = (typeof DATE_PRESETS)[number];

export const DATE_PRESET_TEXTS: Readonly<Record<DatePreset, string>> = {
  all: 'All of it',
  'this-year': 'This year',
  'last-year': 'Last year',
  'last-12-months': 'The last 12 months',
  own: 'Other dates',
};

/** Days as a date field writes them, `2026-05-31`; empty where none is chosen. */
export interface OwnDates {
  readonly from: string;
  readonly to: string;
}

/** Epoch ms, inclusive; what is absent is open. */
export interface DateRange {
  readonly dateRangeStart?: number;
  readonly dateRangeEnd?: number;
}

/** The first moment of a day in the person's time zone, which need not be midnight. */
const startOfDay = (year: number, monthIndex: number, day: number): number =>
  new Date(year, monthIndex, day).getTime();

const lastBefore = (instant: number): number => instant - 1;

const dayOf = (text: string): readonly [year: number, monthIndex: number, day: number] | undefined => {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  return day === undefined ? undefined : [Number(year), Number(month) - 1, Number(day)];
};

const ownRange = ({ from, to }: OwnDates): DateRange => {
  const [first, last] = [dayOf(from), dayOf(to)];
  return {
    ...(first === undefined ? {} : { dateRangeStart: startOfDay(...first) }),
    ...(last === undefined ? {} : { dateRangeEnd: lastBefore(startOfDay(last[0], last[1], last[2] + 1)) }),
  };
};

/** What a choice of dates means at this moment, by the calendar of the person's time zone. */
export const dateRangeOf = (preset: DatePreset, own: OwnDates, now: Date): DateRange => {
  const year = now.getFullYear();
  switch (preset) {
    case 'all':
      return {};
    case 'this-year':
      return { dateRangeStart: startOfDay(year, 0, 1) };
    case 'last-year':
      return { dateRangeStart: startOfDay(year - 1, 0, 1), dateRangeEnd: lastBefore(startOfDay(year, 0, 1)) };
    case 'last-12-months':
      return { dateRangeStart: startOfDay(year - 1, now.getMonth(), now.getDate()) };
    case 'own':
      return ownRange(own);
  }
};
