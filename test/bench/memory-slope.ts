import { MIB, type ResultRow } from './bench-case.ts';

/** By these names the results of an export tell how much data it had, in MB, and the largest function process, in MiB. */
export const DATA_ROW = 'data in it';
export const LARGEST_PEAK_ROW = 'largest function process';

/** Memory that is flat grows by no more than this share of the data. */
const MOST_GROWTH = 0.05;
const GIGABYTE = 1e9;
/** Below it, what differs between two processes is not the data's doing. */
const LEAST_MORE_MEGABYTES = 1000;

interface CaseRows {
  readonly case: string;
  readonly rows: readonly ResultRow[];
}

const valueOf = (rows: readonly ResultRow[], name: string): number | undefined =>
  rows.find((row) => row.name === name)?.value;

/**
 * How the largest process grows from each exported household to the next larger one, in MiB for each GB of data more. The
 * limit is for steps of a GB or more.
 */
export const memorySlope = (results: readonly CaseRows[]): ResultRow[] => {
  const sizes = results
    .flatMap(({ case: name, rows }) => {
      const [megabytes, peak] = [valueOf(rows, DATA_ROW), valueOf(rows, LARGEST_PEAK_ROW)];
      return megabytes === undefined || peak === undefined ? [] : [{ name, megabytes, peak }];
    })
    .sort((a, b) => a.megabytes - b.megabytes);
  return sizes.slice(1).flatMap((larger, index) => {
    const smaller = sizes[index] ?? larger;
    const more = larger.megabytes - smaller.megabytes;
    if (more === 0) return [];
    return {
      name: `largest function process, from ${smaller.name} to ${larger.name}`,
      value: ((larger.peak - smaller.peak) / more) * 1000,
      unit: 'MiB/GB',
      ...(more >= LEAST_MORE_MEGABYTES ? { limit: (MOST_GROWTH * GIGABYTE) / MIB, plotted: true } : {}),
    };
  });
};
