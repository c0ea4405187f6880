/** Something measured. Ratios follow from the numbers. */
export interface ResultRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it must not exceed, or, as `atLeast`, must reach. */
  readonly limit?: number;
  readonly atLeast?: number;
  /** The same work done another way, in the same run. */
  readonly peer?: { readonly name: string; readonly value: number };
  /** Whether it is one of those few that the plot shows. */
  readonly plotted?: boolean;
}

/** What the command line says about the household to be exported; what it leaves open, a case decides. */
export interface GivenSizes {
  readonly transactions?: number | undefined;
  readonly files?: number | undefined;
  readonly fileBytes?: number | undefined;
}

export interface BenchRun {
  /** Empty, the case's own, and removed after it. */
  readonly folder: string;
  readonly given: GivenSizes;
  /** How often a case repeats what it gives the median of. */
  readonly repetitions: number;
  readonly signal: AbortSignal;
  /** For the person who watches. */
  readonly note: (line: string) => void;
}

/** One measurement: a file of its own in `cases/`, named in `bench-cases.ts`. */
export interface BenchCase {
  readonly name: string;
  /** A sentence. */
  readonly about: string;
  readonly measure: (run: BenchRun) => Promise<ResultRow[]>;
}

/** The middle one of an odd number of values, in order. */
export const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

export const MIB = 1024 * 1024;
