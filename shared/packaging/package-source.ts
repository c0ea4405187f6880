import { text } from 'node:stream/consumers';
import type * as z from 'zod/mini';
import { ExportClosed, InterimCorrupted } from '../domain/errors.ts';
import type { ProcessingJob } from '../domain/export-job.ts';
import { mergeTallies, transactionTally, type TransactionTallies } from '../domain/transaction-tally.ts';
import type { ArtifactStore, JobStore } from '../ports.ts';
import type { ExportRun, SectionCollected } from '../workflow/contracts.ts';
import { inPackageOrder, sectionNamed, type CollectedSection } from './collected-section.ts';
import { surveyHousehold, type HouseholdSurvey } from './household-survey.ts';
import { interimSections, type InterimSections } from './interim-sections.ts';
import { packagePlan, type PackagePlan } from './package-plan.ts';
import { readAsWritten } from './read-as-written.ts';

/** What was collected for a package, whatever its format. */
export interface PackageSource {
  readonly job: ProcessingJob;
  readonly plan: PackagePlan;
  /** Those that were asked for, in the package's order. */
  readonly sections: readonly CollectedSection[];
  readonly interim: InterimSections;
  /** Read once, when it is first asked for. */
  readonly survey: () => Promise<HouseholdSurvey>;
}

interface Dependencies {
  readonly jobs: Pick<JobStore, 'find'>;
  readonly artifacts: Pick<ArtifactStore, 'read'>;
}

/** An object of this project's own making, parsed. @throws InterimCorrupted when it is gone, or cannot be parsed */
export const readJson = async <T>(
  artifacts: Pick<ArtifactStore, 'read'>,
  key: string,
  shape: z.ZodMiniType<T>,
): Promise<T> => readAsWritten(await text(await artifacts.read(key)), shape);

/** The job of an export that is being packed. @throws ExportClosed */
export const processingJob = async (
  jobs: Pick<JobStore, 'find'>,
  { exportId }: ExportRun,
): Promise<ProcessingJob> => {
  const job = await jobs.find(exportId);
  if (job?.status !== 'processing') throw new ExportClosed('The export is no longer in progress.');
  return job;
};

/** @throws ExportClosed @throws InterimCorrupted */
export const openPackageSource = async (
  { jobs, artifacts }: Dependencies,
  { run, planKey }: { readonly run: ExportRun; readonly planKey: string },
): Promise<PackageSource> => {
  const job = await processingJob(jobs, run);
  const plan = await readJson(artifacts, planKey, packagePlan);
  const sections = inPackageOrder(plan.collected);
  const interim = interimSections(artifacts);
  let survey: Promise<HouseholdSurvey> | undefined;
  return { job, plan, sections, interim, survey: () => (survey ??= surveyHousehold(interim, sections)) };
};

/** What is told about a package's records beside the records. */
export interface HouseholdFacts {
  readonly survey: HouseholdSurvey;
  readonly tally: TransactionTallies;
  /** How many exported transactions came from each file. */
  readonly transactionsByFile: ReadonlyMap<string, number>;
}

/** @throws InterimCorrupted */
export const householdFacts = async (
  artifacts: Pick<ArtifactStore, 'read'>,
  { sections, survey }: PackageSource,
): Promise<HouseholdFacts> => {
  const tallyOf = async ({ tallyKey, count }: SectionCollected): Promise<TransactionTallies> => {
    if (tallyKey === undefined) throw new InterimCorrupted('The transactions have no tally.');
    const tally = await readJson(artifacts, tallyKey, transactionTally);
    if (tally.count === count) return tally;
    throw new InterimCorrupted('The tally of the transactions is one of others.');
  };

  const parts = sectionNamed(sections, 'transactions')?.parts ?? [];
  const tally = mergeTallies(await Promise.all(parts.map(tallyOf)));
  const transactionsByFile = new Map(tally.references.fileId.map(({ id, count }) => [id, count]));
  return { survey: await survey(), tally, transactionsByFile };
};
