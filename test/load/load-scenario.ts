import type { ResultRow } from '../bench/bench-case.ts';

/** What the command line says; what it leaves open, a scenario decides. */
export interface GivenLoad {
  readonly users?: number | undefined;
  readonly seconds?: number | undefined;
  /** Requests a second. */
  readonly rate?: number | undefined;
  readonly points?: number | undefined;
  readonly seed?: number | undefined;
}

export interface LoadRun {
  /** Empty, the scenario's own, and removed after it. */
  readonly folder: string;
  readonly given: GivenLoad;
  readonly signal: AbortSignal;
  /** For the person who watches. */
  readonly note: (line: string) => void;
}

/** One kind of load: a file of its own in `scenarios/`, named in `load-scenarios.ts`. */
export interface LoadScenario {
  readonly name: string;
  /** A sentence. */
  readonly about: string;
  readonly measure: (run: LoadRun) => Promise<ResultRow[]>;
}

/** The value that so many in a hundred do not exceed; NaN of none. */
export const percentile = (values: readonly number[], hundredths: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * hundredths) / 100) - 1] ?? NaN;
};
