import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { LambdaFunctionError } from '../../infra/local/lambda/lambda-function-error.ts';
import { API_FUNCTIONS, type ApiFunction } from '../../shared/lambda/functions.ts';
import { ContractedApi, type ContractAnswer, type ContractCall } from '../support/contracted-api.ts';
import { awsJsonError } from '../support/fault-proxy.ts';
import { startSystemBehindProxies, type SystemBehindProxies } from '../support/system-behind-proxies.ts';

const OPERATIONS = (Object.keys(API_FUNCTIONS) as ApiFunction[]).map((name) => [name] as const);
const OF_ONE_EXPORT = [['get-export-status'], ['download-export'], ['delete-export']] as const;
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * AWS's gateway answers 429 on every route to whoever asks too often (see infra/aws/constructs/export-api.ts). The one on
 * this machine does not throttle; its 429 is the service's own, of whom too many exports are asked.
 */
const ONLY_ON_AWS = OPERATIONS.map(([name]) => name)
  .filter((name) => name !== 'start-export')
  .map((name) => `${name} 429`);

describe('every answer of the HTTP API', () => {
  let running: SystemBehindProxies;
  let api: ContractedApi;
  /** Fails invocations while it is set, as Lambda would. */
  let failure: string | undefined;
  /** While it is set, exports are accepted but do not begin. */
  let held: PromiseWithResolvers<undefined> | undefined;
  let clockOffset = 0;

  beforeAll(async () => {
    running = await startSystemBehindProxies({
      scopes: ['export'],
      clockOffset: () => clockOffset,
      invocationHook: {
        beforeInvoke: async (name) => {
          if (name === 'begin-export') await held?.promise;
          if (failure !== undefined && name in API_FUNCTIONS) {
            throw new LambdaFunctionError({ errorType: failure, errorMessage: 'Of the test.' });
          }
        },
      },
    });
    api = new ContractedApi(running.system.apiUrl);
  });
  afterAll(() => running.end());
  afterEach(async () => {
    failure = undefined;
    clockOffset = 0;
    held?.resolve(undefined);
    held = undefined;
    running.proxies.dynamodb.reset();
    // What has begun is done before the next test lets something fail.
    while (running.system.functions.runningInvocations().length > 0) await delay(20);
  });

  /** A user of whom the service knows nothing, who asks the API and is answered as documented. */
  const newUser = async (claims: Readonly<Record<string, unknown>> = {}) => {
    const token = await running.system.issueToken(`user-${randomUUID()}`, { claims });
    return (name: ApiFunction, { headers, ...call }: ContractCall = {}): Promise<ContractAnswer> =>
      api.call(name, { ...call, headers: { ...headers, authorization: `Bearer ${token}` } });
  };
  type User = Awaited<ReturnType<typeof newUser>>;

  const post = (body: object): ContractCall => ({
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  const start = async (user: User, body: object = {}): Promise<string> => {
    const answer = await user('start-export', post(body));
    expect(answer.status).toBe(202);
    return (JSON.parse(answer.text) as { exportId: string }).exportId;
  };
  const ended = async (user: User, exportId: string): Promise<ContractAnswer> => {
    for (;;) {
      const answer = await user('get-export-status', { exportId });
      if (!answer.headers.has('retry-after')) return answer;
      await delay(50);
    }
  };
  const failingCall = { exportId: UNKNOWN_ID };
  const expectType = ({ headers }: ContractAnswer, type: 'application/problem+json' | 'application/json') =>
    expect(headers.get('content-type')).toBe(type);

  it('to an export from its start to its end is as documented', async () => {
    const user = await newUser();
    const exportId = await start(user, { description: 'For the tax office', includeAnalytics: true });
    const status = await ended(user, exportId);
    expect(JSON.parse(status.text)).toMatchObject({ status: 'completed', exportId });
    const ifNoneMatch = { 'if-none-match': status.headers.get('etag') ?? '' };
    expect((await user('get-export-status', { exportId, headers: ifNoneMatch })).status).toBe(304);
    const json = { accept: 'application/json' };
    expect((await user('download-export', { exportId, headers: json })).status).toBe(200);
    expect((await user('download-export', { exportId })).status).toBe(302);
    await start(user, { exportType: 'accounts_only' });
    const page = JSON.parse((await user('list-exports', { query: '?limit=1' })).text) as {
      nextToken: string;
    };
    expect((await user('list-exports', { query: `?nextToken=${page.nextToken}` })).status).toBe(200);
    expect((await user('preview-export', { query: '?exportType=selective' })).status).toBe(200);
    expect((await user('delete-export', { exportId })).status).toBe(204);
  });

  it('to one that has not begun, and to one too many, is as documented', async () => {
    held = Promise.withResolvers();
    const user = await newUser();
    const [exportId] = [await start(user), await start(user)];
    const refused = await user('start-export');
    expect(refused.status).toBe(429);
    expectType(refused, 'application/problem+json');
    expect((await user('get-export-status', { exportId })).headers.get('retry-after')).toBe('2');
    expect((await user('download-export', { exportId })).status).toBe(409);
    expect((await user('delete-export', { exportId })).status).toBe(202);
    expect((await user('get-export-status', { exportId })).status).toBe(200);
  });

  it('to the download of an expired export is as documented', async () => {
    const user = await newUser();
    const exportId = await start(user);
    await ended(user, exportId);
    clockOffset = 2 * DAY_MS;
    expect((await user('download-export', { exportId })).status).toBe(410);
    expect(JSON.parse((await user('get-export-status', { exportId })).text)).toMatchObject({
      status: 'expired',
    });
  });

  it('to a request that starts no export is as documented', async () => {
    const user = await newUser();
    const type = { 'content-type': 'application/json' };
    expect((await user('start-export', post({ exportType: 'all', colour: 1 }))).status).toBe(400);
    expect(
      (await user('start-export', { body: 'a=1', headers: { 'content-type': 'text/plain' } })).status,
    ).toBe(415);
    const large = await user('start-export', { body: `"${'x'.repeat(200_000)}"`, headers: type });
    expect(large.status).toBe(413);
    expectType(large, 'application/problem+json');
    const enormous = await user('start-export', { body: `"${'x'.repeat(7_000_000)}"`, headers: type });
    expect(enormous.status).toBe(413);
    expectType(enormous, 'application/json');
    const first = { body: '{}', headers: { ...type, 'idempotency-key': randomUUID() } };
    expect((await user('start-export', first)).status).toBe(202);
    const other = { body: '{"includeAnalytics":true}', headers: first.headers };
    expect((await user('start-export', other)).status).toBe(422);
  });

  it('to a query that is none is as documented', async () => {
    const user = await newUser();
    expect((await user('preview-export', { query: '?exportType=all' })).status).toBe(400);
    expect((await user('list-exports', { query: '?limit=0' })).status).toBe(400);
  });

  it.each(OF_ONE_EXPORT)('to %s of what is no export is as documented', async (name) => {
    const user = await newUser();
    expect((await user(name, { exportId: UNKNOWN_ID })).status).toBe(404);
    const malformed = await user(name, { exportId: '%zz' });
    expect(malformed.status).toBe(400);
    expectType(malformed, 'application/json');
  });

  it.each(OPERATIONS)('to %s by somebody who may not is as documented', async (name) => {
    const call = { exportId: UNKNOWN_ID };
    const anonymous = await api.call(name, call);
    expect(anonymous.status).toBe(401);
    expectType(anonymous, 'application/json');
    const withIdToken = await newUser({ token_use: 'id' });
    const refused = await withIdToken(name, call);
    expect(refused.status).toBe(401);
    expectType(refused, 'application/problem+json');
    const withoutScope = await newUser({ scope: 'profile' });
    expect((await withoutScope(name, call)).status).toBe(403);
  });

  it.each([
    ['AccessDeniedException', 500],
    ['ThrottlingException', 503],
  ] as const)('is as documented when a table answers with %s', async (type, status) => {
    const user = await newUser();
    running.proxies.dynamodb.faultOf = () => awsJsonError(type);
    const answers = await Promise.all(OPERATIONS.map(([name]) => user(name, failingCall)));
    for (const answer of answers) {
      expect(answer.status).toBe(status);
      expectType(answer, 'application/problem+json');
    }
  });

  it.each([
    ['Runtime.ExitError', 500],
    ['TooManyRequestsException', 503],
  ] as const)('is as documented when its function ends with %s', async (type, status) => {
    const user = await newUser();
    failure = type;
    for (const [name] of OPERATIONS) {
      const answer = await user(name, failingCall);
      expect(answer.status).toBe(status);
      expectType(answer, 'application/json');
    }
  });

  // After all tests, in whatever order they come.
  afterAll(() => {
    const onThisMachine = [...api.documented].filter((answer) => !ONLY_ON_AWS.includes(answer));
    expect([...api.seen].sort()).toEqual(onThisMachine.sort());
  });
});
