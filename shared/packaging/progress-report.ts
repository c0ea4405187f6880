import { PHASE_STARTS } from '../domain/export-job.ts';
import type { Clock, JobStore } from '../ports.ts';

const REPORT_INTERVAL_MS = 1000;

interface Dependencies {
  readonly jobs: Pick<JobStore, 'recordProgress'>;
  readonly clock: Clock;
}

/** Which share of the packing a function does, 0 to 1, and in how many pieces. */
export interface PackingShare {
  readonly exportId: string;
  readonly from: number;
  readonly to: number;
  readonly pieces: number;
}

/** Tells the job, about once a second, how much is packed; fails when the export was closed. */
export const createProgressReport = (
  { jobs, clock }: Dependencies,
  { exportId, from, to, pieces }: PackingShare,
) => {
  let added = 0;
  let reportedAt = clock.now();

  const record = (done: number): Promise<void> => {
    reportedAt = clock.now();
    const share = from + (to - from) * done;
    const span = PHASE_STARTS.packaged - PHASE_STARTS.packaging;
    return jobs.recordProgress(
      exportId,
      PHASE_STARTS.packaging + Math.floor(span * share),
      'building_package',
    );
  };

  return {
    /** @throws ExportClosed */
    started: (): Promise<void> => record(0),
    /** @throws ExportClosed */
    pieceAdded: async (): Promise<void> => {
      added += 1;
      if (clock.now() - reportedAt >= REPORT_INTERVAL_MS) await record(Math.min(1, added / pieces));
    },
    /** @throws ExportClosed */
    finished: (): Promise<void> => record(1),
  };
};
