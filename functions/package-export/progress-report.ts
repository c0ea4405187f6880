import { PHASE_STARTS } from '../../shared/domain/export-job.ts';
import type { Clock, JobStore } from '../../shared/ports.ts';
import type { SectionCollected } from '../../shared/workflow/contracts.ts';

const REPORT_INTERVAL_MS = 1000;

interface Dependencies {
  readonly jobs: Pick<JobStore, 'recordProgress'>;
  readonly clock: Clock;
}

/** Tells the job, about once a second, what share of its entries a package has; fails when the export was closed. */
export const createProgressReport = (
  { jobs, clock }: Dependencies,
  exportId: string,
  sections: readonly SectionCollected[],
) => {
  const files = sections.find(({ section }) => section === 'transactionFiles')?.count ?? 0;
  const expected = sections.length + files;
  let added = 0;
  let reportedAt = clock.now();

  const record = (share: number): Promise<void> => {
    const span = PHASE_STARTS.packaged - PHASE_STARTS.packaging;
    return jobs.recordProgress(
      exportId,
      PHASE_STARTS.packaging + Math.floor(span * share),
      'building_package',
    );
  };

  return {
    started: () => record(0),
    entryAdded: async (): Promise<void> => {
      added += 1;
      if (clock.now() - reportedAt < REPORT_INTERVAL_MS) return;
      reportedAt = clock.now();
      await record(Math.min(1, added / expected));
    },
  };
};
