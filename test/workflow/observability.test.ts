import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { functionLogFile } from '../../infra/local/function-log.ts';
import { LambdaFunctionError } from '../../infra/local/lambda/lambda-runner.ts';
import { hashedUserId } from '../../shared/domain/hashed-user-id.ts';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { ExportApi } from '../support/export-api.ts';
import { exportOfPayload } from '../support/export-of-payload.ts';
import { executionArn } from '../support/exported-household.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';
import { seedSmallHousehold } from '../support/small-household.ts';

interface LogLine {
  readonly service: string;
  readonly message?: string;
  readonly exportId?: string;
  readonly attemptId?: string;
  readonly [field: string]: unknown;
}

interface DeliveredEvent {
  readonly 'detail-type': string;
  readonly detail: { readonly correlationId?: string; readonly data?: { readonly exportId: string } };
}

const FUNCTIONS_OF_AN_EXPORT = [
  ...['start-export', 'begin-export', 'collect-accounts', 'collect-transactions', 'collect-categories'],
  ...['collect-file-maps', 'collect-transaction-files', 'plan-package', 'package-export'],
  ...['verify-package', 'complete-export'],
];

describe('what a running system tells its operators', () => {
  let system: RunningSystem;
  /** The function that fails for an export, with this error, so many times. */
  const faults = new Map<string, { name: string; errorType: string; times: number }>();
  /** Exports whose first collector never comes to its work. */
  const held = new Map<string, PromiseWithResolvers<undefined>>();

  beforeAll(async () => {
    system = await startRunningSystem({
      invocationHook: {
        beforeInvoke: async (name, payload) => {
          const exportId = exportOfPayload(payload);
          if (name === 'collect-accounts') await held.get(exportId)?.promise;
          const fault = faults.get(exportId);
          if (fault?.name !== name || fault.times === 0) return;
          fault.times -= 1;
          throw new LambdaFunctionError({ errorType: fault.errorType, errorMessage: 'Struck by a test.' });
        },
      },
    });
  });
  afterAll(() => system.end());

  const aRequest = async () => {
    const userId = `user-${randomUUID()}`;
    await seedSmallHousehold(system.clients, system.settings, userId);
    const key = randomUUID();
    const correlationId = `test.${randomUUID()}`;
    const headers = { 'idempotency-key': key, 'x-correlation-id': correlationId };
    const api = new ExportApi(system.apiUrl, await system.issueToken(userId));
    return {
      ...{ userId, api, correlationId, exportId: nameBasedUuid('export', userId, key) },
      post: () => api.call('POST', '/export', { headers }),
    };
  };

  /** A function's last lines may arrive after its answer. */
  const logged = async (service: string, message: string, exportId: string): Promise<void> => {
    const isIt = (line: LogLine): boolean => line.service === service && line.message === message;
    while (!linesOf(exportId).some(isIt)) await delay(20);
  };

  /** Every line of JSON in the log, those with metrics included. */
  const logLines = (): LogLine[] =>
    readFileSync(functionLogFile(system.settings.dataDir), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const json = line.slice(line.indexOf(' ') + 1);
        return json.startsWith('{') ? [JSON.parse(json) as LogLine] : [];
      });
  const linesOf = (exportId: string): LogLine[] => logLines().filter((line) => line.exportId === exportId);
  const metricLines = (): LogLine[] => logLines().filter((line) => '_aws' in line);

  const eventsOf = async (exportId: string): Promise<DeliveredEvent[]> => {
    const answer = await fetch(`${system.endpoints.eventbridge}/_local/events`);
    const { events } = (await answer.json()) as { events: DeliveredEvent[] };
    return events.filter(({ detail }) => detail.data?.exportId === exportId);
  };

  it('is one id from the request through every line of every step to the event', async () => {
    const { userId, api, correlationId, exportId, post } = await aRequest();
    faults.set(exportId, { name: 'collect-accounts', errorType: 'ServiceUnavailable', times: 1 });
    const accepted = await post();
    expect([accepted.status, accepted.headers.get('x-correlation-id')]).toEqual([202, correlationId]);
    expect((await api.ended(exportId)).body['status']).toBe('completed');
    await logged('complete-export', 'Step completed.', exportId);

    const own = linesOf(exportId).filter(({ service }) => service !== 'get-export-status');
    expect(new Set(own.map(({ service }) => service))).toEqual(new Set(FUNCTIONS_OF_AN_EXPORT));
    // What a step is told by its input it has to read: BeginExport's first line comes before that.
    const [, ...informed] = own.filter(({ service }) => service === 'begin-export');
    const others = own.filter(({ service }) => service !== 'begin-export');
    for (const line of [...informed, ...others]) {
      expect(line).toMatchObject({ correlationId, userIdHash: hashedUserId(userId) });
    }
    const starts = own.filter(({ message }) => message === 'Step started.');
    expect(new Set(starts.map(({ attemptId }) => attemptId)).size).toBe(starts.length);

    const events = await eventsOf(exportId);
    expect(events.map((event) => event['detail-type']).sort()).toEqual([
      'export.completed',
      'export.initiated',
    ]);
    for (const { detail } of events) expect(detail.correlationId).toBe(correlationId);
  });

  it('is the same id where an execution was stopped from outside', async () => {
    const { userId, api, correlationId, exportId, post } = await aRequest();
    const holding = Promise.withResolvers<undefined>();
    held.set(exportId, holding);
    await post();
    await api.until(exportId, ['processing']);
    await system.clients.sfn.send(new StopExecutionCommand({ executionArn: executionArn(exportId) }));
    holding.resolve(undefined);
    expect((await api.ended(exportId)).body).toMatchObject({
      status: 'failed',
      errorCode: 'ExecutionAborted',
    });
    await logged('fail-export', 'Step completed.', exportId);
    const told = linesOf(exportId).filter(({ service }) => service === 'fail-export');
    expect(told.length).toBeGreaterThanOrEqual(3);
    for (const line of told.slice(1)) {
      expect(line).toMatchObject({ correlationId, userIdHash: hashedUserId(userId) });
    }
  });

  it('is measured: what was started, completed, failed and downloaded, and of nobody in particular', async () => {
    const [good, bad] = [await aRequest(), await aRequest()];
    const before = metricLines().length;
    faults.set(bad.exportId, { name: 'collect-accounts', errorType: 'AccessRefused', times: 1 });
    for (const { post, api, exportId } of [good, bad]) {
      await post();
      await api.ended(exportId);
    }
    await good.api.call('GET', `/export/${good.exportId}/download`);
    await logged('complete-export', 'Step completed.', good.exportId);
    await logged('fail-export', 'Step completed.', bad.exportId);
    await logged('download-export', 'Request answered.', good.exportId);

    const measured = metricLines().slice(before);
    const valuesOf = (measure: string) => measured.flatMap((line) => line[measure] ?? []);
    expect(valuesOf('ExportsStarted')).toEqual([1, 1]);
    expect(valuesOf('ExportsCompleted')).toEqual([1]);
    expect(valuesOf('ExportsFailed')).toEqual([1]);
    expect(valuesOf('Downloads')).toEqual([1]);
    expect(valuesOf('StuckExports')).toEqual([]);
    const { body } = await good.api.status(good.exportId);
    const completed = measured.find((line) => 'ExportsCompleted' in line);
    const [completedAt, requestedAt] = [body['completedAt'], body['requestedAt']].map((time) =>
      Date.parse(String(time)),
    );
    expect(completed).toMatchObject({
      ...{ PackageSize: body['packageSize'], ExportsPartial: 0, MissingFiles: 0, RecordsExported: 5 },
      ExportDuration: (completedAt ?? 0) - (requestedAt ?? 0),
    });
    expect(valuesOf('TimeToStart')).toHaveLength(2);
    expect(measured.find((line) => 'ExportsFailed' in line)).toMatchObject({
      ...{ code: 'AccessRefused', category: 'refused', environment: 'local' },
    });
    const text = JSON.stringify(measured);
    for (const { userId, exportId, correlationId } of [good, bad]) {
      for (const one of [userId, exportId, correlationId, hashedUserId(userId)])
        expect(text).not.toContain(one);
    }
  });
});
