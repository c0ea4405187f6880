import {
  completenessOf,
  manifestOf,
  type Manifest,
  type Omission,
  type PackageEntry,
  type PackageSummary,
} from '../domain/manifest.ts';
import { appliedFilters } from './applied-filters.ts';
import type { HouseholdFacts, PackageSource } from './package-source.ts';
import { noteReferences } from './reference-warnings.ts';
import type { WarningList } from './warning-list.ts';

/** What writing a package has shown. */
export interface Written {
  readonly entries: readonly PackageEntry[];
  readonly omissions: readonly Omission[];
  readonly warnings: WarningList;
}

/** What a manifest tells beside what was written. */
export interface PackageTold {
  readonly source: PackageSource;
  readonly facts: HouseholdFacts;
  /** Of the household application. */
  readonly applicationVersion: string;
}

const countsOf = ({ sections }: PackageSource, omissions: readonly Omission[]): PackageSummary['counts'] =>
  Object.fromEntries(
    sections.map(({ section, count: expected }) => {
      const omitted = omissions.filter((omission) => omission.section === section).length;
      return [section, { expected, included: expected - omitted, omitted }];
    }),
  );

const noteFacts = (warnings: WarningList, { source, facts }: PackageTold): void => {
  if (source.job.parameters.exportType === 'complete') noteReferences(warnings, facts);
  const { count, first: id = '' } = facts.tally.withoutAmount;
  if (count > 0) warnings.add('AMOUNT_MISSING', 'transactions', { id, attribute: 'amount' }, count);
};

export const packageManifest = (told: PackageTold, { entries, omissions, warnings }: Written): Manifest => {
  const { source, facts, applicationVersion } = told;
  const { job } = source;
  noteFacts(warnings, told);
  return manifestOf({
    exportId: job.exportId,
    userId: job.userId,
    request: job.parameters,
    requestedAt: job.requestedAt,
    // The clocks of two machines may differ, but nothing is begun before it is asked for.
    startedAt: Math.max(job.requestedAt, job.startedAt),
    applicationVersion,
    filters: appliedFilters(job.parameters, facts.survey),
    entries,
    counts: countsOf(source, omissions),
    omissions,
    warnings: warnings.inOrder(),
    controlTotals: facts.tally.controlTotals,
    transactionsByMonth: facts.tally.byMonth,
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
