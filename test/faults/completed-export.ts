import { expect } from '@jest/globals';
import { EVERYTHING_WANTED, opened, type Exported } from './export-outcome.ts';
import type { FaultWorld, WorldUser } from './fault-world.ts';

/** Waits until the export is completed, fails if it is not, and opens its package. */
export const completed = async (
  world: FaultWorld,
  { api }: WorldUser,
  exportId: string,
): Promise<Exported> => {
  const { body } = await api.ended(exportId);
  expect(body).toMatchObject({ status: 'completed', error: null });
  return opened(world, exportId);
};

/** Exports all of a user's household. */
export const exportedWhole = async (world: FaultWorld, user: WorldUser): Promise<Exported> =>
  completed(world, user, await user.api.start(EVERYTHING_WANTED));
