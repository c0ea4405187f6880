import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateMultipartUploadCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { functionLogFile } from '../../infra/local/function-log.ts';
import { LambdaFunctionError } from '../../infra/local/lambda/lambda-runner.ts';
import type { SweepResult } from '../../functions/sweep-exports/sweep-exports.ts';
import { DynamoActiveExports } from '../../shared/aws/dynamo-active-exports.ts';
import { DynamoJobStore } from '../../shared/aws/dynamo-job-store.ts';
import { exportInitiated, pendingEvents } from '../../shared/domain/events.ts';
import { FOLLOW_UP_MS, RUN_CHECK_MS } from '../../shared/domain/export-job.ts';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { interimPrefix, packagePrefix } from '../../shared/domain/package-layout.ts';
import { bucketContents, NOTHING } from '../support/bucket-contents.ts';
import { ExportApi } from '../support/export-api.ts';
import { exportOfPayload } from '../support/export-of-payload.ts';
import { anInitiatedJob, HOUR_MS } from '../support/export-builders.ts';
import { executionArn } from '../support/exported-household.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';
import { seedSmallHousehold } from '../support/small-household.ts';

const LATE_WRITER_MS = 16 * 60_000;

interface DeliveredEvent {
  readonly 'detail-type': string;
  readonly detail: { readonly eventId?: string; readonly data?: { readonly exportId: string } };
}

describe('the sweeper of a running system', () => {
  let system: RunningSystem;
  /** How far ahead of the real time the functions' clock is. */
  let ahead = 0;
  /** Functions that never run for an export. */
  const disabled = new Map<string, string>();
  /** What a collector of an export waits for. */
  const held = new Map<string, { reached: PromiseWithResolvers<undefined>; open: Promise<undefined> }>();

  beforeAll(async () => {
    system = await startRunningSystem({
      clockOffset: () => ahead,
      invocationHook: {
        beforeInvoke: async (name, payload) => {
          const exportId = exportOfPayload(payload);
          if (disabled.get(exportId) === name)
            throw new LambdaFunctionError({
              errorType: 'AccessRefused',
              errorMessage: 'Disabled by a test.',
            });
          const hold = name === 'collect-accounts' ? held.get(exportId) : undefined;
          hold?.reached.resolve(undefined);
          await hold?.open;
        },
      },
    });
  });
  afterAll(() => system.end());

  const pass = (ms: number): void => {
    ahead += ms;
  };
  /** Two at once, because nothing must depend on there being one. */
  const sweep = async (): Promise<SweepResult[]> =>
    (await Promise.all([1, 2].map(() => system.functions.invoke('sweep-exports', {})))) as SweepResult[];

  const aUser = async () => {
    const userId = `user-${randomUUID()}`;
    await seedSmallHousehold(system.clients, system.settings, userId);
    return { userId, api: new ExportApi(system.apiUrl, await system.issueToken(userId)) };
  };
  const store = () => new DynamoJobStore(system.clients.dynamodb, system.settings.tables.EXPORT_JOBS_TABLE);
  const places = async (userId: string): Promise<string[]> => {
    const table = system.settings.tables.EXPORT_JOBS_TABLE;
    return [...(await new DynamoActiveExports(system.clients.dynamodb, table).members(userId)).keys()];
  };
  const contents = async (userId: string, exportId: string) => {
    const { packagesBucket } = system.settings;
    return [
      await bucketContents(system.clients.s3, packagesBucket, interimPrefix(userId, exportId)),
      await bucketContents(system.clients.s3, packagesBucket, packagePrefix(userId, exportId)),
    ];
  };
  const eventsOf = async (exportId: string): Promise<string[]> => {
    const answer = await fetch(`${system.endpoints.eventbridge}/_local/events`);
    const { events } = (await answer.json()) as { events: DeliveredEvent[] };
    const own = events.filter(({ detail }) => detail.data?.exportId === exportId);
    return [...new Map(own.map((event) => [event.detail.eventId, event['detail-type']])).values()];
  };
  /** What a function that was thought dead leaves behind: an object and an upload that is not finished. */
  const leaveBehind = async (userId: string, exportId: string): Promise<void> => {
    const Bucket = system.settings.packagesBucket;
    const Key = `${interimPrefix(userId, exportId)}accounts/late.json`;
    await system.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: '[]' }));
    const upload = `${packagePrefix(userId, exportId)}late.zip`;
    await system.clients.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: upload }));
  };
  /** An export whose first collector waits until the test lets it go on. */
  const anExportHeldInTheMiddle = async (api: ExportApi, userId: string, without?: string) => {
    const key = randomUUID();
    const exportId = nameBasedUuid('export', userId, key);
    const [reached, open] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    held.set(exportId, { reached, open: open.promise });
    if (without !== undefined) disabled.set(exportId, without);
    await api.start({}, { 'idempotency-key': key });
    await reached.promise;
    return { exportId, goOn: () => open.resolve(undefined) };
  };
  const nothingRuns = async (): Promise<void> => {
    while (system.functions.runningInvocations().length > 0) await delay(20);
  };

  it('starts an export whose request died before it did', async () => {
    const { userId, api } = await aUser();
    const exportId = randomUUID();
    const requestedAt = Date.now() + ahead;
    const job = anInitiatedJob({ exportId, userId, requestedAt });
    const waiting = pendingEvents(exportInitiated(job, { timestamp: requestedAt }));
    await store().create({ ...job, pendingEvents: waiting });
    await sweep();
    expect((await api.status(exportId)).body['status']).toBe('initiated');
    pass(FOLLOW_UP_MS);
    const results = await sweep();
    expect(results.reduce((sum, { start }) => sum + start, 0)).toBe(1);
    expect((await api.ended(exportId)).body).toMatchObject({ status: 'completed', completeness: 'complete' });
    await nothingRuns();
    expect((await eventsOf(exportId)).sort()).toEqual(['export.completed', 'export.initiated']);
  });

  it('fails an export that an operator stopped, when nobody was told', async () => {
    const { userId, api } = await aUser();
    const { exportId, goOn } = await anExportHeldInTheMiddle(api, userId, 'fail-export');
    await system.clients.sfn.send(
      new StopExecutionCommand({
        executionArn: executionArn(exportId),
      }),
    );
    goOn();
    await nothingRuns();
    await leaveBehind(userId, exportId);
    expect((await api.status(exportId)).body['status']).toBe('processing');
    pass(RUN_CHECK_MS);
    await sweep();
    expect((await api.status(exportId)).body).toMatchObject({
      status: 'failed',
      errorCode: 'ExecutionAborted',
      errorCategory: 'interrupted',
      retryable: true,
    });
    expect(await contents(userId, exportId)).toEqual([NOTHING, NOTHING]);
    expect(await places(userId)).toEqual([]);
    expect(await eventsOf(exportId)).toContain('export.failed');
    await leaveBehind(userId, exportId);
    pass(LATE_WRITER_MS);
    await sweep();
    expect(await contents(userId, exportId)).toEqual([NOTHING, NOTHING]);
    expect((await store().find(exportId))?.dueAt).toBeUndefined();
  });

  it('finishes what was left half done after a completion, and the package stays', async () => {
    const { userId, api } = await aUser();
    const exportId = await api.start();
    await api.ended(exportId);
    await nothingRuns();
    await leaveBehind(userId, exportId);
    const table = system.settings.tables.EXPORT_JOBS_TABLE;
    const now = Date.now() + ahead;
    await new DynamoActiveExports(system.clients.dynamodb, table).reserve(userId, exportId, { cap: 2, now });
    pass(FOLLOW_UP_MS);
    await sweep();
    const [interim, packages] = await contents(userId, exportId);
    expect(interim).toEqual(NOTHING);
    expect(packages).toEqual({ keys: [expect.stringMatching(/\.zip$/)], openUploads: [] });
    expect(await places(userId)).toEqual([]);
    const link = await api.call('GET', `/export/${exportId}/download`, {
      headers: { accept: 'application/json' },
    });
    expect((await fetch(String(link.body['downloadUrl']))).status).toBe(200);
  });

  it('expires an export when its day is over: 410 at once, then package, event and, at last, deletion', async () => {
    const { userId, api } = await aUser();
    const exportId = await api.start();
    await api.ended(exportId);
    pass(24 * HOUR_MS);
    expect((await api.call('GET', `/export/${exportId}/download`)).status).toBe(410);
    expect((await api.status(exportId)).body).toMatchObject({ status: 'expired', downloadUrl: null });
    const etag = (await api.status(exportId)).headers.get('etag') ?? '';
    expect(await eventsOf(exportId)).not.toContain('export.expired');

    await sweep();
    expect(await store().find(exportId)).toMatchObject({ status: 'expired' });
    expect(await contents(userId, exportId)).toEqual([NOTHING, NOTHING]);
    expect((await eventsOf(exportId)).filter((type) => type === 'export.expired')).toHaveLength(1);
    expect((await api.call('GET', `/export/${exportId}/download`)).status).toBe(410);
    expect((await api.call('GET', '/export')).body['exports']).toMatchObject([
      { exportId, status: 'expired', packageSize: expect.any(Number) },
    ]);
    // For a client nothing has changed since the time was over.
    const again = await api.call('GET', `/export/${exportId}/status`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);

    pass(FOLLOW_UP_MS);
    await sweep();
    expect((await store().find(exportId))?.dueAt).toBeUndefined();
    expect((await api.call('DELETE', `/export/${exportId}`)).status).toBe(204);
    expect((await api.status(exportId)).status).toBe(404);
  });

  it('erases a deleted export whose user has not asked again, and what is written for it ever after', async () => {
    const { userId, api } = await aUser();
    const { exportId, goOn } = await anExportHeldInTheMiddle(api, userId);
    const kept = await api.start();
    expect((await api.call('DELETE', `/export/${exportId}`)).status).toBe(202);
    goOn();
    await api.ended(kept);
    await nothingRuns();
    await leaveBehind(userId, exportId);
    pass(LATE_WRITER_MS);
    await sweep();
    expect((await api.status(exportId)).status).toBe(404);
    expect(await contents(userId, exportId)).toEqual([NOTHING, NOTHING]);
    expect(await eventsOf(exportId)).toContain('export.deleted');
    expect(JSON.stringify(await store().find(exportId))).not.toContain(userId);

    await leaveBehind(userId, exportId);
    await sweep();
    expect(await contents(userId, exportId)).toEqual([NOTHING, NOTHING]);
    expect((await contents(userId, kept))[1]?.keys).toHaveLength(1);
    expect((await api.status(kept)).body['status']).toBe('completed');
  });

  it('puts off a row that it cannot read, and deals with the others', async () => {
    const { userId, api } = await aUser();
    const [broken, sound] = [randomUUID(), randomUUID()];
    for (const exportId of [broken, sound]) {
      await store().create(anInitiatedJob({ exportId, userId, requestedAt: Date.now() + ahead }));
    }
    const row = {
      TableName: system.settings.tables.EXPORT_JOBS_TABLE,
      Key: { exportId: { S: broken } },
    };
    await system.clients.dynamodb.send(
      new UpdateItemCommand({ ...row, UpdateExpression: 'REMOVE correlationId' }),
    );
    pass(FOLLOW_UP_MS);
    const now = Date.now() + ahead;
    await sweep();
    expect((await api.ended(sound)).body['status']).toBe('completed');
    const { Item } = await system.clients.dynamodb.send(new GetItemCommand(row));
    expect(Number(Item?.['dueAt']?.N)).toBeGreaterThan(now);
    const log = readFileSync(functionLogFile(system.settings.dataDir), 'utf8');
    expect(log).toMatch(/JobUnreadable.*correlationId/);
  });
});

describe('a local system', () => {
  it('sweeps on a schedule, one sweep after the other, until it is stopped', async () => {
    let [running, most, sweeps] = [0, 0, 0];
    const enough = Promise.withResolvers<undefined>();
    const payloads: unknown[] = [];
    const system = await startRunningSystem({
      sweepSeconds: 0.05,
      invocationHook: {
        beforeInvoke: (name, payload) => {
          if (name === 'sweep-exports') {
            payloads.push(payload);
            running += 1;
            most = Math.max(most, running);
          }
          return Promise.resolve();
        },
        afterInvoke: () => {
          running -= 1;
          sweeps += 1;
          if (sweeps === 3) enough.resolve(undefined);
          return Promise.resolve();
        },
      },
    });
    await enough.promise;
    await system.end();
    expect(most).toBe(1);
    expect(payloads[0]).toMatchObject({ source: 'aws.scheduler', 'detail-type': 'Scheduled Event' });
    const [invoked] = [payloads.length];
    await delay(200);
    expect(payloads).toHaveLength(invoked);
  });
});
