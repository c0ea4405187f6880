import { isRecord } from './is-record.ts';

export interface MissingFile {
  readonly path: string;
  readonly reason: string;
}

/** What the page shows of a package's manifest. */
export interface ManifestFacts {
  /** Transactions by month, `2026-05`, in order; without those that have no date. */
  readonly months: readonly (readonly [month: string, count: number])[];
  readonly undated: number;
  readonly missing: readonly MissingFile[];
}

const countsOf = (value: unknown): [string, number][] =>
  isRecord(value)
    ? Object.entries(value).flatMap(([key, count]) =>
        typeof count === 'number' ? [[key, count] satisfies [string, number]] : [],
      )
    : [];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const missingFiles = (value: unknown): MissingFile[] =>
  Array.isArray(value)
    ? value
        .filter(isRecord)
        .map((each) => ({ path: text(each['expectedPath']), reason: text(each['reason']) }))
    : [];

/** Reads a parsed manifest; what is not as expected in it is left out. @throws Error where it is none at all */
export const manifestFacts = (manifest: unknown): ManifestFacts => {
  if (!isRecord(manifest)) throw new Error('The manifest cannot be read.');
  const counts = countsOf(manifest['transactionsByMonth']);
  return {
    months: counts
      .filter(([month]) => /^\d{4}-\d\d$/.test(month))
      .sort(([left], [right]) => (left < right ? -1 : 1)),
    undated: counts.find(([month]) => month === 'undated')?.[1] ?? 0,
    missing: missingFiles(manifest['omissions']),
  };
};
