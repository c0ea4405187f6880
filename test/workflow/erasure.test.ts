import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { randomUUID } from 'node:crypto';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { WORKFLOW_FUNCTIONS } from '../../shared/lambda/functions.ts';
import { interimPrefix, packagePrefix } from '../../shared/domain/package-layout.ts';
import { bucketContents, NOTHING } from '../support/bucket-contents.ts';
import { ExportApi } from '../support/export-api.ts';
import { exportOfPayload } from '../support/export-of-payload.ts';
import { executionArn } from '../support/exported-household.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';
import { seedSmallHousehold } from '../support/small-household.ts';

/** How long a DELETE must wait for the last writer; the functions behind the API keep their own timeout. */
const FUNCTION_TIMEOUT_SECONDS = 15;

type When = 'before' | 'after';

/** Holds the invocation of one function of an export until the test lets it go on. */
class Barrier {
  readonly #where: string;
  readonly #reached = Promise.withResolvers<undefined>();
  readonly #open = Promise.withResolvers<undefined>();

  constructor(when: When, functionName: string) {
    this.#where = `${when} ${functionName}`;
  }

  async pass(when: When, functionName: string): Promise<void> {
    if (`${when} ${functionName}` !== this.#where) return;
    this.#reached.resolve(undefined);
    await this.#open.promise;
  }

  reached(): Promise<undefined> {
    return this.#reached.promise;
  }

  open(): void {
    this.#open.resolve(undefined);
  }
}

describe('erasing an export', () => {
  const barriers = new Map<string, Barrier>();
  let system: RunningSystem;

  beforeAll(async () => {
    system = await startRunningSystem({
      timeoutSeconds: (name) => (name in WORKFLOW_FUNCTIONS ? FUNCTION_TIMEOUT_SECONDS : undefined),
      lateWriterMarginSeconds: 1,
      invocationHook: {
        beforeInvoke: async (name, payload) => barriers.get(exportOfPayload(payload))?.pass('before', name),
        afterInvoke: async (name, payload) => barriers.get(exportOfPayload(payload))?.pass('after', name),
      },
    });
  });
  afterAll(() => system.end());

  const aUser = async () => {
    const userId = `user-${randomUUID()}`;
    await seedSmallHousehold(system.clients, system.settings, userId);
    return { userId, api: new ExportApi(system.apiUrl, await system.issueToken(userId)) };
  };

  const contents = async (userId: string, exportId: string) => {
    const { packagesBucket } = system.settings;
    return [
      await bucketContents(system.clients.s3, packagesBucket, interimPrefix(userId, exportId)),
      await bucketContents(system.clients.s3, packagesBucket, packagePrefix(userId, exportId)),
    ];
  };

  const executionStatus = async (exportId: string) => {
    return (
      await system.clients.sfn.send(new DescribeExecutionCommand({ executionArn: executionArn(exportId) }))
    ).status;
  };

  it.concurrent.each<[string, When, string]>([
    ['before it has begun', 'before', 'begin-export'],
    ['while its sections are collected', 'before', 'collect-transactions'],
    ['when a section was written but not yet handed over', 'after', 'collect-accounts'],
    ['before it is packed', 'before', 'package-export'],
    ['when the package lies in the bucket but is not yet the result', 'after', 'package-export'],
    ['before it is completed', 'before', 'complete-export'],
  ])('leaves nothing of an export deleted %s', async (_, when, functionName) => {
    const { userId, api } = await aUser();
    const key = randomUUID();
    const exportId = nameBasedUuid('export', userId, key);
    const barrier = new Barrier(when, functionName);
    barriers.set(exportId, barrier);
    await api.start({ includeAnalytics: true }, { 'idempotency-key': key });
    await barrier.reached();

    const first = await api.call('DELETE', `/export/${exportId}`);
    expect(first.status).toBe(202);
    expect(first.body).toEqual({ exportId, status: 'deleting' });
    expect((await api.status(exportId)).body['status']).toBe('deleting');
    expect((await api.call('GET', `/export/${exportId}/download`)).status).toBe(404);
    expect((await api.call('GET', '/export')).body['exports']).toEqual([]);
    expect(await executionStatus(exportId)).toBe('ABORTED');

    // The function of the stopped execution is still alive, and goes on writing after the first purge.
    barrier.open();
    expect((await api.deleted(exportId)).status).toBe(204);
    expect(await contents(userId, exportId)).toEqual([NOTHING, NOTHING]);
    expect((await api.status(exportId)).status).toBe(404);
    expect((await api.call('DELETE', `/export/${exportId}`)).status).toBe(404);
  });

  it.concurrent('gives the place of a deleted export to the next one at once', async () => {
    const { userId, api } = await aUser();
    const keys = [randomUUID(), randomUUID()];
    for (const key of keys) {
      barriers.set(nameBasedUuid('export', userId, key), new Barrier('before', 'begin-export'));
      await api.start({}, { 'idempotency-key': key });
    }
    expect((await api.call('POST', '/export')).status).toBe(429);
    await api.call('DELETE', `/export/${nameBasedUuid('export', userId, keys[0] ?? '')}`);
    expect((await api.call('POST', '/export')).status).toBe(202);
  });

  it.concurrent('deletes a completed export at once, and spends its idempotency key', async () => {
    const { userId, api } = await aUser();
    const key = { 'idempotency-key': randomUUID() };
    const exportId = await api.start({}, key);
    await api.ended(exportId);
    const deletions = await Promise.all([1, 2, 3].map(() => api.call('DELETE', `/export/${exportId}`)));
    expect(deletions.map(({ status }) => status)).toContain(204);
    expect(await contents(userId, exportId)).toEqual([NOTHING, NOTHING]);
    expect((await api.status(exportId)).status).toBe(404);
    const replay = await api.call('POST', '/export', { headers: key });
    expect(replay.status).toBe(422);
    expect(replay.body['detail']).toMatch(/Send a new key/);
  });
});
