import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { interimPrefix, packagePrefix } from '../../shared/domain/package-layout.ts';
import { bucketContents, NOTHING } from '../support/bucket-contents.ts';
import { executionArn, PATIENCE_SECONDS } from '../support/exported-household.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { EVERYTHING_WANTED } from './export-outcome.ts';
import { FaultWorld, type WorldUser } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

/** What a piece asks of S3 while its execution is stopped. */
interface LateRequest {
  readonly method: string;
  readonly url: RegExp;
}

const REPORT: LateRequest = { method: 'PUT', url: /\/segments\/.*\.json\?/ };

const LATE_REQUESTS: readonly (readonly [string, LateRequest])[] = [
  ['writes a section', { method: 'PUT', url: /\/interim\/.*\/transactions\/[^/.]*\.json\?/ }],
  ['writes a segment', { method: 'PUT', url: /\/segments\/.*\.zip\?/ }],
  ['writes its report', REPORT],
  ['begins to join', { method: 'POST', url: /\/packages\/.*\?uploads/ }],
  ['ends its upload', { method: 'POST', url: /\/packages\/.*\?uploadId=/ }],
];

jest.setTimeout(PATIENCE_SECONDS * 1000);

describe('a piece that ends after the execution of its export was stopped', () => {
  let world: FaultWorld;
  let user: WorldUser;

  beforeAll(async () => {
    world = await FaultWorld.start({ variables: { SEGMENT_ENTRIES: '6' } });
    user = await world.aUser();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  /** An export that has failed while a request of one of its pieces is on its way to S3. */
  const stoppedDuring = async ({ method, url }: LateRequest) => {
    const reached = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<Fault>();
    let held = false;
    world.strike('s3', (request) => {
      if (held || request.method !== method || !url.test(request.path)) return undefined;
      held = true;
      reached.resolve(undefined);
      return goOn.promise;
    });
    const exportId = await user.api.start(EVERYTHING_WANTED);
    await reached.promise;
    await world.system.clients.sfn.send(new StopExecutionCommand({ executionArn: executionArn(exportId) }));
    const { body } = await user.api.ended(exportId);
    expect(body).toMatchObject({ status: 'failed', errorCode: 'ExecutionAborted' });
    return { exportId, goOn: (fault: Fault) => goOn.resolve(fault) };
  };

  const stored = async (exportId: string) => {
    const { clients, settings } = world.system;
    const contents = (prefix: string) => bucketContents(clients.s3, settings.packagesBucket, prefix);
    return [
      await contents(interimPrefix(user.userId, exportId)),
      await contents(packagePrefix(user.userId, exportId)),
    ];
  };

  it.each(LATE_REQUESTS)('row 10: leaves nothing when it %s', async (_, late) => {
    const { exportId, goOn } = await stoppedDuring(late);
    goOn(undefined);
    await world.quiet();
    expect(await stored(exportId)).toEqual([NOTHING, NOTHING]);
    await expectInvariants(world);
    expect((await world.row(exportId))?.status).toBe('failed');
  });

  it('row 10: leaves nothing when it dies behind its last request, for the sweeper looks once more', async () => {
    const { exportId, goOn } = await stoppedDuring(REPORT);
    world.system.functions.killRunning('package-segment');
    goOn(undefined);
    // S3 still does what the dead one has asked of it.
    while ((await stored(exportId))[0]?.keys.length === 0) await delay(20);
    await expectInvariants(world);
    expect((await world.row(exportId))?.status).toBe('failed');
  });
});
