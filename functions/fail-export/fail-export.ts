import { failureFor, ExportStateConflict } from '../../shared/domain/errors.ts';
import { exportFailed, pendingEvents } from '../../shared/domain/events.ts';
import {
  FOLLOW_UP_MS,
  type ExportJob,
  type FailedJob,
  type Tombstone,
} from '../../shared/domain/export-job.ts';
import type { ActiveExports, ArtifactStore, Clock, JobStore, Log } from '../../shared/ports.ts';
import type { PublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';
import { purgeExport } from '../../shared/use-cases/purge-export.ts';
import { isExecutionOf, type FailInput, type FailResult } from '../../shared/workflow/contracts.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly activeExports: ActiveExports;
  readonly artifacts: ArtifactStore;
  readonly publish: PublishPendingEvents;
  readonly clock: Clock;
  readonly log: Log;
}

/** Anybody who may start executions can start one with another export's id; it must not end that export. */
const isOwnExecution = (job: ExportJob, executionArn: string): boolean =>
  'executionArn' in job && job.executionArn !== undefined
    ? job.executionArn === executionArn
    : isExecutionOf(executionArn, job.exportId);

/** Ends a job whose execution failed, unless somebody ended it first, and leaves nothing of it in the bucket. */
export const createFailExport = ({ jobs, activeExports, artifacts, publish, clock, log }: Dependencies) => {
  const fail = async (job: ExportJob, errorName: string): Promise<ExportJob | Tombstone | undefined> => {
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

  return async ({ exportId, executionArn, failure }: FailInput): Promise<FailResult> => {
    const found = await jobs.find(exportId);
    if (found === undefined || found.status === 'deleted') return { outcome: 'erased' };
    if (!isOwnExecution(found, executionArn)) {
      log.warn('An execution that is not the export’s own failed.', { exportId, errorName: failure.Error });
      return { outcome: 'not_ours' };
    }
    log.warn('An execution failed.', { exportId, errorName: failure.Error });
    const job = await fail(found, failure.Error);
    switch (job?.status) {
      case 'completed':
      case 'expired':
        return { outcome: 'completed' };
      case 'failed':
        await publish(job);
        await activeExports.release(job.userId, [exportId]);
        await purgeExport(artifacts, job);
        return { outcome: 'failed' };
      case 'deleting':
        await purgeExport(artifacts, job);
        return { outcome: 'erased' };
      case 'initiated':
      case 'processing':
        throw new ExportStateConflict('The export could not be marked as failed.');
      case 'deleted':
      case undefined:
        return { outcome: 'erased' };
    }
  };
};
