import { failureFor, ExportStateConflict } from '../domain/errors.ts';
import { exportFailed, pendingEvents } from '../domain/events.ts';
import { FOLLOW_UP_MS, type ExportJob, type FailedJob, type Tombstone } from '../domain/export-job.ts';
import type { Clock, JobStore } from '../ports.ts';

interface Dependencies {
  readonly jobs: Pick<JobStore, 'find' | 'fail'>;
  readonly clock: Clock;
}

/**
 * Ends a job that has not ended, with a sentence for its user and the event that tells; neither is published yet. The
 * answer is the job as it stands then, however it ended: the first writer wins.
 */
export const createFailJob =
  ({ jobs, clock }: Dependencies) =>
  async (job: ExportJob, errorName: string): Promise<ExportJob | Tombstone | undefined> => {
    if (job.status !== 'initiated' && job.status !== 'processing') return job;
    const { code, message } = failureFor(errorName);
    const completedAt = clock.now();
    const failed: FailedJob = {
      ...job,
      status: 'failed',
      completedAt,
      dueAt: completedAt + FOLLOW_UP_MS,
      error: message,
      errorDetails: { code },
    };
    const withEvent = {
      ...failed,
      pendingEvents: { ...job.pendingEvents, ...pendingEvents(exportFailed(failed)) },
    };
    try {
      await jobs.fail(withEvent);
      return withEvent;
    } catch (error) {
      if (error instanceof ExportStateConflict) return jobs.find(job.exportId);
      throw error;
    }
  };
