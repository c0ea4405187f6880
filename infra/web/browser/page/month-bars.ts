export interface MonthBar {
  /** `2026-05` */
  readonly month: string;
  readonly count: number;
}

const following = (month: string): string => {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const [nextYear, nextNumber] = number === 12 ? [year + 1, 1] : [year, number + 1];
  return `${String(nextYear).padStart(4, '0')}-${String(nextNumber).padStart(2, '0')}`;
};

/** A date far off, such as year 1 or 9999, must not make a plot of thousands of empty months. */
const LONGEST_GAP = 60;

/** A bar for each month from the first to the last, those without transactions included where a gap is not overlong. */
export const monthBars = (months: readonly (readonly [month: string, count: number])[]): MonthBar[] => {
  const bars: MonthBar[] = [];
  for (const [month, count] of months) {
    const gap: MonthBar[] = [];
    const last = bars.at(-1);
    if (last !== undefined) {
      for (let at = following(last.month); at < month && gap.length <= LONGEST_GAP; at = following(at)) {
        gap.push({ month: at, count: 0 });
      }
    }
    if (gap.length <= LONGEST_GAP) bars.push(...gap);
    bars.push({ month, count });
  }
  return bars;
};

/** A round number at or above the largest count: 1, 2 or 5 times a power of ten. */
export const scaleTop = (largest: number): number => {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, largest)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= largest) ?? largest;
};
