import { ExportStateConflict } from '../../shared/domain/errors.ts';
import { exportDeleted, pendingEvents } from '../../shared/domain/events.ts';
import {
  FOLLOW_UP_MS,
  ownerHash,
  type DeletingJob,
  type ExportJob,
  type Tombstone,
} from '../../shared/domain/export-job.ts';
import type { ApiReply, ApiRequest } from '../../shared/http.ts';
import type { ActiveExports, ArtifactStore, Clock, JobStore, Log, Workflow } from '../../shared/ports.ts';
import { ownedJob } from '../../shared/use-cases/owned-job.ts';
import type { PublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';
import { purgeExport } from '../../shared/use-cases/purge-export.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly activeExports: ActiveExports;
  readonly artifacts: ArtifactStore;
  readonly workflow: Workflow;
  readonly publish: PublishPendingEvents;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a function of a stopped execution may still be writing. */
  readonly lateWriterMs: number;
}

/**
 * Erases an export. A stopped execution leaves running functions alive, so the order is: close the job to every writer,
 * stop the execution, purge, and purge once more when nothing can still be running. Only then is it gone.
 */
export const createDeleteExport = (dependencies: Dependencies) => {
  const { jobs, activeExports, artifacts, workflow, publish, clock, log, lateWriterMs } = dependencies;

  /** When nothing of the export can still be writing (epoch ms). */
  const quietAt = (job: ExportJob): number => {
    switch (job.status) {
      case 'completed':
      case 'expired':
        return clock.now();
      case 'failed':
        return job.completedAt + lateWriterMs;
      case 'initiated':
      case 'processing':
        return clock.now() + lateWriterMs;
      case 'deleting':
        return job.purgeAgainAt;
    }
  };

  const closeToWriters = async (job: ExportJob): Promise<DeletingJob> => {
    if (job.status === 'deleting') return job;
    const purgeAgainAt = quietAt(job);
    const deleting: DeletingJob = { ...job, status: 'deleting', purgeAgainAt, dueAt: purgeAgainAt };
    await jobs.startDeleting(deleting);
    return deleting;
  };

  /** What is gone leaves a tombstone: its id, and the event that says so. */
  const bury = async (job: DeletingJob, { requestId }: ApiRequest): Promise<void> => {
    const deleted = exportDeleted(job, { timestamp: clock.now(), requestId });
    const tombstone: Tombstone = {
      exportId: job.exportId,
      status: 'deleted',
      requestHash: job.requestHash,
      ownerHash: ownerHash(job.userId),
      requestedAt: job.requestedAt,
      pendingEvents: { ...job.pendingEvents, ...pendingEvents(deleted) },
      dueAt: clock.now() + FOLLOW_UP_MS,
      ttl: job.ttl,
    };
    try {
      await jobs.bury(tombstone);
    } catch (error) {
      if (error instanceof ExportStateConflict) return; // another request was first, and publishes
      throw error;
    }
    await publish(tombstone);
  };

  const erase = async (job: DeletingJob, request: ApiRequest): Promise<boolean> => {
    try {
      if (job.purgeAgainAt > clock.now()) await workflow.stop(job.exportId);
      await activeExports.release(job.userId, [job.exportId]);
      const nothingCanWrite = clock.now() >= job.purgeAgainAt;
      await purgeExport(artifacts, job);
      if (nothingCanWrite) await bury(job, request);
      return nothingCanWrite;
    } catch (error) {
      log.failure('An export is not erased yet.', error, { exportId: job.exportId });
      return false;
    }
  };

  return async (request: ApiRequest): Promise<ApiReply> => {
    const job = await deletingJob(request);
    if (await erase(job, request)) return { status: 204 };
    const seconds = Math.max(1, Math.ceil((job.purgeAgainAt - clock.now()) / 1000));
    return {
      status: 202,
      headers: { location: `/export/${job.exportId}/status`, 'retry-after': String(seconds) },
      body: { exportId: job.exportId, status: 'deleting' },
    };
  };

  /** The job may end or begin between reading and closing it: whoever loses that race looks again. */
  async function deletingJob(request: ApiRequest): Promise<DeletingJob> {
    for (;;) {
      const job = await ownedJob(jobs, request);
      try {
        return await closeToWriters(job);
      } catch (error) {
        if (!(error instanceof ExportStateConflict)) throw error;
      }
    }
  }
};
