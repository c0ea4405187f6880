import { ExportStateConflict } from '../domain/errors.ts';
import { exportFailed, pendingEvents } from '../domain/events.ts';
import {
  FOLLOW_UP_MS,
  type ExportJob,
  type FailedJob,
  type InitiatedJob,
  type ProcessingJob,
  type Tombstone,
} from '../domain/export-job.ts';
import { failureFor } from '../domain/failures.ts';
import type { Measurements } from '../domain/measures.ts';
import type { Clock, JobStore, Metrics } from '../ports.ts';

interface Dependencies {
  readonly jobs: Pick<JobStore, 'fail' | 'find'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** What else is measured by whoever's write ends the job. */
  readonly alsoMeasured?: Measurements;
}

const failedJob = (job: InitiatedJob | ProcessingJob, errorName: string, completedAt: number): FailedJob => {
  const { code, message } = failureFor(errorName);
  return {
    ...job,
    status: 'failed',
    completedAt,
    dueAt: completedAt + FOLLOW_UP_MS,
    error: message,
    errorDetails: { code, ...(code === errorName ? {} : { errorName }) },
  };
};

/** Ends a job as failed, with its event, unless somebody ended it first: the row as it stands then. */
export const createMarkFailed =
  ({ jobs, clock, metrics, alsoMeasured = {} }: Dependencies) =>
  async (
    job: InitiatedJob | ProcessingJob,
    errorName: string,
  ): Promise<ExportJob | Tombstone | undefined> => {
    const failed = failedJob(job, errorName, clock.now());
    const withEvent = {
      ...failed,
      pendingEvents: { ...job.pendingEvents, ...pendingEvents(exportFailed(failed)) },
    };
    try {
      await jobs.fail(withEvent);
    } catch (error) {
      if (error instanceof ExportStateConflict) return jobs.find(job.exportId);
      throw error;
    }
    metrics.record({ ExportsFailed: 1 }, failureFor(errorName));
    metrics.record({ FailedExportDuration: failed.completedAt - job.requestedAt, ...alsoMeasured });
    return withEvent;
  };
