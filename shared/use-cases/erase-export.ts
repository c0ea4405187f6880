import { ExportStateConflict } from '../domain/errors.ts';
import { exportDeleted, pendingEvents } from '../domain/events.ts';
import { FOLLOW_UP_MS, ownerHash, type DeletingJob, type Tombstone } from '../domain/export-job.ts';
import type { ActiveExports, ArtifactStore, Clock, JobStore, Workflow } from '../ports.ts';
import type { PublishPendingEvents } from './publish-pending-events.ts';
import { purgeExport } from './purge-export.ts';

interface Dependencies {
  readonly jobs: Pick<JobStore, 'bury'>;
  readonly activeExports: Pick<ActiveExports, 'release'>;
  readonly artifacts: ArtifactStore;
  readonly workflow: Pick<Workflow, 'stop'>;
  readonly publish: PublishPendingEvents;
  readonly clock: Clock;
}

/** The request that an erasure is finished for, where there is one. */
interface Occasion {
  readonly requestId?: string;
}

/**
 * Erases an export that is closed to every writer already. A stopped execution leaves running functions alive, so it is
 * purged now, and once more when nothing can still be running; only then is it gone, which the answer tells.
 */
export const createEraseExport = (dependencies: Dependencies) => {
  const { jobs, activeExports, artifacts, workflow, publish, clock } = dependencies;

  /** What is gone leaves a tombstone: its id, and the event that says so. */
  const bury = async (job: DeletingJob, { requestId }: Occasion): Promise<void> => {
    const timestamp = clock.now();
    const deleted = exportDeleted(job, { timestamp, ...(requestId === undefined ? {} : { requestId }) });
    const tombstone: Tombstone = {
      exportId: job.exportId,
      status: 'deleted',
      requestHash: job.requestHash,
      ownerHash: ownerHash(job.userId),
      requestedAt: job.requestedAt,
      pendingEvents: { ...job.pendingEvents, ...pendingEvents(deleted) },
      dueAt: timestamp + FOLLOW_UP_MS,
      ttl: job.ttl,
    };
    try {
      await jobs.bury(tombstone);
    } catch (error) {
      if (error instanceof ExportStateConflict) return; // somebody else was first, and publishes
      throw error;
    }
    await publish(tombstone);
  };

  return async (job: DeletingJob, occasion: Occasion = {}): Promise<boolean> => {
    if (clock.now() < job.purgeAgainAt) await workflow.stop(job.exportId, 'ExportDeleted');
    await activeExports.release(job.userId, [job.exportId]);
    const nothingCanWrite = clock.now() >= job.purgeAgainAt;
    await purgeExport(artifacts, job);
    if (nothingCanWrite) await bury(job, occasion);
    return nothingCanWrite;
  };
};
