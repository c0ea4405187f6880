const wholeNumber = new Intl.NumberFormat('en-US');

/** 12034 as `12,034`. */
export const countText = (count: number): string => wholeNumber.format(count);

const UNITS = ['kB', 'MB', 'GB', 'TB'];

/** Bytes as a person reads them, in powers of 1000: `817 B`, `3.2 MB`. */
export const sizeText = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(UNITS.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${UNITS[power - 1] ?? ''}`;
};

/** Milliseconds as `0.42 s`, `7.4 s` or `3 min 20 s`. */
export const durationText = (milliseconds: number): string => {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
};
