import { RUN_CHECK_MS } from '../../shared/domain/export-job.ts';
import type { ActiveExports, Clock, DueRow, JobStore } from '../../shared/ports.ts';
import { createFindStalePlaces } from '../../shared/use-cases/find-stale-places.ts';
import type { Looked } from './looked.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly activeExports: ActiveExports;
  readonly clock: Clock;
}

/** Frees the places of a user that no active export holds, and looks again while there are others. */
export const createLookAfterPlaces = ({ jobs, activeExports, clock }: Dependencies) => {
  const findStalePlaces = createFindStalePlaces({ jobs, clock });

  return async (row: DueRow): Promise<Looked> => {
    const members = await activeExports.membersOfRow(row);
    const stale = await findStalePlaces(members);
    for (const exportId of stale) {
      await activeExports.dropFromRow(row, exportId, members.get(exportId) ?? 0);
    }
    const at = members.size > stale.length ? clock.now() + RUN_CHECK_MS : undefined;
    return { act: 'places', complete: true, next: { at } };
  };
};
