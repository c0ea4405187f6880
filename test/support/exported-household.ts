import { GetObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import { expect } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { LOCAL_WORKFLOW_ARN } from '../../infra/local/export-workflow.ts';
import { executionArnOf } from '../../infra/local/local-identity.ts';
import type { LocalSystem } from '../../infra/local/local-system.ts';
import type { Manifest } from '../../shared/domain/manifest.ts';
import { interimPrefix, packagePrefix } from '../../shared/domain/package-layout.ts';
import { bucketContents, NOTHING } from './bucket-contents.ts';
import { ExportApi } from './export-api.ts';
import { readZip } from './read-zip.ts';

/** Pieces so small that a household of some MiB is cut into many of each kind. */
export const TINY_PIECES = {
  TRANSACTIONS_PER_PART: '4000',
  SEGMENT_BYTES: String(1024 * 1024),
  SEGMENT_ENTRIES: '6',
  VERIFIED_BYTES_PER_CALL: String(1024 * 1024),
};

const WISHES = { includeAnalytics: true, includeCsv: true };

/** Only a test that hangs is stopped: how fast others let it be is no fault of what it tests. */
export const PATIENCE_SECONDS = 600;

/** A function that the workflow asked, and what. */
export interface Asked {
  readonly functionName: string;
  readonly payload: unknown;
}

export const timesAsked = (functionName: string, among: readonly Asked[]): number =>
  among.filter((one) => one.functionName === functionName).length;

/** Of the export's own execution. */
export const executionArn = (exportId: string): string => executionArnOf(LOCAL_WORKFLOW_ARN, exportId);

/** The job is completed before its execution has ended, and a killed attempt may have left others running. */
export const settled = async ({ clients, functions }: LocalSystem, exportId: string): Promise<void> => {
  for (;;) {
    const { status } = await clients.sfn.send(
      new DescribeExecutionCommand({ executionArn: executionArn(exportId) }),
    );
    if (status !== 'RUNNING' && functions.runningInvocations().length === 0) return;
    await delay(20);
  }
};

export interface Finished {
  readonly exportId: string;
  readonly bytes: Buffer;
}

export const objectBytes = async ({ clients, settings }: LocalSystem, Key: string): Promise<Buffer> => {
  const object = await clients.s3.send(new GetObjectCommand({ Bucket: settings.packagesBucket, Key }));
  return Buffer.from((await object.Body?.transformToByteArray()) ?? []);
};

/** Exports all of a user; when all is over the bucket must hold the package and nothing else. */
export const exported = async (system: LocalSystem, userId: string): Promise<Finished> => {
  const api = new ExportApi(system.apiUrl, await system.issueToken(userId));
  const exportId = await api.start(WISHES);
  const { body } = await api.until(exportId, ['completed', 'failed'], PATIENCE_SECONDS);
  expect(body).toMatchObject({ status: 'completed', error: null });
  await settled(system, exportId);
  const contents = (prefix: string) =>
    bucketContents(system.clients.s3, system.settings.packagesBucket, prefix);
  expect(await contents(interimPrefix(userId, exportId))).toEqual(NOTHING);
  const { keys, openUploads } = await contents(packagePrefix(userId, exportId));
  expect({ packages: keys.length, openUploads }).toEqual({ packages: 1, openUploads: [] });
  return { exportId, bytes: await objectBytes(system, keys[0] ?? '') };
};

export const historyOf = async ({ clients }: LocalSystem, exportId: string): Promise<HistoryEvent[]> => {
  const command = new GetExecutionHistoryCommand({ executionArn: executionArn(exportId), maxResults: 1000 });
  return (await clients.sfn.send(command)).events ?? [];
};

/** What two exports of the same household may differ in: which they are, and when. */
const withoutOccasion = (manifest: Buffer | undefined): object => {
  const { exportId, exportTimestamp, startedAt, ...rest } = JSON.parse(String(manifest)) as Manifest;
  expect([exportId, exportTimestamp, startedAt]).not.toContain(undefined);
  return rest;
};

/** The manifest's own line is the only one that an occasion changes. */
const withoutManifest = (checksums: Buffer | undefined): string =>
  String(checksums).replace(/^[0-9a-f]{64} ( |\*)manifest\.json$/m, '');

/** Fails unless the packages differ in nothing but their exports' ids and times. */
export const expectSameHousehold = async (one: Buffer, other: Buffer): Promise<void> => {
  const [entries, others] = [await readZip(one), await readZip(other)];
  expect([...entries.keys()]).toEqual([...others.keys()]);
  const differing = [...entries].filter(([path, bytes]) => !others.get(path)?.equals(bytes));
  expect(differing.map(([path]) => path)).toEqual(['manifest.json', 'checksums.sha256']);
  expect(withoutOccasion(entries.get('manifest.json'))).toEqual(withoutOccasion(others.get('manifest.json')));
  expect(withoutManifest(entries.get('checksums.sha256'))).toBe(
    withoutManifest(others.get('checksums.sha256')),
  );
};
