import { ExportStateConflict } from '../../shared/domain/errors.ts';
import type { ExportJob } from '../../shared/domain/export-job.ts';
import type { ActiveExports, ArtifactStore, Clock, JobStore, Log, Metrics } from '../../shared/ports.ts';
import { createMarkFailed } from '../../shared/use-cases/mark-failed.ts';
import type { PublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';
import { purgeExport } from '../../shared/use-cases/purge-export.ts';
import { createSettleExport } from '../../shared/use-cases/settle-export.ts';
import { isExecutionOf, type FailInput, type FailResult } from '../../shared/workflow/contracts.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly activeExports: ActiveExports;
  readonly artifacts: ArtifactStore;
  readonly publish: PublishPendingEvents;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Anybody who may start executions can start one with another export's id; it must not end that export. */
const isOwnExecution = (job: ExportJob, executionArn: string): boolean =>
  'executionArn' in job && job.executionArn !== undefined
    ? job.executionArn === executionArn
    : isExecutionOf(executionArn, job.exportId);

/** Ends a job whose execution failed, unless somebody ended it first, and leaves nothing of it in the bucket. */
export const createFailExport = (dependencies: Dependencies) => {
  const { jobs, artifacts, log } = dependencies;
  const markFailed = createMarkFailed(dependencies);
  const settle = createSettleExport(dependencies);

  return async ({ exportId, executionArn, failure }: FailInput): Promise<FailResult> => {
    const found = await jobs.find(exportId);
    if (found === undefined || found.status === 'deleted') return { outcome: 'erased' };
    log.about(found);
    if (!isOwnExecution(found, executionArn)) {
      log.warn('An execution that is not the export’s own failed.', { errorName: failure.Error });
      return { outcome: 'not_ours' };
    }
    log.warn('An execution failed.', { errorName: failure.Error });
    const unfinished = found.status === 'initiated' || found.status === 'processing';
    const job = unfinished ? await markFailed(found, failure.Error) : found;
    switch (job?.status) {
      case 'completed':
      case 'expired':
        return { outcome: 'completed' };
      case 'failed':
        await settle(job);
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
