import type { DeletingExport } from '../../shared/api/replies.ts';
import { ExportStateConflict } from '../../shared/domain/errors.ts';
import { FOLLOW_UP_MS, type DeletingJob, type ExportJob } from '../../shared/domain/export-job.ts';
import type { ApiReply, ApiRequest } from '../../shared/http.ts';
import type { ActiveExports, ArtifactStore, Clock, JobStore, Log, Workflow } from '../../shared/ports.ts';
import { createEraseExport } from '../../shared/use-cases/erase-export.ts';
import { ownedJob } from '../../shared/use-cases/owned-job.ts';
import type { PublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';

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

/** Closes an export to every writer and erases it, or as much of it as can be now; the sweeper does the rest. */
export const createDeleteExport = (dependencies: Dependencies) => {
  const { jobs, clock, log, lateWriterMs } = dependencies;
  const erase = createEraseExport(dependencies);

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
    // Before it is quiet too: this request may die before it has stopped the execution.
    const dueAt = Math.min(purgeAgainAt, clock.now() + FOLLOW_UP_MS);
    const deleting: DeletingJob = { ...job, status: 'deleting', purgeAgainAt, dueAt };
    await jobs.startDeleting(deleting);
    return deleting;
  };

  const eraseNow = async (job: DeletingJob, request: ApiRequest): Promise<boolean> => {
    try {
      return await erase(job, request);
    } catch (error) {
      log.failure('An export is not erased yet.', error, { exportId: job.exportId });
      return false;
    }
  };

  return async (request: ApiRequest): Promise<ApiReply<DeletingExport>> => {
    const job = await deletingJob(request);
    if (await eraseNow(job, request)) return { status: 204 };
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
