import { expect } from '@jest/globals';
import type { Manifest } from '../../shared/domain/manifest.ts';
import { objectBytes } from '../support/exported-household.ts';
import { readZip } from '../support/read-zip.ts';
import type { FaultWorld, WorldUser } from './fault-world.ts';

export interface CompletedExport {
  readonly exportId: string;
  readonly bytes: Buffer;
  readonly manifest: Manifest;
  readonly entries: ReadonlyMap<string, Buffer>;
}

/** All that there can be of a household. */
export const EVERYTHING_WANTED = { includeAnalytics: true, includeCsv: true };

/** Waits until the export is completed, fails if it is not, and opens its package. */
export const completed = async (
  world: FaultWorld,
  { api }: WorldUser,
  exportId: string,
): Promise<CompletedExport> => {
  const { body } = await api.ended(exportId);
  expect(body).toMatchObject({ status: 'completed', error: null });
  const bytes = await objectBytes(world.system, String((await world.row(exportId))?.['s3Key']));
  const entries = await readZip(bytes);
  const manifest = JSON.parse(String(entries.get('manifest.json'))) as Manifest;
  return { exportId, bytes, manifest, entries };
};

/** Exports all of a user's household. */
export const exportedWhole = async (world: FaultWorld, user: WorldUser): Promise<CompletedExport> =>
  completed(world, user, await user.api.start(EVERYTHING_WANTED));
