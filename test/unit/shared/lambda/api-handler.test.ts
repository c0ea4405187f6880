import type { APIGatewayProxyEventV2WithJWTAuthorizer, Context } from 'aws-lambda';
import { describe, expect, it } from '@jest/globals';
import { hashedUserId } from '../../../../shared/domain/hashed-user-id.ts';
import * as errors from '../../../../shared/domain/errors.ts';
import type { ApiReply, ApiRequest } from '../../../../shared/http.ts';
import { apiHandler } from '../../../../shared/lambda/api-handler.ts';
import { RecordingLog } from '../../../support/recording-ports.ts';

type Event = APIGatewayProxyEventV2WithJWTAuthorizer;

const ACCESS_CLAIMS = { sub: 'user-1', token_use: 'access' };

interface Call {
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly headers?: Record<string, string>;
  readonly claims?: Record<string, string>;
  readonly pathParameters?: Record<string, string>;
  readonly queryStringParameters?: Record<string, string>;
}

/** An event as API Gateway sends it in payload format 2.0: header names in lower case. */
const anEvent = ({
  body,
  isBase64Encoded = false,
  headers = {},
  claims = ACCESS_CLAIMS,
  ...more
}: Call): Event => ({
  version: '2.0',
  routeKey: 'POST /export',
  rawPath: '/export',
  rawQueryString: '',
  headers,
  requestContext: {
    accountId: '000000000000',
    apiId: 'api',
    domainName: 'api.example',
    domainPrefix: 'api',
    http: { method: 'POST', path: '/export', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
    requestId: 'request-1',
    routeKey: 'POST /export',
    stage: '$default',
    time: '23/Nov/2026:12:00:00 +0000',
    timeEpoch: 1_795_435_200_000,
    authorizer: { principalId: '', integrationLatency: 0, jwt: { claims, scopes: [] } },
  },
  isBase64Encoded,
  ...(body === undefined ? {} : { body }),
  ...more,
});

type UseCase = (request: ApiRequest) => ApiReply;

const call = async (event: Call, useCase: UseCase = () => ({ status: 200, body: { ok: true } })) => {
  const log = new RecordingLog();
  const requests: ApiRequest[] = [];
  const handler = apiHandler({
    log,
    useCase: (request) => {
      requests.push(request);
      return Promise.resolve().then(() => useCase(request));
    },
  });
  const answer = await handler(anEvent(event), {} as Context);
  const body = answer.body === undefined ? undefined : (JSON.parse(answer.body) as Record<string, unknown>);
  return {
    answer,
    body,
    status: answer.statusCode,
    headers: answer.headers ?? {},
    requests,
    log: log.lines.join('\n'),
  };
};

const throwing =
  (error: unknown): UseCase =>
  () => {
    throw error;
  };

const JSON_TYPE = { 'content-type': 'application/json' };

describe('the body of a request', () => {
  it('is handed on parsed', async () => {
    const { requests } = await call({ body: '{"exportType":"complete","ü":["😀"]}', headers: JSON_TYPE });
    expect(requests[0]?.body).toEqual({ exportType: 'complete', ü: ['😀'] });
  });

  it('may come in base64', async () => {
    const body = Buffer.from('{"description":"für 😀"}').toString('base64');
    const { requests } = await call({ body, isBase64Encoded: true, headers: JSON_TYPE });
    expect(requests[0]?.body).toEqual({ description: 'für 😀' });
  });

  it.each([[undefined], ['application/json'], ['text/plain'], ['application/x-www-form-urlencoded']])(
    'may be left out, whatever its type is said to be: %s',
    async (type) => {
      for (const body of [undefined, '']) {
        const headers = type === undefined ? {} : { 'content-type': type };
        const { status, requests } = await call({ headers, ...(body === undefined ? {} : { body }) });
        expect(status).toBe(200);
        expect(requests[0]?.body).toBeUndefined();
      }
    },
  );

  it.each([
    ['application/json; charset=utf-8'],
    ['application/json;charset=UTF-8'],
    ['application/json ; charset=utf-8'],
    ['Application/JSON'],
    ['application/merge-patch+json'],
  ])('may say that it is JSON as %s', async (type) => {
    const { status, requests } = await call({ body: '{"a":1}', headers: { 'content-type': type } });
    expect([status, requests[0]?.body]).toEqual([200, { a: 1 }]);
  });

  it.each([
    ['text/plain'],
    ['text/json'],
    ['application/jsonp'],
    ['application/json-seq'],
    ['application/xml'],
    [''],
  ])('is not taken for JSON when it is said to be %s', async (type) => {
    const { status, body, requests } = await call({ body: '{"a":1}', headers: { 'content-type': type } });
    expect([status, body?.['code']]).toEqual([415, 'UnsupportedMediaType']);
    expect(requests).toEqual([]);
  });

  it('is refused when it has no type at all', async () => {
    expect((await call({ body: '{}' })).status).toBe(415);
  });

  it('is refused beyond 128 KiB, counted in bytes as they are sent', async () => {
    const large = JSON.stringify({ description: 'ü'.repeat(64 * 1024) });
    const encoded = Buffer.from(large).toString('base64');
    expect((await call({ body: large, headers: JSON_TYPE })).status).toBe(413);
    expect((await call({ body: encoded, isBase64Encoded: true, headers: JSON_TYPE })).status).toBe(413);
    const largest = JSON.stringify('x'.repeat(128 * 1024 - 2));
    expect((await call({ body: largest, headers: JSON_TYPE })).status).toBe(200);
    const inBase64 = {
      body: Buffer.from(largest).toString('base64'),
      isBase64Encoded: true,
      headers: JSON_TYPE,
    };
    expect((await call(inBase64)).status).toBe(200);
  });

  it.each([['{"secret":'], ['secret'], [' '], ['{"secret":1}}'], ['NaN'], ["{'secret':1}"], ['\ufeff']])(
    'that is no JSON is a 400 and is found in no log and no answer: %s',
    async (text) => {
      const { status, body, answer, log, requests } = await call({ body: text, headers: JSON_TYPE });
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'InvalidRequest', errors: [{ pointer: '' }] });
      expect(log).not.toContain('secret');
      expect(answer.body).not.toContain('secret');
      expect(requests).toEqual([]);
    },
  );

  describe('that is no UTF-8', () => {
    const inBytes = (...bytes: readonly number[]): Buffer =>
      Buffer.concat([Buffer.from('{"description":"secret '), Buffer.from(bytes), Buffer.from('"}')]);
    const MALFORMED: readonly (readonly [string, Buffer])[] = [
      ['Latin-1', inBytes(0xfc)],
      ['a sequence that is cut', inBytes(0xe2, 0x82)],
      ['an overlong sequence', inBytes(0xc0, 0xaf)],
      ['half a surrogate pair', inBytes(0xed, 0xa0, 0xbd)],
    ];

    it.each(MALFORMED)('is a 400 as a gateway hands it over, in base64 or as text: %s', async (_, bytes) => {
      for (const event of [
        { body: bytes.toString('base64'), isBase64Encoded: true },
        { body: bytes.toString('utf8') },
      ]) {
        const { status, body, headers, log, requests } = await call({ ...event, headers: JSON_TYPE });
        expect([status, headers['content-type']]).toEqual([400, 'application/problem+json']);
        expect(body).toMatchObject({
          code: 'InvalidRequest',
          errors: [{ pointer: '', detail: 'The body must be valid UTF-8.' }],
        });
        expect(log).not.toContain('secret');
        expect(requests).toEqual([]);
      }
    });

    it('is a 400 as text with half a character', async () => {
      expect((await call({ body: '{"description":"\ud83d"}', headers: JSON_TYPE })).status).toBe(400);
    });

    it('is not what an escaped replacement character is', async () => {
      const { requests } = await call({ body: '{"description":"\\ufffd"}', headers: JSON_TYPE });
      expect(requests[0]?.body).toEqual({ description: '\ufffd' });
    });
  });

  it('cannot reach the prototype of anything', async () => {
    const { status, requests } = await call({ body: '{"__proto__":{"polluted":1}}', headers: JSON_TYPE });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(status === 400 || Object.hasOwn(requests[0]?.body as object, '__proto__')).toBe(true);
  });
});

describe('the user of a request', () => {
  it.each<[string, Record<string, string>]>([
    ['an access token', ACCESS_CLAIMS],
    ['a token that has nothing but a scope', { sub: 'user-1', scope: 'exports/write' }],
    ['an access token with a scope', { ...ACCESS_CLAIMS, scope: 'exports/write' }],
  ])('is taken from %s', async (_, claims) => {
    const { status, requests } = await call({ claims });
    expect([status, requests[0]?.userId]).toEqual([200, 'user-1']);
  });

  it.each<[string, Record<string, string>]>([
    ['an ID token', { sub: 'user-1', token_use: 'id' }],
    ['an ID token with a scope', { sub: 'user-1', token_use: 'id', scope: 'openid' }],
    ['a token of no stated use', { sub: 'user-1' }],
    ['a token with an empty scope', { sub: 'user-1', scope: '' }],
    ['a token of nobody', { token_use: 'access' }],
    ['a token of an empty name', { sub: '', token_use: 'access' }],
    ['a name that cannot be stored', { sub: 'half \ud83d', token_use: 'access' }],
  ])('is not taken from %s', async (_, claims) => {
    const { status, body, headers, requests } = await call({ claims });
    expect([status, body?.['code']]).toEqual([401, 'AccessTokenRequired']);
    expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(requests).toEqual([]);
  });
});

describe('a request', () => {
  it('is handed on with what a use-case may know of it', async () => {
    const { requests } = await call({
      headers: { 'x-correlation-id': 'correlation-7', 'if-none-match': '"x"' },
      pathParameters: { exportId: 'export-1' },
      queryStringParameters: { limit: '5' },
    });
    expect(requests[0]).toEqual({
      userId: 'user-1',
      requestId: 'request-1',
      correlationId: 'correlation-7',
      path: { exportId: 'export-1' },
      query: { limit: '5' },
      headers: { 'x-correlation-id': 'correlation-7', 'if-none-match': '"x"' },
      body: undefined,
    });
  });

  it.each([[undefined], ['with space'], ['x'.repeat(65)], ['a:b'], [''], ['new\nline'], ['{"$ne":1}']])(
    'gets an id of its own for what follows from it when the given one is %j',
    async (given) => {
      const { requests } = await call({ headers: given === undefined ? {} : { 'x-correlation-id': given } });
      expect(requests[0]?.correlationId).toBe('request-1');
    },
  );

  it.each([['x'.repeat(64)], ['Ab-1_2.3']])('keeps the id that it was given: %s', async (given) => {
    const sent = { headers: { 'x-correlation-id': given }, pathParameters: { exportId: 'export-1' } };
    const answered = await call(sent);
    const refused = await call(sent, throwing(new errors.ExportNotFound()));
    const failed = await call(sent, throwing(new TypeError('bug')));
    const tooEarly = await call({ ...sent, body: 'no JSON' });
    for (const { headers, log } of [answered, refused, failed, tooEarly]) {
      expect(headers['x-correlation-id']).toBe(given);
      for (const line of log.split('\n')) {
        expect(JSON.parse(line)).toMatchObject({
          ...{ requestId: 'request-1', correlationId: given, exportId: 'export-1' },
          userIdHash: hashedUserId(ACCESS_CLAIMS.sub),
        });
      }
    }
  });

  it('has no export in the log when what stands for it is no id', async () => {
    const { log } = await call({ pathParameters: { exportId: 'a secret/with words' } });
    expect(log).not.toContain('secret');
  });

  it('leaves no user, token, path or query in the log', async () => {
    const { log } = await call({
      headers: { authorization: 'Bearer secret-token', 'idempotency-key': 'secret-key' },
      queryStringParameters: { nextToken: 'secret-page' },
      claims: { sub: 'secret-user', token_use: 'access', email: 'secret@example.com' },
    });
    expect(log).not.toContain('secret');
    expect(log).toContain('request-1');
  });
});

describe('an answer', () => {
  it('is JSON that nobody stores', async () => {
    const { headers, status, body } = await call({}, () => ({
      status: 202,
      headers: { location: '/x' },
      body: { a: 1 },
    }));
    expect([status, body]).toEqual([202, { a: 1 }]);
    expect(headers).toEqual({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-correlation-id': 'request-1',
      location: '/x',
    });
  });

  it.each([[204 as const], [304 as const]])('of %d has no body and no type', async (status) => {
    const { answer } = await call({}, () => ({ status, headers: { etag: '"x"' } }));
    const headers = { 'cache-control': 'no-store', 'x-correlation-id': 'request-1', etag: '"x"' };
    expect(answer).toEqual({ statusCode: status, headers });
  });
});

const KNOWN: readonly (readonly [Error, number])[] = [
  [new errors.InvalidRequest([], 'Shown.'), 400],
  [new errors.AccessTokenRequired('Shown.'), 401],
  [new errors.ExportNotFound(), 404],
  [new errors.ExportNotCompleted('Shown.'), 409],
  [new errors.ExportStateConflict('Shown.'), 409],
  [new errors.ExportExpired('Shown.'), 410],
  [new errors.RequestTooLarge('Shown.'), 413],
  [new errors.UnsupportedMediaType('Shown.'), 415],
  [new errors.IdempotencyKeySpent('Shown.'), 422],
  [new errors.ActiveExportLimitReached('Shown.'), 429],
];

describe('a problem', () => {
  it.each(KNOWN.map(([error, status]) => [error.name, status, error] as const))(
    '%s is told with status %d and its own words',
    async (name, status, error) => {
      const { body, headers, answer } = await call({}, throwing(error));
      expect(answer.statusCode).toBe(status);
      expect(headers).toMatchObject({
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
      });
      expect(body).toMatchObject({
        type: 'about:blank',
        status,
        code: name,
        detail: error.message,
        requestId: 'request-1',
      });
      expect(typeof body?.['title']).toBe('string');
    },
  );

  it('tells where a request is wrong', async () => {
    const problems = [{ pointer: '/exportType', detail: 'Must be something else.' }];
    const { body } = await call({}, throwing(new errors.InvalidRequest(problems)));
    expect(body?.['errors']).toEqual(problems);
  });

  it('tells when to come again where that helps', async () => {
    const tooMany = await call({}, throwing(new errors.ActiveExportLimitReached('Wait.')));
    const unavailable = await call({}, throwing(new errors.ServiceUnavailable('The table did not answer.')));
    expect([Number(tooMany.headers['retry-after']), Number(unavailable.headers['retry-after'])]).toEqual([
      30, 5,
    ]);
    expect((await call({}, throwing(new errors.ExportNotFound()))).headers).not.toHaveProperty('retry-after');
  });

  it('on our side is told without a word about tables and services', async () => {
    const unavailable = new errors.ServiceUnavailable('The secret table did not answer.');
    const { status, body, answer, log } = await call({}, throwing(unavailable));
    expect([status, body?.['code']]).toEqual([503, 'ServiceUnavailable']);
    expect(answer.body).not.toContain('secret');
    expect(log).toContain('ServiceUnavailable');
  });

  it.each<[string, unknown]>([
    [
      'an unknown error',
      Object.assign(new Error('secret-table arn:aws:secret'), { name: 'ResourceNotFoundException' }),
    ],
    ['an error of middy’s own kind', Object.assign(new Error('secret'), { statusCode: 418, expose: true })],
    ['a known error that is for operators', new errors.AccessRefused('The secret bucket refused access.')],
    ['a thing that is no error', 'secret'],
    ['nothing', undefined],
  ])('of %s is a 500 that leaks nothing', async (_, error) => {
    const { status, body, answer, log, headers } = await call({}, throwing(error));
    expect([status, body?.['title']]).toEqual([500, 'Internal Server Error']);
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(JSON.stringify(answer)).not.toMatch(/\bat \S+:\d+/);
    expect(log).not.toContain('secret');
    expect(log).toContain('failure');
    expect(body).not.toHaveProperty('code');
    expect(headers['cache-control']).toBe('no-store');
  });
});
