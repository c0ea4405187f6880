import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { exportSPKI, importJWK, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startApiGateway } from '../../infra/local/api-gateway/api-gateway.ts';
import { createTokenIssuer, type TokenIssuer } from '../../infra/local/api-gateway/token-issuer.ts';
import { LambdaFunctionError } from '../../infra/local/lambda/lambda-runner.ts';
import type { LocalServer } from '../../infra/local/local-server.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;

const ISSUER = 'https://issuer.test';
const AUDIENCE = 'export-client';
const MEBIBYTE = 1024 * 1024;
const TIMERS = [
  ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
];

const routes = [
  { method: 'GET', path: '/export/{exportId}', functionName: 'by-id' },
  { method: 'GET', path: '/export/preview', functionName: 'preview' },
  { method: 'POST', path: '/export', functionName: 'start' },
  { method: 'GET', path: '/export', functionName: 'list' },
  { method: 'GET', path: '/export/{exportId}/status', functionName: 'status' },
  { method: 'DELETE', path: '/export/{exportId}', functionName: 'delete' },
  { method: 'GET', path: '/admin', functionName: 'admin', scopes: ['admin', 'root'] },
];

let folder: string;
let tokens: TokenIssuer;
let gateway: LocalServer;
let token: string;
let calls: { functionName: string; event: Event }[] = [];
let answer: (functionName: string, event: Event) => unknown;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-gateway-'));
  tokens = await createTokenIssuer({ dataDir: folder, issuer: ISSUER, audience: AUDIENCE });
  token = await tokens.issueToken('user-1');
  gateway = await startApiGateway({
    port: 0,
    routes,
    issuer: tokens,
    integrationTimeoutMs: 300,
    invokeFunction: (functionName, event) => {
      calls.push({ functionName, event: event as Event });
      return Promise.resolve(event).then(() => answer(functionName, event as Event));
    },
  });
});
afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  calls = [];
  answer = () => ({ statusCode: 200, body: 'ok' });
});

const call = (path: string, init: RequestInit = {}) =>
  fetch(gateway.url + path, {
    redirect: 'manual',
    ...init,
    headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
  });

const theEvent = (): Event => {
  expect(calls).toHaveLength(1);
  const [only] = calls;
  if (!only) throw new Error('No function was called.');
  return only.event;
};

describe('routing', () => {
  it.each([
    ['GET', '/export', 'list'],
    ['POST', '/export', 'start'],
    ['GET', '/export/preview', 'preview'],
    ['GET', '/export/previews', 'by-id'],
    ['GET', '/export/abc/status', 'status'],
    ['DELETE', '/export/preview', 'delete'],
  ])('takes %s %s to %s', async (method, path, functionName) => {
    expect((await call(path, { method })).status).toBe(200);
    expect(calls.map((invocation) => invocation.functionName)).toEqual([functionName]);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/exports'],
    ['GET', '/export/'],
    ['GET', '/export//status'],
    ['GET', '/export/a/status/b'],
    ['PUT', '/export'],
    ['HEAD', '/export'],
    ['POST', '/export/preview'],
  ])('knows no %s %s, whoever asks', async (method, path) => {
    for (const authorization of [`Bearer ${token}`, '']) {
      const response = await call(path, { method, headers: { authorization } });
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.text()).toBe(method === 'HEAD' ? '' : '{"message":"Not Found"}');
    }
    expect(calls).toEqual([]);
  });

  it('refuses a path that is not percent-encoded properly', async () => {
    const response = await call('/export/%zz/status');
    expect([response.status, await response.json()]).toEqual([400, { message: 'Bad Request' }]);
  });

  it('refuses a kind of route it does not have', async () => {
    const start = async () =>
      startApiGateway({
        port: 0,
        routes: [{ method: 'GET', path: '/{proxy+}', functionName: 'all' }],
        issuer: tokens,
        invokeFunction: () => Promise.resolve(),
      });
    await expect(start()).rejects.toThrow('does not support the route GET /{proxy+}');
  });
});

describe('the event', () => {
  it('is of payload format 2.0', async () => {
    const before = Date.now();
    await call('/export/a%20b%2Fc%C3%BC/status?limit=5&tag=a&tag=b%2C1&empty=', {
      headers: { 'X-Custom': 'one', accept: 'application/json', 'user-agent': 'test', cookie: 'a=1; b=two' },
    });
    const event = theEvent();
    const port = new URL(gateway.url).port;
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'GET /export/{exportId}/status',
      rawPath: '/export/a b/cü/status',
      rawQueryString: 'limit=5&tag=a&tag=b%2C1&empty=',
      cookies: ['a=1', 'b=two'],
      headers: expect.objectContaining({
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        host: `127.0.0.1:${port}`,
        'x-custom': 'one',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': port,
        'x-forwarded-proto': 'http',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      }),
      queryStringParameters: { limit: '5', tag: 'a,b,1', empty: '' },
      pathParameters: { exportId: 'a b/cü' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        authorizer: { jwt: { claims: expect.objectContaining({ sub: 'user-1' }), scopes: null } },
        domainName: `127.0.0.1:${port}`,
        domainPrefix: '127',
        http: {
          method: 'GET',
          path: '/export/a b/cü/status',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'test',
        },
        requestId: expect.any(String),
        routeKey: 'GET /export/{exportId}/status',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event.requestContext.timeEpoch).toBeGreaterThanOrEqual(before);
  });

  it('leaves out what the request does not have', async () => {
    await call('/export');
    for (const absent of ['cookies', 'queryStringParameters', 'pathParameters', 'body']) {
      expect(theEvent()).not.toHaveProperty(absent);
    }
  });

  it('joins repeated headers and keeps the addresses before its own', async () => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    const headers = [
      'Host: h',
      `Authorization: ${token}`,
      'X-Many: a',
      'X-Many: b',
      'X-Forwarded-For: 10.0.0.1',
    ];
    socket.write(`GET /export HTTP/1.1\r\n${headers.join('\r\n')}\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200/);
    expect(theEvent().headers).toMatchObject({ 'x-many': 'a,b', 'x-forwarded-for': '10.0.0.1, 127.0.0.1' });
  });

  it.each(['application/json', 'application/problem+json; charset=utf-8', 'text/csv'])(
    'has a body of %s as text',
    async (type) => {
      await call('/export', { method: 'POST', body: '{"ü":"😀"}', headers: { 'content-type': type } });
      expect(theEvent()).toMatchObject({ body: '{"ü":"😀"}', isBase64Encoded: false });
    },
  );

  it.each(['application/octet-stream', 'application/x-www-form-urlencoded', 'image/png'])(
    'has a body of %s in base64',
    async (type) => {
      const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await call('/export', { method: 'POST', body, headers: { 'content-type': type } });
      const base64 = Buffer.from(body).toString('base64');
      expect(theEvent()).toMatchObject({ body: base64, isBase64Encoded: true });
    },
  );

  it('has every claim as text', async () => {
    const claims = {
      'cognito:groups': ['a', 'b'],
      admin: true,
      level: 3,
      nothing: null,
      scope: 'admin other',
    };
    token = await tokens.issueToken('user-2', { claims });
    await call('/admin');
    token = await tokens.issueToken('user-1');
    expect(theEvent().requestContext.authorizer.jwt).toMatchObject({
      claims: {
        sub: 'user-2',
        'cognito:groups': '[a b]',
        admin: 'true',
        level: '3',
        iat: expect.stringMatching(/^\d+$/),
      },
      scopes: ['admin', 'other'],
    });
  });
});

describe('tokens', () => {
  const now = () => Math.floor(Date.now() / 1000);
  const ordinary = (): JWTPayload => ({
    iss: ISSUER,
    sub: 'user-1',
    client_id: AUDIENCE,
    exp: now() + 60,
    iat: now(),
  });
  const hmacWithPublicKey = async () => {
    const key = (await importJWK(tokens.jwks.keys[0] ?? {}, 'RS256', { extractable: true })) as CryptoKey;
    const secret = new TextEncoder().encode(await exportSPKI(key));
    return new SignJWT(ordinary())
      .setProtectedHeader({ alg: 'HS256', kid: String(tokens.jwks.keys[0]?.kid) })
      .sign(secret);
  };
  const tampered = async () => {
    const [header, , signature] = (await tokens.issueToken('user-1')).split('.');
    const claims = Buffer.from(JSON.stringify({ ...ordinary(), sub: 'user-2' })).toString('base64url');
    return `${header}.${claims}.${signature}`;
  };
  const ofAnotherKey = async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'other-issuer-'));
    const other = await createTokenIssuer({ dataDir, issuer: ISSUER, audience: AUDIENCE });
    await rm(dataDir, { recursive: true });
    return other.issueToken('user-1');
  };
  const withClaims = (claims: Record<string, unknown>) => tokens.issueToken('user-1', { claims });

  it.each<[string, () => Promise<string>]>([
    ['expired', () => tokens.issueToken('user-1', { expiresInSeconds: -1 })],
    ['not valid yet', () => withClaims({ nbf: now() + 60 })],
    ['issued in the future', () => withClaims({ iat: now() + 60 })],
    ['of another issuer', () => withClaims({ iss: 'https://other.test' })],
    ['for another audience', () => withClaims({ aud: 'other' })],
    ['for another client', () => withClaims({ client_id: 'other' })],
    ['without an expiry', () => withClaims({ exp: undefined })],
    ['of an expiry in words', () => withClaims({ exp: '2099-01-01' })],
    ['valid from a time in words', () => withClaims({ nbf: 'now' })],
    ['without an issuer', () => withClaims({ iss: undefined })],
    ['without an audience or client', () => withClaims({ client_id: undefined })],
    ['for no audience', () => withClaims({ aud: [] })],
    ['without a user', () => withClaims({ sub: undefined })],
    ['of a user with an empty name', () => withClaims({ sub: '' })],
    ['of a user who is a number', () => withClaims({ sub: 17 })],
    ['of a user who is a list', () => withClaims({ sub: ['user-1'] })],
    ['of a user who is null', () => withClaims({ sub: null })],
    ['of algorithm none', () => Promise.resolve(new UnsecuredJWT(ordinary()).encode())],
    ['signed with the public key as a secret', hmacWithPublicKey],
    ['of another key', ofAnotherKey],
    ['tampered with', tampered],
    ['garbage', () => Promise.resolve('garbage')],
    ['two dots', () => Promise.resolve('..')],
  ])('are refused when %s', async (_, make) => {
    const bad = await make();
    const response = await call('/export', { headers: { authorization: `Bearer ${bad}` } });
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
    const challenge = response.headers.get('www-authenticate');
    expect(challenge).toMatch(/^Bearer scope="" error="invalid_token" error_description="[a-z ]+"$/);
    expect(calls).toEqual([]);
  });

  it.each(['', 'Bearer', 'Bearer  ', 'Basic dXNlcjpwYXNz'])('are demanded: %j', async (authorization) => {
    const response = await call('/export', { headers: { authorization } });
    expect([response.status, await response.json()]).toEqual([401, { message: 'Unauthorized' }]);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(calls).toEqual([]);
  });

  it('are refused from the second they expire, although they were taken before', async () => {
    const authorization = await tokens.issueToken('user-1', { expiresInSeconds: 60 });
    const statusNow = async () => (await call('/export', { headers: { authorization } })).status;
    const expiresAt = (Math.floor(Date.now() / 1000) + 60) * 1000;
    jest.useFakeTimers({ doNotFake: TIMERS, now: expiresAt - 2_000 });
    try {
      expect([await statusNow(), await statusNow()]).toEqual([200, 200]);
      jest.setSystemTime(expiresAt + 1_000);
      expect(await statusNow()).toBe(401);
    } finally {
      jest.useRealTimers();
    }
  });

  it('are looked at whole, also when most of one was seen before', async () => {
    const [header, claims, signature = ''] = token.split('.');
    expect((await call('/export')).status).toBe(200);
    const altered = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    const authorization = [header, claims, altered].join('.');
    expect((await call('/export', { headers: { authorization } })).status).toBe(401);
  });

  it('name their own user, however often and in whatever order they come', async () => {
    const users = ['user-1', 'user-2', 'user-1', 'user-2'];
    const issued = new Map([
      ['user-1', token],
      ['user-2', await tokens.issueToken('user-2')],
    ]);
    for (const user of users) await call('/export', { headers: { authorization: issued.get(user) ?? '' } });
    expect(calls.map(({ event }) => event.requestContext.authorizer.jwt.claims['sub'])).toEqual(users);
  });

  it('are taken with and without the word Bearer, by audience before client', async () => {
    for (const authorization of [token, `bearer ${token}`]) {
      expect((await call('/export', { headers: { authorization } })).status).toBe(200);
    }
    token = await withClaims({ aud: ['x', AUDIENCE], client_id: 'other' });
    expect((await call('/export')).status).toBe(200);
    token = await tokens.issueToken('user-1');
  });

  it('need one of the scopes of a route', async () => {
    const refused = await call('/admin');
    expect([refused.status, await refused.json()]).toEqual([403, { message: 'Forbidden' }]);
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope');
    const authorization = await withClaims({ scope: 'export root' });
    expect((await call('/admin', { headers: { authorization } })).status).toBe(200);
  });

  it('are looked at before the body is', async () => {
    const body = Buffer.alloc(11 * MEBIBYTE);
    const response = await call('/export', { method: 'POST', body, headers: { authorization: 'garbage' } });
    expect(response.status).toBe(401);
  });
});

describe('the answer', () => {
  it('is what the function says, with its cookies', async () => {
    answer = () => ({
      statusCode: 302,
      headers: {
        Location: 'https://bucket.test/?a=1',
        'X-Count': 5,
        'X-Flag': true,
        'Content-Length': '999',
      },
      cookies: ['a=1; Secure', 'b=2'],
      body: '{"a":1}',
    });
    const response = await call('/export');
    expect(response.status).toBe(302);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      location: 'https://bucket.test/?a=1',
      'x-count': '5',
      'x-flag': 'true',
      'content-type': 'text/plain;charset=UTF-8',
      'apigw-requestid': theEvent().requestContext.requestId,
    });
    expect(response.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
    expect(await response.text()).toBe('{"a":1}');
  });

  it('says how long its body is, where it may have one', async () => {
    answer = () => ({ statusCode: 200, body: 'Grüße' });
    expect((await call('/export')).headers.get('content-length')).toBe('7');
    answer = () => ({ statusCode: 200 });
    expect((await call('/export')).headers.get('content-length')).toBe('0');
    answer = () => ({ statusCode: 304, headers: { etag: '"x"' } });
    expect((await call('/export')).headers.get('content-length')).toBeNull();
  });

  it('can be binary or empty', async () => {
    answer = () => ({
      statusCode: 200,
      body: Buffer.of(0, 255, 128).toString('base64'),
      isBase64Encoded: true,
    });
    expect([...new Uint8Array(await (await call('/export')).arrayBuffer())]).toEqual([0, 255, 128]);
    answer = () => ({ statusCode: 204 });
    const response = await call('/export');
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  it.each([
    [{ a: 1 }, '{"a":1}'],
    ['plain', 'plain'],
    [null, 'null'],
    [[1], '[1]'],
  ])('is inferred from a result without a status: %j', async (result, body) => {
    answer = () => result;
    const response = await call('/export');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.text()).toBe(body);
  });

  it.each([
    [{ statusCode: 'ok' }],
    [{ statusCode: 99 }],
    [{ statusCode: 200, body: { not: 'text' } }],
    [{ statusCode: 200, headers: { 'x-list': ['a'] } }],
    [{ statusCode: 200, headers: { 'x-broken': 'a\r\nset-cookie: b' } }],
    [{ statusCode: 200, cookies: 'a=1' }],
  ])('is 500 for a malformed result: %j', async (result) => {
    answer = () => result;
    const response = await call('/export');
    expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  });

  it.each([
    ['Error', 500, 'Internal Server Error'],
    ['Sandbox.Timedout', 500, 'Internal Server Error'],
    ['Runtime.ExitError', 500, 'Internal Server Error'],
    ['TooManyRequestsException', 503, 'Service Unavailable'],
    ['RequestTooLargeException', 413, 'Request Entity Too Large'],
  ])('says nothing of a failure of the function: %s', async (errorType, status, message) => {
    answer = () => {
      throw new LambdaFunctionError({ errorType, errorMessage: 'table export-jobs is secret' });
    };
    const response = await call('/export');
    expect([response.status, await response.text()]).toEqual([status, JSON.stringify({ message })]);
  });

  it('is 503 when the function takes longer than the gateway waits', async () => {
    const late = Promise.withResolvers<undefined>();
    answer = () => late.promise;
    const response = await call('/export');
    expect([response.status, await response.json()]).toEqual([503, { message: 'Service Unavailable' }]);
    late.reject(new Error('too late for anybody'));
  });
});

describe('large bodies', () => {
  it('are refused above 10 MB, and the client sees the answer', async () => {
    const response = await call('/export', { method: 'POST', body: Buffer.alloc(10 * MEBIBYTE + 1) });
    expect([response.status, await response.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
    expect(calls).toEqual([]);
  });

  it('are refused when they come without a length', async () => {
    const sending = request(`${gateway.url}/export`, { method: 'POST', headers: { authorization: token } });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      sending.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
    for (let sent = 0; sent < 12; sent += 1) sending.write(Buffer.alloc(MEBIBYTE));
    sending.end();
    expect(await answered).toBe(413);
  });

  it('pass up to 10 MB', async () => {
    const body = 'x'.repeat(10 * MEBIBYTE);
    const response = await call('/export', { method: 'POST', body });
    expect(response.status).toBe(200);
    expect(theEvent().body).toHaveLength(10 * MEBIBYTE);
  });
});

describe('other origins', () => {
  const origin = 'https://app.test';

  it('get their preflight answered without a token', async () => {
    const response = await fetch(`${gateway.url}/export`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET,POST,DELETE,OPTIONS',
      'access-control-allow-headers':
        'authorization,content-type,idempotency-key,if-none-match,accept,x-correlation-id',
      'access-control-expose-headers': 'etag,location,retry-after,x-correlation-id',
    });
    expect(calls).toEqual([]);
  });

  it('may read every answer, also those of the gateway, and the function has no say in it', async () => {
    answer = () => ({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': 'https://evil.test' } });
    for (const path of ['/export', '/nowhere']) {
      const { headers } = await call(path, { headers: { origin } });
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-expose-headers')).toBe('etag,location,retry-after,x-correlation-id');
    }
    const plain = await call('/export');
    expect(plain.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are held to a list when there is one', async () => {
    const strict = await startApiGateway({
      port: 0,
      routes,
      issuer: tokens,
      allowedOrigins: [origin],
      invokeFunction: () => Promise.resolve('ok'),
    });
    const allowedFor = async (asking: string) =>
      (await fetch(`${strict.url}/export`, { method: 'OPTIONS', headers: { origin: asking } })).headers.get(
        'access-control-allow-origin',
      );
    expect([await allowedFor(origin), await allowedFor('https://evil.test')]).toEqual([origin, null]);
    await strict.close();
  });
});
