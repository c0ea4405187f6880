import { ExportStateConflict } from '../../shared/domain/errors.ts';
import type { ExportJob } from '../../shared/domain/export-job.ts';
import type { ActiveExports, ArtifactStore, Clock, JobStore, Log } from '../../shared/ports.ts';
import { createFailJob } from '../../shared/use-cases/fail-job.ts';
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
  const failJob = createFailJob({ jobs, clock });

  return async ({ exportId, executionArn, failure }: FailInput): Promise<FailResult> => {
    const found = await jobs.find(exportId);
    if (found === undefined || found.status === 'deleted') return { outcome: 'erased' };
    if (!isOwnExecution(found, executionArn)) {
      log.warn('An execution that is not the export’s own failed.', { exportId, errorName: failure.Error });
      return { outcome: 'not_ours' };
    }
    log.warn('An execution failed.', { exportId, errorName: failure.Error });
    const job = await failJob(found, failure.Error);
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
