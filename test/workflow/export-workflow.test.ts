import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DescribeExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { setTimeout as delay } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { LambdaFunctionError } from '../../infra/local/lambda/lambda-runner.ts';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { interimPrefix, packagePrefix } from '../../shared/domain/package-layout.ts';
import { bucketContents, NOTHING } from '../support/bucket-contents.ts';
import { ExportApi } from '../support/export-api.ts';
import { exportOfPayload } from '../support/export-of-payload.ts';
import { executionArn } from '../support/exported-household.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';
import { seedSmallHousehold } from '../support/small-household.ts';

const COLLECTORS = [
  'collect-accounts',
  'collect-transactions',
  'collect-categories',
  'collect-file-maps',
  'collect-transaction-files',
  'collect-analytics',
];

interface Fault {
  readonly functionName: string;
  /** How many invocations fail; all of them when absent. */
  times?: number;
  readonly errorType: string;
  /** Whether the function has done its work before it fails. */
  readonly after?: boolean;
}

/** Which faults strike which export: each test has a user of its own, so that all can run on one system. */
const faults = new Map<string, Fault>();
const invocations = new Map<string, string[]>();

const strike = (when: 'before' | 'after', functionName: string, payload: unknown): Promise<void> => {
  const exportId = exportOfPayload(payload);
  if (when === 'before') invocations.set(exportId, [...(invocations.get(exportId) ?? []), functionName]);
  const fault = faults.get(exportId);
  if (fault?.functionName !== functionName || (fault.after === true) !== (when === 'after'))
    return Promise.resolve();
  if (fault.times === 0) return Promise.resolve();
  if (fault.times !== undefined) fault.times -= 1;
  return Promise.reject(
    new LambdaFunctionError({ errorType: fault.errorType, errorMessage: 'Struck by a test.' }),
  );
};

describe('the export workflow', () => {
  let system: RunningSystem;

  beforeAll(async () => {
    system = await startRunningSystem({
      invocationHook: {
        beforeInvoke: (functionName, payload) => strike('before', functionName, payload),
        afterInvoke: (functionName, payload) => strike('after', functionName, payload),
      },
    });
  });
  afterAll(() => system.end());

  /** Starts an export whose id is known before it starts, so that a fault can wait for it. */
  const run = async (fault?: Fault) => {
    const userId = `user-${randomUUID()}`;
    const household = await seedSmallHousehold(system.clients, system.settings, userId);
    const api = new ExportApi(system.apiUrl, await system.issueToken(userId));
    const key = randomUUID();
    const exportId = nameBasedUuid('export', userId, key);
    if (fault !== undefined) faults.set(exportId, { ...fault });
    expect(await api.start({ includeAnalytics: true }, { 'idempotency-key': key })).toBe(exportId);
    const ended = await api.ended(exportId);
    return { userId, api, exportId, household, status: ended.body };
  };

  interface DeliveredEvent {
    readonly 'detail-type': string;
    readonly source: string;
    readonly detail: { readonly eventId: string; readonly data: { readonly exportId: string } };
  }

  const eventsOf = async (exportId: string): Promise<string[]> => {
    const answer = await fetch(`${system.endpoints.eventbridge}/_local/events`);
    const { events } = (await answer.json()) as { events: DeliveredEvent[] };
    const own = events.filter(
      ({ source, detail }) => source === 'export.service' && detail.data.exportId === exportId,
    );
    // Two functions may publish what is in the outbox at the same time; a repeat has the same id.
    return [...new Map(own.map((event) => [event.detail.eventId, event['detail-type']])).values()];
  };

  const leftovers = async (userId: string, exportId: string) => {
    const { packagesBucket } = system.settings;
    const interim = await bucketContents(system.clients.s3, packagesBucket, interimPrefix(userId, exportId));
    const packages = await bucketContents(system.clients.s3, packagesBucket, packagePrefix(userId, exportId));
    return { interim, packages };
  };

  /**
   * The job's status is written before the step that wrote it has cleaned up and its execution has ended; and a failed
   * Parallel leaves the functions of its other branches running.
   */
  const settled = async (exportId: string): Promise<void> => {
    for (;;) {
      const { status } = await system.clients.sfn.send(
        new DescribeExecutionCommand({ executionArn: executionArn(exportId) }),
      );
      if (status !== 'RUNNING' && system.functions.runningInvocations().length === 0) return;
      await delay(20);
    }
  };

  it('completes an export, leaves one package and nothing interim, and says so once', async () => {
    const { userId, exportId, status } = await run();
    await settled(exportId);
    expect(status).toMatchObject({
      status: 'completed',
      progress: 100,
      completeness: 'complete',
      error: null,
    });
    const { interim, packages } = await leftovers(userId, exportId);
    expect(interim).toEqual(NOTHING);
    expect(packages).toEqual({ keys: [expect.stringMatching(/\.zip$/)], openUploads: [] });
    expect(await eventsOf(exportId)).toEqual(['export.initiated', 'export.completed']);
  });

  it('shows an operator each state in the execution history', async () => {
    const { exportId } = await run();
    await settled(exportId);
    const { events = [] } = await system.clients.sfn.send(
      new GetExecutionHistoryCommand({ executionArn: executionArn(exportId), maxResults: 1000 }),
    );
    const entered = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
    expect(new Set(entered)).toEqual(
      new Set([
        'CollectTransactionParts',
        'PlanPackage',
        'FitsOnePiece',
        'PackageVerified',
        'BeginExport',
        'CollectSections',
        'CollectAccounts',
        'CollectTransactions',
        'CollectCategories',
        'CollectFileMaps',
        'CollectTransactionFiles',
        'AnalyticsRequested',
        'CollectAnalytics',
        'PackageExport',
        'VerifyPackage',
        'CompleteExport',
        'ExportCompleted',
      ]),
    );
    expect(events.at(-1)?.type).toBe('ExecutionSucceeded');
  });

  it.each(COLLECTORS)('retries %s when it fails once, and completes', async (functionName) => {
    const { exportId, status } = await run({ functionName, times: 1, errorType: 'ServiceUnavailable' });
    expect(status['status']).toBe('completed');
    expect(invocations.get(exportId)?.filter((name) => name === functionName)).toHaveLength(2);
  });

  it.each(COLLECTORS)('fails the export and leaves nothing when %s fails for good', async (functionName) => {
    const { userId, exportId, status } = await run({ functionName, errorType: 'AccessRefused' });
    await settled(exportId);
    expect(status).toMatchObject({ status: 'failed', errorCode: 'AccessRefused', downloadUrl: null });
    expect(status['error']).toMatch(/not allowed to read/);
    expect(await leftovers(userId, exportId)).toEqual({ interim: NOTHING, packages: NOTHING });
    expect(await eventsOf(exportId)).toEqual(['export.initiated', 'export.failed']);
  });

  it('fails the export and leaves nothing when a service stays away for longer than all retries', async () => {
    const { userId, exportId, status } = await run({
      functionName: 'package-export',
      errorType: 'ServiceUnavailable',
    });
    await settled(exportId);
    expect(status).toMatchObject({ status: 'failed', errorCode: 'ServiceUnavailable' });
    expect(invocations.get(exportId)?.filter((name) => name === 'package-export')).toHaveLength(7);
    expect(await leftovers(userId, exportId)).toEqual({ interim: NOTHING, packages: NOTHING });
    expect(await eventsOf(exportId)).toEqual(['export.initiated', 'export.failed']);
  });

  it('packs again after a packager that had uploaded its package died, and keeps only one', async () => {
    const { userId, exportId, status } = await run({
      functionName: 'package-export',
      times: 1,
      after: true,
      errorType: 'Runtime.ExitError',
    });
    await settled(exportId);
    expect(status['status']).toBe('completed');
    expect((await leftovers(userId, exportId)).packages.keys).toHaveLength(1);
  });

  it('lasts through a burst of throttled invocations', async () => {
    const { status } = await run({
      functionName: 'collect-accounts',
      times: 8,
      errorType: 'Lambda.TooManyRequestsException',
    });
    expect(status['status']).toBe('completed');
  });

  it('completes the job once when complete-export dies after its work was done', async () => {
    const { exportId, status } = await run({
      functionName: 'complete-export',
      times: 1,
      after: true,
      errorType: 'Runtime.ExitError',
    });
    await settled(exportId);
    expect(status['status']).toBe('completed');
    expect(await eventsOf(exportId)).toEqual(['export.initiated', 'export.completed']);
  });

  it('leaves a completed job completed when the step after it fails for good', async () => {
    const { api, exportId, status } = await run({
      functionName: 'complete-export',
      after: true,
      errorType: 'AccessRefused',
    });
    await settled(exportId);
    expect(status['status']).toBe('completed');
    expect((await api.status(exportId)).body['status']).toBe('completed');
    expect(await eventsOf(exportId)).toEqual(['export.initiated', 'export.completed']);
  });
});
