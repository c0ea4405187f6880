import { FOLLOW_UP_MS, type ExportJob, type Tombstone } from '../domain/export-job.ts';
import type { Clock, JobStore } from '../ports.ts';

interface Dependencies {
  readonly jobs: Pick<JobStore, 'find'>;
  readonly clock: Clock;
}

/** A deleted export gives its place back when its execution has been stopped, not before. */
const isActive = (job: ExportJob | Tombstone): boolean =>
  job.status === 'initiated' || job.status === 'processing' || job.status === 'deleting';

/** Of those who hold places: exports that have ended, or that were reserved by a request that died before it wrote a job. */
export const createFindStalePlaces =
  ({ jobs, clock }: Dependencies) =>
  async (members: ReadonlyMap<string, number>): Promise<string[]> => {
    const stale = await Promise.all(
      [...members].map(async ([exportId, reservedAt]) => {
        const job = await jobs.find(exportId);
        const active = job === undefined ? clock.now() - reservedAt < FOLLOW_UP_MS : isActive(job);
        return active ? [] : [exportId];
      }),
    );
    return stale.flat();
  };
