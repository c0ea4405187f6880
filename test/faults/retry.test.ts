import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ExportApi } from '../support/export-api.ts';
import { awsJsonError } from '../support/fault-proxy.ts';
import { FaultWorld } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

const COMMAND = fileURLToPath(new URL('../../infra/local/commands/retry.ts', import.meta.url));

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('npm run retry', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(async () => {
    try {
      await expectInvariants(world);
    } finally {
      await world.end();
    }
  });
  afterEach(() => world.calm());

  const retry = (...args: readonly string[]): Promise<Outcome> => {
    const { stepfunctions, dynamodb } = world.system.endpoints;
    const env = {
      PATH: process.env['PATH'],
      LOCAL_DATA_DIR: world.system.settings.dataDir,
      AWS_ENDPOINT_URL_SFN: stepfunctions,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    };
    const parameters = ['--disable-warning=ExperimentalWarning', COMMAND, ...args];
    return new Promise((resolve) => {
      execFile(process.execPath, parameters, { env }, (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  };

  const retriedId = ({ stdout }: Outcome): string => /^Export (\S+) retries /.exec(stdout)?.[1] ?? '';

  /** An export that has failed because its accounts may not be read, which they may afterwards. */
  const failedExport = async (api: ExportApi, body: object = {}): Promise<string> => {
    const { ACCOUNTS_TABLE } = world.system.settings.tables;
    world.strike('dynamodb', ({ headers, body: request }) =>
      String(headers['x-amz-target']).endsWith('.Query') && request.includes(ACCOUNTS_TABLE)
        ? awsJsonError('AccessDeniedException')
        : undefined,
    );
    const exportId = await api.start(body);
    const { body: status } = await api.ended(exportId);
    expect(status).toMatchObject({ status: 'failed', errorCode: 'AccessRefused' });
    await world.quiet();
    world.calm();
    return exportId;
  };

  it('completes what has failed, as a new export that its user finds', async () => {
    const { api } = await world.aUser();
    const failedId = await failedExport(api, { includeAnalytics: true });
    const outcome = await retry(failedId);
    const exportId = retriedId(outcome);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).toContain(`retries ${failedId}; its status is initiated.\n`);
    expect((await api.ended(exportId)).body).toMatchObject({
      status: 'completed',
      retryOf: failedId,
      includeAnalytics: true,
      completeness: 'complete',
    });
    const { exports } = (await api.call('GET', '/export')).body as { exports: Record<string, unknown>[] };
    expect(exports).toMatchObject([
      { exportId, status: 'completed', retryOf: failedId },
      { exportId: failedId, status: 'failed', retryOf: null },
    ]);
    await world.quiet();
    const [failed] = (await world.events(failedId)).filter(
      (event) => event['detail-type'] === 'export.failed',
    );
    const [initiated] = (await world.events(exportId)).filter(
      (event) => event['detail-type'] === 'export.initiated',
    );
    expect(initiated?.detail).toMatchObject({
      causationId: failed?.detail.eventId,
      correlationId: failed?.detail['correlationId'],
      data: { exportId, retryOf: failedId },
    });
  });

  it('asks for the same again: filters, format and all', async () => {
    const { api } = await world.aUser();
    const failedId = await failedExport(api, {
      exportType: 'selective',
      includeCsv: true,
      description: 'für 2026',
      dateRangeEnd: Date.UTC(2026, 0, 10),
    });
    const exportId = retriedId(await retry(failedId));
    const { body } = await api.ended(exportId);
    expect(body).toMatchObject({ status: 'completed', exportType: 'selective', description: 'für 2026' });
    const [row, failedRow] = [await world.row(exportId), await world.row(failedId)];
    expect(row?.['parameters']).toEqual(failedRow?.['parameters']);
    const { transactions } = body['counts'] as { transactions: { included: number } };
    expect(transactions.included).toBeGreaterThan(0);
    expect(transactions.included).toBeLessThan(40);
    // The invariants are about packages that hold all there is.
    await api.deleted(exportId);
  });

  it('starts one export when two operators type it at once, and tells both which', async () => {
    const { api } = await world.aUser();
    const failedId = await failedExport(api);
    const outcomes = await Promise.all([retry(failedId), retry(failedId)]);
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    const [exportId, other] = outcomes.map(retriedId);
    expect(other).toBe(exportId);
    await api.ended(exportId ?? '');
    expect((await world.rows()).filter((row) => row['retryOf'] === failedId)).toHaveLength(1);
    expect((await world.executions()).filter((name) => name === exportId)).toHaveLength(1);
    expect((await retry(failedId)).stdout).toContain(
      `Export ${exportId ?? ''} retries ${failedId}; its status is completed.`,
    );
  });

  it('refuses with 2 and a sentence what has not failed', async () => {
    const { api } = await world.aUser();
    const held = Promise.withResolvers<undefined>();
    world.hook = { beforeInvoke: (name) => (name === 'begin-export' ? held.promise : Promise.resolve()) };
    const exportId = await api.start();
    const refusal = async (id: string): Promise<string> => {
      const { exitCode, stdout, stderr } = await retry(id);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      return stderr;
    };
    expect(await refusal(exportId)).toMatch(/^error: Only a failed export .* is still running\./);
    held.resolve(undefined);
    await api.ended(exportId);
    expect(await refusal(exportId)).toMatch(/^error: Only a failed export .* has completed: /);
    expect((await api.deleted(exportId)).status).toBe(204);
    expect(await refusal(exportId)).toMatch(/^error: Only a failed export .* was deleted by its user\./);
    expect(await refusal('00000000-0000-4000-8000-000000000000')).toMatch(/^error: There is no export /);
    expect((await world.rows()).filter((row) => row['retryOf'] === exportId)).toEqual([]);
  });

  it('leaves a user the places they may have, and works when one is free', async () => {
    const { api } = await world.aUser();
    const failedId = await failedExport(api);
    const held = Promise.withResolvers<undefined>();
    world.hook = { beforeInvoke: (name) => (name === 'begin-export' ? held.promise : Promise.resolve()) };
    const running = [await api.start(), await api.start()];
    expect(await retry(failedId)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: At most 2 exports can be active at a time\./) as unknown,
    });
    held.resolve(undefined);
    for (const exportId of running) await api.ended(exportId);
    const outcome = await retry(failedId, '--active-cap', '1');
    expect(outcome.exitCode).toBe(0);
    expect((await api.ended(retriedId(outcome))).body['status']).toBe('completed');
  });
});
