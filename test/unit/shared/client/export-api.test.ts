import { describe, expect, it } from '@jest/globals';
import {
  ApiProblem,
  ApiUnreachable,
  createExportApi,
  ForeignAnswer,
} from '../../../../shared/client/export-api.ts';

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  new Response(JSON.stringify(body), { status, headers });

/** A client whose requests are answered by what is given, and what it has sent. */
const clientOf = (answers: readonly (Response | Error)[], signal?: AbortSignal) => {
  const sent: Sent[] = [];
  const left = [...answers];
  const api = createExportApi({
    baseUrl: 'https://api.test/',
    token: () => Promise.resolve('token-1'),
    fetch: (url, init = {}) => {
      sent.push({ url: typeof url === 'string' ? url : '', init });
      const answer = left.shift() ?? new Error('Nothing more.');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    ...(signal === undefined ? {} : { signal }),
  });
  return { api, sent };
};

const headersOf = ({ init }: Sent | { init: RequestInit } = { init: {} }) =>
  init.headers as Record<string, string>;

describe('the client of the API', () => {
  it('starts an export with its key and token', async () => {
    const accepted = { exportId: 'e1', status: 'initiated', estimatedSize: 1, estimatedCompletion: null };
    const { api, sent } = clientOf([json(202, accepted)]);
    await expect(api.start({ includeAnalytics: true }, 'key-1')).resolves.toEqual(accepted);
    expect(sent).toMatchObject([
      {
        url: 'https://api.test/export',
        init: { method: 'POST', body: '{"includeAnalytics":true}', redirect: 'error' },
      },
    ]);
    expect(headersOf(sent[0])).toEqual({
      'content-type': 'application/json',
      'idempotency-key': 'key-1',
      authorization: 'Bearer token-1',
      accept: 'application/json',
    });
  });

  it('asks for each thing where it is', async () => {
    const { api, sent } = clientOf([
      json(200, { accounts: [], categories: [], counts: {} }),
      json(200, { accounts: [], categories: [], counts: {} }),
      json(200, { exports: [], hasMore: false }),
      json(200, { exports: [], hasMore: false }),
      json(200, { downloadUrl: 'https://packages.test', fileName: 'a.zip', packageSize: 1 }),
    ]);
    await api.preview();
    await api.preview('selective');
    await api.list();
    await api.list({ limit: 5, nextToken: 'a/b' });
    await api.downloadLink('a/b');
    expect(sent.map(({ url }) => url.slice('https://api.test'.length))).toEqual([
      '/export/preview',
      '/export/preview?exportType=selective',
      '/export',
      '/export?limit=5&nextToken=a%2Fb',
      '/export/a%2Fb/download',
    ]);
    expect(headersOf(sent[4])['accept']).toBe('application/json');
  });

  it('knows a status that has not changed, and when to ask again', async () => {
    const body = { exportId: 'e1', status: 'processing', sections: {} };
    const { api, sent } = clientOf([
      json(200, body, { etag: '"1"', 'retry-after': '2' }),
      new Response(null, { status: 304, headers: { etag: '"1"' } }),
    ]);
    await expect(api.status('e1')).resolves.toEqual({ body, etag: '"1"', retryAfterSeconds: 2 });
    await expect(api.status('e1', '"1"')).resolves.toEqual({
      body: undefined,
      etag: '"1"',
      retryAfterSeconds: undefined,
    });
    expect(sent.map((each) => headersOf(each)['if-none-match'])).toEqual([undefined, '"1"']);
  });

  it('tells an export that is erased from one that is not yet', async () => {
    const { api, sent } = clientOf([
      json(202, { exportId: 'e1', status: 'deleting' }, { 'retry-after': '960' }),
      new Response(null, { status: 204 }),
    ]);
    await expect(api.remove('e1')).resolves.toEqual({ erased: false, retryAfterSeconds: 960 });
    await expect(api.remove('e1')).resolves.toEqual({ erased: true, retryAfterSeconds: undefined });
    expect(sent.map(({ init }) => init.method)).toEqual(['DELETE', 'DELETE']);
  });

  it('throws what the service says of a refusal', async () => {
    const errors = [{ pointer: '/exportType', detail: 'Must be one of a, b.' }];
    const problem = { type: 'about:blank', title: 'Bad Request', status: 400, detail: 'Fields are wrong.' };
    const { api } = clientOf([json(400, { ...problem, code: 'InvalidRequest', errors, requestId: 'r1' })]);
    const thrown = await api.start({}, 'key-1').catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ApiProblem);
    expect(thrown).toMatchObject({
      ...{ status: 400, title: 'Bad Request', detail: 'Fields are wrong.', message: 'Fields are wrong.' },
      ...{ code: 'InvalidRequest', errors, requestId: 'r1', retryAfterSeconds: undefined },
    });
  });

  it('throws what a gateway or a proxy says in its own words', async () => {
    const soon = new Date(Date.now() + 60_000).toUTCString();
    const { api } = clientOf([
      json(429, { message: 'Too Many Requests' }, { 'retry-after': soon }),
      new Response('<html></html>', { status: 502, statusText: 'Bad Gateway' }),
    ]);
    const throttled = await api.list().catch((error: unknown) => error);
    expect(throttled).toMatchObject({
      status: 429,
      detail: 'Too Many Requests',
      errors: [],
      code: undefined,
    });
    expect((throttled as ApiProblem).retryAfterSeconds).toBeGreaterThan(50);
    const broken = await api.list().catch((error: unknown) => error);
    expect(broken).toMatchObject({ status: 502, title: 'Bad Gateway', detail: '', message: 'Bad Gateway' });
  });

  it('tells when nobody answers, and why', async () => {
    const cause = new TypeError('fetch failed');
    const { api } = clientOf([cause]);
    const thrown = await api.list().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ApiUnreachable);
    expect(thrown).toMatchObject({ cause });
  });

  it('tells when what answers is not the service', async () => {
    const { api } = clientOf([new Response('<html></html>'), json(200, { hello: 'world' }), json(200, null)]);
    for (let asked = 0; asked < 3; asked++) await expect(api.list()).rejects.toBeInstanceOf(ForeignAnswer);
  });

  it('throws the reason of its signal once that says so', async () => {
    const reason = new Error('Enough.');
    const { api } = clientOf([new Error('aborted')], AbortSignal.abort(reason));
    await expect(api.list()).rejects.toBe(reason);
  });
});
