import { GetObjectCommand } from '@aws-sdk/client-s3';
import { expect } from '@jest/globals';
import { createHash } from 'node:crypto';
import { DynamoActiveExports } from '../../shared/aws/dynamo-active-exports.ts';
import { priorStatuses, type ExportStatus } from '../../shared/domain/export-status.ts';
import type { Manifest } from '../../shared/domain/manifest.ts';
import { INTERIM_PREFIX, PACKAGES_PREFIX, SECTION_PATHS } from '../../shared/domain/package-layout.ts';
import type { Section } from '../../shared/domain/sections.ts';
import { bucketContents } from '../support/bucket-contents.ts';
import { readZip } from '../support/read-zip.ts';
import type { ExportRow, FaultWorld, WorldUser } from './fault-world.ts';

/** The event that a job must have once it has reached a status. */
const EVENT_OF: Readonly<Partial<Record<ExportStatus, string>>> = {
  completed: 'export.completed',
  failed: 'export.failed',
  expired: 'export.expired',
  deleted: 'export.deleted',
};

const UNFINISHED: readonly ExportStatus[] = ['initiated', 'processing'];

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Whether one status can come after the other, by one write or by several between which nobody looked. */
const mayFollow = (from: ExportStatus, to: ExportStatus): boolean => {
  const before = priorStatuses(to);
  return before.includes(from) || before.some((status) => status !== from && mayFollow(from, status));
};

/** I1: one execution for each export, and none that is nobody's. */
const executionsAreTheExports = async (world: FaultWorld, rows: readonly ExportRow[]): Promise<void> => {
  const names = await world.executions();
  const ids = new Set(rows.map(({ exportId }) => exportId));
  expect(names.filter((name) => !ids.has(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
  for (const { exportId, status } of rows) {
    if (status === 'completed' || status === 'expired') expect(names).toContain(exportId);
  }
};

/** I2: a status changes only as it may; what has ended stays so, save to expired or deleted. */
const statusesChangeAsTheyMay = (world: FaultWorld): void => {
  for (const [exportId, seen] of world.statuses) {
    for (const [at, to] of seen.entries()) {
      const from = seen[at - 1];
      if (from !== undefined) expect([exportId, seen, mayFollow(from, to)]).toEqual([exportId, seen, true]);
    }
  }
};

const packageOf = async ({ system }: FaultWorld, row: ExportRow): Promise<Buffer> => {
  const command = new GetObjectCommand({ Bucket: system.settings.packagesBucket, Key: String(row['s3Key']) });
  const { Body } = await system.clients.s3.send(command);
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

/** I9: the manifest counts what is in the package, and that is what the tables hold. */
const countsAreTheSources = (
  entries: ReadonlyMap<string, Buffer>,
  manifest: Manifest,
  { counts }: WorldUser,
): void => {
  for (const [section, told] of Object.entries(manifest.counts)) {
    const path = SECTION_PATHS[section as Section];
    const records = JSON.parse(String(entries.get(path))) as unknown[];
    expect([section, told.expected, told.expected]).toEqual([
      section,
      records.length,
      counts[section as Section],
    ]);
    expect(told.included + told.omitted).toBe(told.expected);
  }
};

/** I7: nothing in the package is another user's. */
const isNobodyElses = (entries: ReadonlyMap<string, Buffer>, owner: WorldUser, world: FaultWorld): void => {
  for (const other of world.users) {
    if (other.userId === owner.userId) continue;
    for (const [path, bytes] of entries) {
      expect([path, bytes.includes(other.mark), bytes.includes(other.userId)]).toEqual([path, false, false]);
    }
  }
};

/** I3: the package of a completed export is the one that its job and its event tell of, and proves itself. */
const packageIsAsTold = async (world: FaultWorld, row: ExportRow): Promise<void> => {
  const bytes = await packageOf(world, row);
  expect([bytes.length, sha256(bytes)]).toEqual([row['packageSize'], row['sha256']]);
  const [event] = (await world.events(row.exportId)).filter(
    (one) => one['detail-type'] === 'export.completed',
  );
  expect(event?.detail.data).toMatchObject({ packageSize: bytes.length, sha256: sha256(bytes) });
  const owner = world.users.find(({ userId }) => userId === row['userId']);
  if (owner === undefined) throw new Error('A package belongs to nobody.');
  if (row['exportFormat'] !== 'zip') return;

  const entries = await readZip(bytes);
  const manifest = JSON.parse(String(entries.get('manifest.json'))) as Manifest;
  for (const { path, bytes: size, sha256: hash } of manifest.entries) {
    const entry = entries.get(path) ?? Buffer.alloc(0);
    expect([path, entry.length, sha256(entry)]).toEqual([path, size, hash]);
  }
  countsAreTheSources(entries, manifest, owner);
  isNobodyElses(entries, owner, world);
};

/** I4: a status that ends an export has its event, under one id, and never before it was written. */
const eventsFollowStatuses = async (world: FaultWorld, { exportId, status }: ExportRow): Promise<void> => {
  const events = await world.events(exportId);
  const idsOf = (type: string) =>
    new Set(events.filter((event) => event['detail-type'] === type).map(({ detail }) => detail.eventId));
  const type = EVENT_OF[status];
  if (type !== undefined) expect([exportId, type, idsOf(type).size]).toEqual([exportId, type, 1]);
  for (const ending of Object.values(EVENT_OF)) {
    expect([exportId, ending, idsOf(ending).size <= 1]).toEqual([exportId, ending, true]);
  }
};

const noEventIsEarly = (world: FaultWorld): void => {
  for (const [status, type] of Object.entries(EVENT_OF)) {
    for (const event of world.published.filter((one) => one.type === type)) {
      const written = event.status as ExportStatus | undefined;
      const isWritten =
        written === status || (written !== undefined && mayFollow(status as ExportStatus, written));
      expect([event, isWritten]).toEqual([event, true]);
    }
  }
};

/** I5: nothing is in the bucket but the packages of completed exports. */
const bucketHoldsPackagesOnly = async ({ system }: FaultWorld, rows: readonly ExportRow[]): Promise<void> => {
  const contents = (prefix: string) =>
    bucketContents(system.clients.s3, system.settings.packagesBucket, prefix);
  expect(await contents(INTERIM_PREFIX)).toEqual({ keys: [], openUploads: [] });
  const packages = rows.filter(({ status }) => status === 'completed').map((row) => String(row['s3Key']));
  expect(await contents(PACKAGES_PREFIX)).toEqual({ keys: packages.sort(), openUploads: [] });
};

/** I6: the places that a user's exports hold are those of exports that have not ended. */
const placesAreThoseOfUnfinished = async (world: FaultWorld, rows: readonly ExportRow[]): Promise<void> => {
  const { clients, settings } = world.system;
  const active = new DynamoActiveExports(clients.dynamodb, settings.tables.EXPORT_JOBS_TABLE);
  for (const { userId } of world.users) {
    const unfinished = rows.filter((row) => row['userId'] === userId && UNFINISHED.includes(row.status));
    const places = [...(await active.members(userId)).keys()];
    expect(places.sort()).toEqual(unfinished.map(({ exportId }) => exportId).sort());
  }
};

/** I10: what a user has written, and what opens their data, is in the tables, files and packages alone. */
const nothingLeaks = async (world: FaultWorld, rows: readonly ExportRow[]): Promise<void> => {
  const histories = await Promise.all((await world.executions()).map((exportId) => world.history(exportId)));
  const told = {
    log: world.logText(),
    events: JSON.stringify(await world.events()),
    jobs: JSON.stringify(rows),
    histories: histories.join('\n'),
  };
  const secrets = [
    'X-Amz-Signature',
    'X-Amz-Credential',
    'Bearer ',
    ...world.users.flatMap(({ secrets: own, token }) => [...own, token]),
  ];
  for (const [where, text] of Object.entries(told)) {
    expect([where, secrets.filter((secret) => text.includes(secret))]).toEqual([where, []]);
  }
};

/** Fails unless all that must always hold does, once everything has come to rest; every case ends with it. */
export const expectInvariants = async (world: FaultWorld): Promise<void> => {
  await world.rest();
  const rows = await world.rows();
  // I8: every export has ended.
  expect(rows.filter(({ status }) => UNFINISHED.includes(status) || status === 'deleting')).toEqual([]);
  await executionsAreTheExports(world, rows);
  statusesChangeAsTheyMay(world);
  for (const row of rows) {
    await eventsFollowStatuses(world, row);
    if (row.status === 'completed') await packageIsAsTold(world, row);
  }
  noEventIsEarly(world);
  await bucketHoldsPackagesOnly(world, rows);
  await placesAreThoseOfUnfinished(world, rows);
  await nothingLeaks(world, rows);
};
