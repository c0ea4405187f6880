import { ExportNotFound, ExportNotRetryable } from '../domain/errors.ts';
import { failedEventId } from '../domain/events.ts';
import { statusAt, type ExportJob, type FailedJob, type Tombstone } from '../domain/export-job.ts';
import { nameBasedUuid } from '../domain/name-based-uuid.ts';
import { createAcceptExport, type AcceptExportDependencies } from './accept-export.ts';
import type { Estimate } from './estimate-export.ts';

/** One id for each failed export: two operators who retry it at once, or one who does so twice, mean the same export. */
export const retryIdOf = (failedExportId: string): string => nameBasedUuid('retry', failedExportId);

const RUNS = 'is still running. Should its execution have ended, its job follows within minutes.';
const DELETED = 'was deleted by its user.';

/** Why an export in another status cannot be retried. */
const REFUSALS: Readonly<Record<Exclude<ExportJob['status'] | 'deleted', 'failed'>, string>> = {
  initiated: RUNS,
  processing: RUNS,
  completed: 'has completed: its package can be downloaded.',
  expired: 'had completed, and its package has expired; its user can ask for a new one.',
  deleting: DELETED,
  deleted: DELETED,
};

/** @throws ExportNotFound, ExportNotRetryable */
const failedJob = (exportId: string, job: ExportJob | Tombstone | undefined, now: number): FailedJob => {
  if (job === undefined) throw new ExportNotFound();
  if (job.status === 'failed') return job;
  const isOver = job.status === 'completed' && statusAt(job, now) === 'expired';
  const why = REFUSALS[isOver ? 'expired' : job.status];
  throw new ExportNotRetryable(`Only a failed export can be retried: ${exportId} ${why}`);
};

/** What was retried before is the same retry, unless it has come to an end after which it is of no more use. */
const retriedBefore = (retry: ExportJob | Tombstone): ExportJob => {
  switch (retry.status) {
    case 'failed':
      throw new ExportNotRetryable(
        `The export was retried as ${retry.exportId}, which has failed too (${retry.errorDetails.code}). Retry that one.`,
      );
    case 'deleting':
    case 'deleted':
      throw new ExportNotRetryable(`The export was retried as ${retry.exportId}, which ${DELETED}`);
    case 'initiated':
    case 'processing':
    case 'completed':
    case 'expired':
      return retry;
  }
};

/** As the failed export was estimated: an operator need not be permitted to read a household's tables. */
const estimateOf = ({ estimatedSize, estimatedCompletion, requestedAt }: FailedJob): Estimate => ({
  size: estimatedSize,
  duration: estimatedCompletion === null ? null : estimatedCompletion - requestedAt,
});

/**
 * Starts the stored request of a failed export as a new export, once: again it gives the same one. Its user sees it like
 * one they have asked for, and it takes one of their places.
 * @throws ExportNotFound, ExportNotRetryable, ActiveExportLimitReached
 */
export const createRetryExport = (dependencies: AcceptExportDependencies) => {
  const { jobs, clock } = dependencies;
  const { accept, resume } = createAcceptExport(dependencies);

  return async (failedExportId: string): Promise<ExportJob> => {
    const failed = failedJob(failedExportId, await jobs.find(failedExportId), clock.now());
    const exportId = retryIdOf(failedExportId);
    const known = await jobs.find(exportId);
    if (known !== undefined) return resume(retriedBefore(known));
    const { userId, correlationId, parameters: request } = failed;
    return accept({
      ...{ exportId, userId, correlationId, request, retryOf: failedExportId },
      causationId: failedEventId(failedExportId),
      estimate: () => Promise.resolve(estimateOf(failed)),
      recognize: retriedBefore,
    });
  };
};
