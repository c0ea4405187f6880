import {
  completenessOf,
  manifestOf,
  type Manifest,
  type Omission,
  type PackageEntry,
  type PackageSummary,
} from '../../shared/domain/manifest.ts';
import { appliedFilters } from './applied-filters.ts';
import type { PackageSource } from './package-source.ts';
import { noteReferences } from './reference-warnings.ts';
import type { WarningList } from './warning-list.ts';

/** What writing a package has shown. */
export interface Written {
  readonly entries: readonly PackageEntry[];
  readonly omissions: readonly Omission[];
  readonly warnings: WarningList;
}

const countsOf = ({ sections }: PackageSource, omissions: readonly Omission[]): PackageSummary['counts'] =>
  Object.fromEntries(
    sections.map(({ section, count: expected }) => {
      const omitted = omissions.filter((omission) => omission.section === section).length;
      return [section, { expected, included: expected - omitted, omitted }];
    }),
  );

const noteSource = (warnings: WarningList, source: PackageSource): void => {
  const { job, tally } = source;
  if (job.parameters.exportType === 'complete') noteReferences(warnings, source);
  const { count, first: id = '' } = tally.withoutAmount;
  if (count > 0) warnings.add('AMOUNT_MISSING', 'transactions', { id, attribute: 'amount' }, count);
};

export const packageManifest = (
  source: PackageSource,
  { entries, omissions, warnings }: Written,
): Manifest => {
  const { job, survey, tally, applicationVersion } = source;
  noteSource(warnings, source);
  return manifestOf({
    exportId: job.exportId,
    userId: job.userId,
    request: job.parameters,
    requestedAt: job.requestedAt,
    // The clocks of two machines may differ, but nothing is begun before it is asked for.
    startedAt: Math.max(job.requestedAt, job.startedAt),
    applicationVersion,
    filters: appliedFilters(job.parameters, survey),
    entries,
    counts: countsOf(source, omissions),
    omissions,
    warnings: warnings.inOrder(),
    controlTotals: tally.controlTotals,
    transactionsByMonth: tally.byMonth,
  });
};

/** A manifest in figures, small enough for a job, an event and a status. */
export type PackageFigures = Pick<PackageSummary, 'completeness' | 'counts' | 'warnings'>;

export const figuresOf = ({ omissions, counts, warnings }: Manifest): PackageFigures => ({
  completeness: completenessOf(omissions),
  counts,
  warnings: [...Map.groupBy(warnings, ({ code }) => code)].map(([code, ofCode]) => ({
    code,
    count: ofCode.reduce((sum, { count }) => sum + count, 0),
  })),
});
