import { GetObjectCommand } from '@aws-sdk/client-s3';
import { expect } from '@jest/globals';
import type { Manifest } from '../../shared/domain/manifest.ts';
import type { Answer } from '../support/export-api.ts';
import { objectBytes, PATIENCE_SECONDS } from '../support/exported-household.ts';
import { readZip } from '../support/read-zip.ts';
import type { FaultWorld, WorldUser } from './fault-world.ts';

export interface Exported {
  readonly exportId: string;
  readonly bytes: Buffer;
  readonly entries: ReadonlyMap<string, Buffer>;
  readonly manifest: Manifest;
}

/** Where a file record says that its bytes are. */
export interface TracedFile {
  readonly fileId: string;
  readonly fileName?: string;
  readonly s3Key: string;
  readonly packageEntry: { readonly path: string | null; readonly omission?: string };
}

/** What is told of an export once it has ended, however long faults and a busy machine make that take. */
export const endOf = ({ api }: WorldUser, exportId: string): Promise<Answer> =>
  api.until(exportId, ['completed', 'failed'], PATIENCE_SECONDS);

/** The package of a completed export, taken apart. */
export const opened = async (world: FaultWorld, exportId: string): Promise<Exported> => {
  const bytes = await objectBytes(world.system, String((await world.row(exportId))?.['s3Key']));
  const entries = await readZip(bytes);
  const manifest = JSON.parse(String(entries.get('manifest.json'))) as Manifest;
  return { exportId, bytes, entries, manifest };
};

/** All that there can be of a household. */
export const EVERYTHING_WANTED = { includeAnalytics: true, includeCsv: true };

/** Exports all of a user, through whatever strikes the world; it must be completed. */
export const exportAll = async (world: FaultWorld, user: WorldUser): Promise<Exported> => {
  const exportId = await user.api.start(EVERYTHING_WANTED);
  expect((await endOf(user, exportId)).body).toMatchObject({ status: 'completed', error: null });
  await world.quiet();
  return opened(world, exportId);
};

export const tracedFiles = ({ entries }: Exported): TracedFile[] =>
  JSON.parse(String(entries.get('data/transaction_files.json'))) as TracedFile[];

/** Fails unless each file that is in the package has the bytes that the storage of statement files has now. */
export const expectStoredFiles = async ({ system }: FaultWorld, exported: Exported): Promise<void> => {
  for (const { s3Key, packageEntry } of tracedFiles(exported)) {
    if (packageEntry.path === null) continue;
    const command = new GetObjectCommand({ Bucket: system.settings.fileBucket, Key: s3Key });
    const stored = await (await system.clients.s3.send(command)).Body?.transformToByteArray();
    const packed = exported.entries.get(packageEntry.path);
    expect([packageEntry.path, packed?.equals(Buffer.from(stored ?? []))]).toEqual([packageEntry.path, true]);
  }
};
