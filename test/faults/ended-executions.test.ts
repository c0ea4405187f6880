import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { randomUUID } from 'node:crypto';
import { LambdaFunctionError } from '../../infra/local/lambda/lambda-runner.ts';
import { RUN_CHECK_MS } from '../../shared/domain/export-job.ts';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { executionArn } from '../support/exported-household.ts';
import { FaultWorld, type WorldUser } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

/** Short enough not to be waited for, and longer than it takes until nothing can hold back a collector. */
const WORKFLOW_SECONDS = 2;

const forbidden = (errorMessage: string) =>
  Promise.reject(new LambdaFunctionError({ errorType: 'Disabled', errorMessage }));

/** A function that waits from when it is reached until the test lets it go on. */
const heldAt = (world: FaultWorld, functionName: string) => {
  const [reached, open] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  world.hook = {
    ...world.hook,
    beforeInvoke: (name) => {
      if (name !== functionName) return Promise.resolve();
      reached.resolve(undefined);
      return open.promise;
    },
  };
  return { reached: reached.promise, goOn: () => open.resolve(undefined) };
};

/** All of a user's places are free: as many exports as may be active can be started at once. */
const expectFreePlaces = async ({ api }: WorldUser): Promise<void> => {
  const started = await Promise.all([api.start(), api.start()]);
  for (const exportId of started) expect((await api.ended(exportId)).body['status']).toBe('completed');
};

describe('an execution that ends where no step can catch it', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  const stop = (exportId: string) =>
    world.system.clients.sfn.send(new StopExecutionCommand({ executionArn: executionArn(exportId) }));

  const eventsOf = async (exportId: string): Promise<string[]> =>
    (await world.events(exportId)).map((event) => event['detail-type']);

  it('row 28: aborted by an operator fails its export, tells it and frees its place', async () => {
    const user = await world.aUser();
    const held = heldAt(world, 'collect-accounts');
    const exportId = await user.api.start();
    await held.reached;
    await stop(exportId);
    expect((await user.api.ended(exportId)).body).toMatchObject({
      status: 'failed',
      errorCode: 'ExecutionAborted',
      errorCategory: 'interrupted',
      retryable: true,
      error: expect.stringMatching(/stopped by our operators/),
    });
    held.goOn();
    world.calm();
    await world.quiet();
    expect(await eventsOf(exportId)).toContain('export.failed');
    await expectFreePlaces(user);
    await expectInvariants(world);
  });

  it('row 28: aborted, and nobody is told: the sweeper fails its export', async () => {
    const user = await world.aUser();
    const held = heldAt(world, 'collect-accounts');
    const exportId = await user.api.start();
    await held.reached;
    let untold = 0;
    world.hook = {
      beforeInvoke: (name) => {
        if (name !== 'fail-export') return Promise.resolve();
        untold += 1;
        return forbidden('Nobody is told.');
      },
    };
    await stop(exportId);
    held.goOn();
    await world.quiet();
    expect((await user.api.status(exportId)).body['status']).toBe('processing');
    expect(untold).toBeGreaterThan(0);
    world.pass(RUN_CHECK_MS);
    await world.sweep();
    expect((await user.api.status(exportId)).body).toMatchObject({ errorCode: 'ExecutionAborted' });
    expect(await eventsOf(exportId)).toContain('export.failed');
    world.calm();
    await expectFreePlaces(user);
    await expectInvariants(world);
  });

  it('row 28: refuses a key whose export was deleted, and starts nothing', async () => {
    const { api } = await world.aUser();
    const headers = { 'idempotency-key': randomUUID() };
    const exportId = await api.start({}, headers);
    await api.ended(exportId);
    await world.quiet();
    const executions = (await world.executions()).length;
    expect((await api.deleted(exportId)).status).toBe(204);
    for (const body of [{}, { includeAnalytics: false }]) {
      const answer = await api.call('POST', '/export', { body, headers });
      expect([answer.status, answer.body['code']]).toEqual([422, 'IdempotencyKeySpent']);
    }
    expect(await world.executions()).toHaveLength(executions);
    expect((await world.row(exportId))?.status).toBe('deleted');
    await expectInvariants(world);
  });

  it.each([
    ['ended in vain: its export is failed', true],
    ['still runs: the answer is the same, and nothing changes', false],
  ])('row 28: a name that is started again is decided by DescribeExecution; it %s', async (_, inVain) => {
    const user = await world.aUser();
    const key = randomUUID();
    const exportId = nameBasedUuid('export', user.userId, key);
    const held = heldAt(world, 'begin-export');
    const asked: string[] = [];
    world.strike('stepfunctions', ({ headers }) => {
      asked.push(String(headers['x-amz-target']).split('.')[1] ?? '');
      return undefined;
    });
    await user.api.start({}, { 'idempotency-key': key });
    await held.reached;
    if (inVain) {
      world.hook = {
        beforeInvoke: (name) => (name === 'fail-export' ? forbidden('Nobody is told.') : Promise.resolve()),
      };
      await stop(exportId);
    }
    asked.length = 0;
    const again = await user.api.call('POST', '/export', { headers: { 'idempotency-key': key } });
    expect([again.status, again.body['exportId']]).toEqual([202, exportId]);
    expect(asked).toEqual(inVain ? ['StartExecution', 'DescribeExecution'] : ['StartExecution']);
    expect((await world.row(exportId))?.status).toBe(inVain ? 'failed' : 'initiated');
    held.goOn();
    await world.quiet();
    world.calm();
    expect((await user.api.ended(exportId)).body).toMatchObject(
      inVain ? { status: 'failed', errorCode: 'ExecutionNotStarted' } : { status: 'completed' },
    );
    expect((await world.executions()).filter((name) => name === exportId)).toHaveLength(1);
    await expectFreePlaces(user);
    await expectInvariants(world);
  });
});

describe('an execution that takes longer than it may', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start({ workflowSeconds: WORKFLOW_SECONDS });
  });
  afterAll(() => world.end());

  it('row 28: timed out fails its export, tells it and frees its place', async () => {
    const { api } = await world.aUser();
    const held = heldAt(world, 'collect-accounts');
    const exportId = await api.start();
    expect((await api.ended(exportId)).body).toMatchObject({
      status: 'failed',
      errorCode: 'States.Timeout',
      errorCategory: 'time',
      error: expect.stringMatching(/longer than it may/),
    });
    held.goOn();
    world.calm();
    await world.quiet();
    const types = (await world.events(exportId)).map((event) => event['detail-type']);
    expect(types).toContain('export.failed');
    const started = await Promise.all([api.start(), api.start()]);
    for (const id of started) await api.ended(id);
    await expectInvariants(world);
  });
});
