import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { randomUUID } from 'node:crypto';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { bucketContents, NOTHING } from '../support/bucket-contents.ts';
import { ExportApi } from '../support/export-api.ts';
import { executionArn, settled } from '../support/exported-household.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';

/** No packager can do its work in this time, so that each is killed. */
const HOPELESS_SECONDS = 0.001;

describe('an export that ends where no step can catch it', () => {
  const begun = Promise.withResolvers<undefined>();
  const goOn = Promise.withResolvers<undefined>();
  let system: RunningSystem;

  beforeAll(async () => {
    system = await startRunningSystem({
      timeoutSeconds: (name) => (name === 'package-export' ? HOPELESS_SECONDS : undefined),
      invocationHook: {
        beforeInvoke: async (name) => {
          if (name !== 'collect-accounts') return;
          begun.resolve(undefined);
          await goOn.promise;
        },
      },
    });
  });
  afterAll(() => system.end());

  it('is failed when an operator stops its execution, and when a function is killed at its timeout', async () => {
    const api = new ExportApi(system.apiUrl, await system.issueToken('user-1'));
    const key = randomUUID();
    const stopped = await api.start({}, { 'idempotency-key': key });
    expect(stopped).toBe(nameBasedUuid('export', 'user-1', key));
    await begun.promise;
    await system.clients.sfn.send(
      new StopExecutionCommand({
        executionArn: executionArn(stopped),
      }),
    );
    expect((await api.ended(stopped)).body).toMatchObject({
      status: 'failed',
      errorCode: 'ExecutionAborted',
    });
    goOn.resolve(undefined);

    const killed = await api.start();
    expect((await api.ended(killed)).body).toMatchObject({
      status: 'failed',
      errorCode: 'Sandbox.Timedout',
      error: expect.stringMatching(/longer than it may/),
    });

    // Both have given their places back: two more can be active.
    expect(await Promise.all([api.start(), api.start()])).toHaveLength(2);
    const { exports } = (await api.call('GET', '/export')).body as { exports: { exportId: string }[] };
    for (const { exportId } of exports) {
      await api.ended(exportId);
      await settled(system, exportId);
    }
    expect(await bucketContents(system.clients.s3, system.settings.packagesBucket)).toEqual(NOTHING);
  });
});
