import { PHASE_STARTS } from '../../shared/domain/export-job.ts';
import type { Clock, JobStore } from '../../shared/ports.ts';

const REPORT_INTERVAL_MS = 1000;
/** The last step is not done before the job is completed. */
const VERIFIED = PHASE_STARTS.completed - 1;

interface Dependencies {
  readonly jobs: Pick<JobStore, 'recordProgress'>;
  readonly clock: Clock;
}

/** Tells the job, about once a second, how much of its package is verified; fails when the export was closed. */
export const createVerificationProgress = (
  { jobs, clock }: Dependencies,
  exportId: string,
  packageSize: number,
) => {
  let reportedAt = clock.now();

  const record = (bytes: number): Promise<void> => {
    reportedAt = clock.now();
    const share = packageSize === 0 ? 1 : bytes / packageSize;
    const progress = PHASE_STARTS.packaged + Math.floor((VERIFIED - PHASE_STARTS.packaged) * share);
    return jobs.recordProgress(exportId, progress, 'verifying_package');
  };

  return {
    /** At a byte, the first or the one behind those that were verified before. */
    startedAt: record,
    bytesRead: async (bytes: number): Promise<void> => {
      if (clock.now() - reportedAt >= REPORT_INTERVAL_MS) await record(bytes);
    },
    /** Before a byte, the last or the one at which the next call begins. */
    stoppedAt: record,
  };
};
