import type { CompletedJob, ExpiredJob, FailedJob } from '../domain/export-job.ts';
import { interimPrefix, packagePrefix } from '../domain/package-layout.ts';
import type { ActiveExports, ArtifactStore } from '../ports.ts';
import type { PublishPendingEvents } from './publish-pending-events.ts';
import { purgeExport } from './purge-export.ts';

interface Dependencies {
  readonly activeExports: Pick<ActiveExports, 'release'>;
  readonly artifacts: Pick<ArtifactStore, 'purge'>;
  readonly publish: PublishPendingEvents;
}

/**
 * What must follow when an export has ended, whoever ended it: its events are published, its place is free, and of what it
 * has written only the package of a completed one stays. All of it may be done again. Tells whether every event is out.
 */
export const createSettleExport =
  ({ activeExports, artifacts, publish }: Dependencies) =>
  async (job: CompletedJob | ExpiredJob | FailedJob): Promise<boolean> => {
    const { userId, exportId } = job;
    const published = await publish(job);
    await activeExports.release(userId, [exportId]);
    if (job.status === 'completed') {
      await artifacts.purge(interimPrefix(userId, exportId));
      await artifacts.purge(packagePrefix(userId, exportId), job.s3Key);
    } else {
      await purgeExport(artifacts, job);
    }
    return published;
  };
