import { PHASE_STARTS, type ProcessingJob } from '../../shared/domain/export-job.ts';
import type { Clock, JobStore } from '../../shared/ports.ts';
import type { SectionCollected } from '../../shared/workflow/contracts.ts';

const REPORT_INTERVAL_MS = 1000;

interface Dependencies {
  readonly jobs: Pick<JobStore, 'recordProgress'>;
  readonly clock: Clock;
}

/** Sections, tables and statement files: a JSON package has sections alone. */
const piecesOf = ({ parameters }: ProcessingJob, sections: readonly SectionCollected[]): number => {
  if (parameters.exportFormat === 'json') return sections.length;
  const files = sections.find(({ section }) => section === 'transactionFiles')?.count ?? 0;
  const tables = sections.filter(({ section }) => section === 'accounts' || section === 'transactions');
  return sections.length + files + (parameters.includeCsv ? tables.length : 0);
};

/** Tells the job, about once a second, what share of its pieces a package has; fails when the export was closed. */
export const createProgressReport = (
  { jobs, clock }: Dependencies,
  job: ProcessingJob,
  sections: readonly SectionCollected[],
) => {
  const expected = piecesOf(job, sections);
  let added = 0;
  let reportedAt = clock.now();

  const record = (share: number): Promise<void> => {
    const span = PHASE_STARTS.packaged - PHASE_STARTS.packaging;
    return jobs.recordProgress(
      job.exportId,
      PHASE_STARTS.packaging + Math.floor(span * share),
      'building_package',
    );
  };

  return {
    started: () => record(0),
    pieceAdded: async (): Promise<void> => {
      added += 1;
      if (clock.now() - reportedAt < REPORT_INTERVAL_MS) return;
      reportedAt = clock.now();
      await record(Math.min(1, added / expected));
    },
  };
};
