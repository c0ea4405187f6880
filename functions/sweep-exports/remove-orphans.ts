import type { ExportJob, Tombstone } from '../../shared/domain/export-job.ts';
import { exportOfKey, interimPrefix, packagePrefix } from '../../shared/domain/package-layout.ts';
import type { ArtifactStore, Clock, JobStore, Log, OrphanSearch, Stored } from '../../shared/ports.ts';

interface Dependencies {
  readonly jobs: Pick<JobStore, 'find'>;
  readonly artifacts: ArtifactStore;
  readonly search: OrphanSearch;
  readonly clock: Clock;
  readonly log: Log;
  /** What no job claims is removed when it is so old (ms): longer than any package can be downloaded. */
  readonly unclaimedMs: number;
}

/** What of one export lies under one prefix. */
interface Lot {
  readonly exportId: string;
  readonly prefix: string;
  /** Epoch ms of the youngest. */
  readonly since: number;
}

/** By prefix; what is not named as this service names things is none of its business. */
const lotsOf = (stored: readonly Stored[]): Lot[] => {
  const lots = new Map<string, Lot>();
  for (const { key, since } of stored) {
    const owner = exportOfKey(key);
    if (owner === undefined) continue;
    const known = lots.get(owner.prefix);
    lots.set(owner.prefix, { ...owner, since: Math.max(since, known?.since ?? 0) });
  }
  return [...lots.values()];
};

const isOwn = ({ prefix }: Lot, { userId, exportId }: ExportJob): boolean =>
  prefix === interimPrefix(userId, exportId) || prefix === packagePrefix(userId, exportId);

/**
 * Whether nothing will ever look after a lot: its export was deleted, or has come to rest without a package, or there is
 * none. A row that is due again has somebody to look after it, as has every export that is active or can be downloaded.
 */
export const isOrphaned = (lot: Lot, row: ExportJob | Tombstone | undefined, unclaimed: boolean): boolean => {
  if (row?.status === 'deleted') return true;
  if (row === undefined || !isOwn(lot, row)) return unclaimed;
  return (row.status === 'failed' || row.status === 'expired') && row.dueAt === undefined;
};

/**
 * Looks through a part of the bucket for what no export has any more, such as what a function wrote that was thought dead;
 * the next call goes on where this one ends, and after the end at the beginning. Answers how many lots were removed.
 */
export const createRemoveOrphans = (dependencies: Dependencies) => {
  const { jobs, artifacts, search, clock, log, unclaimedMs } = dependencies;

  const removeIfOrphaned = async (lot: Lot): Promise<boolean> => {
    try {
      const row = await jobs.find(lot.exportId);
      if (!isOrphaned(lot, row, lot.since + unclaimedMs <= clock.now())) return false;
      await artifacts.purge(lot.prefix);
      log.warn('What an export had left behind was removed.', { exportId: lot.exportId });
      return true;
    } catch (error) {
      log.failure('What may be left behind by an export was not looked at.', error, {
        exportId: lot.exportId,
      });
      return false;
    }
  };

  return async (goOn: () => boolean): Promise<number> => {
    const uploads = await artifacts.openUploads();
    const { stored, next } = await artifacts.list(await search.position());
    let removed = 0;
    for (const lot of lotsOf([...uploads, ...stored])) {
      if (!goOn()) return removed;
      if (await removeIfOrphaned(lot)) removed += 1;
    }
    await search.moveTo(next);
    return removed;
  };
};
