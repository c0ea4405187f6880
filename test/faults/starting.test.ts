import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { LambdaFunctionError } from '../../infra/local/lambda/lambda-runner.ts';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { FaultWorld } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

const times = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, make));

describe('starting an export', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  it('row 1: of 50 requests at once with one Idempotency-Key makes one export', async () => {
    const { api } = await world.aUser();
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await times(50, () => api.call('POST', '/export', { headers }));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(new Set(answers.map(({ body }) => body['exportId'])).size).toBe(1);
    const exportId = String(answers[0]?.body['exportId']);
    expect((await api.ended(exportId)).body['status']).toBe('completed');
    expect((await world.executions()).filter((name) => name === exportId)).toHaveLength(1);
    await expectInvariants(world);
  });

  it('row 2: refuses another body under the same key, and writes nothing', async () => {
    const { api } = await world.aUser();
    const headers = { 'idempotency-key': randomUUID() };
    const exportId = await api.start({ includeAnalytics: true }, headers);
    await api.ended(exportId);
    const before = await world.row(exportId);
    const answer = await api.call('POST', '/export', { body: { includeAnalytics: false }, headers });
    expect(answer.status).toBe(422);
    expect(await world.row(exportId)).toEqual(before);
    await expectInvariants(world);
  });

  it.each([
    ['before it is asked to', false],
    ['when it was asked, and answered', true],
  ])('row 3: runs once when its request dies %s', async (_, asked) => {
    const { api, userId } = await world.aUser();
    const key = randomUUID();
    const exportId = nameBasedUuid('export', userId, key);
    let died = false;
    world.strike('stepfunctions', ({ headers }) => {
      if (died || !String(headers['x-amz-target']).endsWith('StartExecution')) return undefined;
      died = true;
      world.system.functions.killRunning('start-export');
      return asked ? 'lose-answer' : 'reset';
    });
    const answer = await api.call('POST', '/export', { headers: { 'idempotency-key': key } });
    expect([died, answer.status >= 500]).toEqual([true, true]);
    await expectInvariants(world);
    expect((await world.row(exportId))?.status).toBe('completed');
  });

  it('row 4: accepts two of ten requests at once where two may be active', async () => {
    const { api } = await world.aUser();
    const held = Promise.withResolvers<undefined>();
    world.hook = { beforeInvoke: (name) => (name === 'begin-export' ? held.promise : Promise.resolve()) };
    const answers = await times(10, () => api.call('POST', '/export'));
    held.resolve(undefined);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 202, ...Array<number>(8).fill(429)]);
    await expectInvariants(world);
  });

  it('row 11: lasts through a burst of refusals for too many requests', async () => {
    const { api } = await world.aUser();
    const refused = new Map<string, number>();
    world.hook = {
      beforeInvoke: (name) => {
        const count = refused.get(name) ?? 0;
        if (!name.startsWith('collect-') || count === 5) return Promise.resolve();
        refused.set(name, count + 1);
        return Promise.reject(
          new LambdaFunctionError({ errorType: 'TooManyRequestsException', errorMessage: 'Rate exceeded.' }),
        );
      },
    };
    const exportId = await api.start();
    expect((await api.ended(exportId)).body['status']).toBe('completed');
    expect(refused.size).toBeGreaterThanOrEqual(5);
    await expectInvariants(world);
  });
});
