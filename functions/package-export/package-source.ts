import type { ProcessingJob } from '../../shared/domain/export-job.ts';
import type { Section } from '../../shared/domain/sections.ts';
import type { TransactionTallies } from '../../shared/domain/transaction-tally.ts';
import type { StatementFiles } from '../../shared/ports.ts';
import type { SectionCollected } from '../../shared/workflow/contracts.ts';
import type { HouseholdSurvey } from './household-survey.ts';
import type { InterimSections } from './interim-sections.ts';

/** All that a package is made of, whatever its format. */
export interface PackageSource {
  readonly job: ProcessingJob;
  /** Of the household application. */
  readonly applicationVersion: string;
  /** Those that were asked for, in the package's order. */
  readonly sections: readonly SectionCollected[];
  readonly interim: InterimSections;
  readonly survey: HouseholdSurvey;
  readonly tally: TransactionTallies;
  /** How many exported transactions came from each file. */
  readonly transactionsByFile: ReadonlyMap<string, number>;
  readonly files: StatementFiles;
  /** To be called whenever one more piece is in the package. @throws ExportClosed */
  readonly pieceAdded: () => Promise<void>;
}

export const sectionNamed = (
  { sections }: Pick<PackageSource, 'sections'>,
  name: Section,
): SectionCollected | undefined => sections.find(({ section }) => section === name);
