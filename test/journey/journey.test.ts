import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomUUID } from 'node:crypto';
import { ExportApi, type Answer } from '../support/export-api.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';
import { readZip } from '../support/read-zip.ts';

/**
 * The journey of a user over HTTP, and nothing else. It runs against a system of its own, or against the one that
 * EXPORT_API_URL names with the access tokens of two users in EXPORT_TOKEN and EXPORT_OTHER_TOKEN.
 */
const baseUrl = process.env['EXPORT_API_URL'];
const STATUS_KEYS = [
  'exportId',
  'status',
  'progress',
  'currentPhase',
  'downloadUrl',
  'expiresAt',
  'error',
  'packageSize',
  'completedAt',
];
const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

describe('the journey of a user', () => {
  let system: RunningSystem | undefined;
  let api: ExportApi;
  let other: ExportApi;
  let anonymous: ExportApi;

  beforeAll(async () => {
    system = baseUrl === undefined ? await startRunningSystem() : undefined;
    const url = baseUrl ?? system?.apiUrl ?? '';
    const tokenOf = async (variable: string) =>
      process.env[variable] ?? (await system?.issueToken(`user-${randomUUID()}`)) ?? '';
    api = new ExportApi(url, await tokenOf('EXPORT_TOKEN'));
    other = new ExportApi(url, await tokenOf('EXPORT_OTHER_TOKEN'));
    anonymous = new ExportApi(url);
  });
  afterAll(() => system?.end());

  /** Starts an export as soon as the user may have another one. */
  const startWhenFree = async (body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    for (;;) {
      const answer = await api.call('POST', '/export', { body, headers });
      if (answer.status === 202) return String(answer.body['exportId']);
      expect(answer.status).toBe(429);
      const { exports } = (await api.call('GET', '/export?limit=5')).body as {
        exports: { exportId: string }[];
      };
      await Promise.all(exports.map(({ exportId }) => api.ended(exportId)));
    }
  };

  const expectProblem = (answer: Answer, status: number, pointers?: readonly string[]) => {
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
      status,
      type: 'application/problem+json',
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    if (pointers !== undefined) {
      const { errors } = answer.body as { errors: { pointer: string }[] };
      expect(errors.map(({ pointer }) => pointer).sort()).toEqual([...pointers].sort());
    }
  };

  it('accepts an export, shows its way and hands over the package by redirect and by JSON', async () => {
    let accepted = await api.call('POST', '/export', { body: { description: 'for the tax office' } });
    while (accepted.status === 429)
      accepted = await api.call('POST', '/export', { body: { description: 'for the tax office' } });
    expect(accepted.status).toBe(202);
    const exportId = String(accepted.body['exportId']);
    expect(accepted.body).toEqual({
      exportId,
      status: 'initiated',
      estimatedSize: expect.any(Number),
      estimatedCompletion: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(accepted.headers.get('location')).toBe(`/export/${exportId}/status`);
    expect(Number(accepted.headers.get('retry-after'))).toBeGreaterThan(0);

    const progress: number[] = [];
    let status = await api.status(exportId);
    for (;;) {
      expect(Object.keys(status.body)).toEqual(expect.arrayContaining(STATUS_KEYS));
      progress.push(Number(status.body['progress']));
      if (status.body['status'] === 'completed') break;
      expect(status.headers.get('retry-after')).not.toBeNull();
      expect(status.body['downloadUrl']).toBeNull();
      const etag = status.headers.get('etag') ?? '';
      const again = await api.call('GET', `/export/${exportId}/status`, {
        headers: { 'if-none-match': etag },
      });
      status = again.status === 304 ? status : again;
      if (again.status === 304) expect(again.body).toEqual({});
    }
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe(100);
    expect(status.body).toMatchObject({
      status: 'completed',
      currentPhase: 'completed',
      downloadUrl: `/export/${exportId}/download`,
      error: null,
      description: 'for the tax office',
      completeness: 'complete',
    });

    const redirect = await api.call('GET', `/export/${exportId}/download`);
    expect(redirect.status).toBe(302);
    expect(redirect.headers.get('location')).toBe(redirect.body['downloadUrl']);
    const handed = await api.call('GET', `/export/${exportId}/download`, {
      headers: { accept: 'application/json' },
    });
    expect(handed.status).toBe(200);
    expect(handed.body).toMatchObject({
      packageSize: status.body['packageSize'],
      sha256: status.body['sha256'],
    });

    const download = await fetch(String(handed.body['downloadUrl']));
    const bytes = Buffer.from(await download.arrayBuffer());
    expect(download.headers.get('content-disposition')).toBe(
      `attachment; filename="${String(handed.body['fileName'])}"`,
    );
    expect(bytes).toHaveLength(Number(status.body['packageSize']));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(status.body['sha256']);
    const entries = await readZip(bytes);
    expect([...entries.keys()]).toEqual(
      expect.arrayContaining(['manifest.json', 'checksums.sha256', 'data/accounts.json']),
    );

    const deleted = await api.call('DELETE', `/export/${exportId}`);
    expect(deleted.status).toBe(204);
    expect((await fetch(String(handed.body['downloadUrl']))).status).toBe(404);
    expectProblem(await api.status(exportId), 404);
  });

  it('answers the unchanged status of a completed export with 304', async () => {
    const exportId = await startWhenFree();
    const { headers } = await api.ended(exportId);
    const answer = await api.call('GET', `/export/${exportId}/status`, {
      headers: { 'if-none-match': headers.get('etag') ?? '' },
    });
    expect(answer.status).toBe(304);
  });

  it('pages through more than 25 exports, newest first, each once', async () => {
    const started: string[] = [];
    while (started.length < 26) started.push(await startWhenFree({ exportType: 'accounts_only' }));
    await Promise.all(started.slice(-2).map((exportId) => api.ended(exportId)));

    const listed: string[] = [];
    const times: number[] = [];
    let token: string | null = null;
    do {
      const page: Answer = await api.call(
        'GET',
        `/export?limit=10${token === null ? '' : `&nextToken=${token}`}`,
      );
      const body = page.body as {
        exports: { exportId: string; requestedAt: number }[];
        hasMore: boolean;
        nextToken: string | null;
      };
      expect(page.body['limit']).toBe(10);
      expect(body.hasMore).toBe(body.nextToken !== null);
      listed.push(...body.exports.map(({ exportId }) => exportId));
      times.push(...body.exports.map(({ requestedAt }) => requestedAt));
      token = body.nextToken;
    } while (token !== null);
    expect(listed).toEqual(expect.arrayContaining(started));
    expect(new Set(listed).size).toBe(listed.length);
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it('makes one export of 50 concurrent requests with one Idempotency-Key, and refuses the key for another', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const first = await startWhenFree({ exportType: 'accounts_only' }, key);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        api.call('POST', '/export', { body: { exportType: 'accounts_only' }, headers: key }),
      ),
    );
    expect(answers.map(({ status, body }) => ({ status, exportId: body['exportId'] }))).toEqual(
      Array.from({ length: 50 }, () => ({ status: 202, exportId: first })),
    );
    expectProblem(await api.call('POST', '/export', { body: {}, headers: key }), 422);
    await api.ended(first);
  });

  it.each([
    ['an unknown field', { colour: 'red' }, ['/colour']],
    ['a wrong type', { includeAnalytics: 'yes' }, ['/includeAnalytics']],
    [
      'several at once',
      { exportType: 'some', description: 'x'.repeat(501), a: 1 },
      ['/exportType', '/description', '/a'],
    ],
    ['an id that is none', { accountIds: ['1'] }, ['/accountIds/0']],
    ['filters without selective', { dateRangeStart: 1 }, ['/dateRangeStart']],
    ['tables in a JSON document', { exportFormat: 'json', includeCsv: true }, ['/includeCsv']],
    ['a list', [], ['']],
  ])('names what is wrong with a request: %s', async (_, body, pointers) => {
    expectProblem(await api.call('POST', '/export', { body }), 400, pointers);
  });

  it('refuses a body that is not JSON, too large, or sent as something else', async () => {
    expectProblem(await api.call('POST', '/export', { text: '{"exportType"' }), 400);
    const latin1 = Uint8Array.from(Buffer.from('{"description":"für mich"}', 'latin1'));
    expectProblem(await api.call('POST', '/export', { text: latin1 }), 400);
    expectProblem(await api.call('POST', '/export', { text: '{"__proto__":{"exportType":"x"}}' }), 400);
    expectProblem(await api.call('POST', '/export', { text: `{"a":"${'x'.repeat(1024 * 1024)}"}` }), 413);
    expectProblem(
      await api.call('POST', '/export', { text: 'a=1', headers: { 'content-type': 'text/plain' } }),
      415,
    );
    expectProblem(
      await api
        .call('POST', '/export', { headers: { 'idempotency-key': 'ä b' } })
        .catch(() => api.call('POST', '/export', { headers: { 'idempotency-key': 'a b' } })),
      400,
    );
  });

  it('refuses limits and tokens of the list that are none', async () => {
    for (const query of ['limit=0', 'limit=101', 'limit=ten', 'nextToken=AAAA']) {
      expectProblem(await api.call('GET', `/export?${query}`), 400);
    }
  });

  it('answers a request without a valid token with 401, on every route', async () => {
    const routes = [
      ['POST', '/export'],
      ['GET', '/export'],
      ['GET', '/export/preview'],
      ['GET', `/export/${UNKNOWN_ID}/status`],
      ['GET', `/export/${UNKNOWN_ID}/download`],
      ['DELETE', `/export/${UNKNOWN_ID}`],
    ] as const;
    for (const [method, path] of routes) expect((await anonymous.call(method, path)).status).toBe(401);
  });

  it("answers somebody else's export as one that never was, on every route", async () => {
    const exportId = await startWhenFree({ exportType: 'accounts_only' });
    await api.ended(exportId);
    const token = Buffer.from(exportId).toString('base64url');
    expectProblem(await other.call('GET', `/export?nextToken=${token}`), 400);
    for (const [method, suffix] of [
      ['GET', '/status'],
      ['GET', '/download'],
      ['DELETE', ''],
    ] as const) {
      const foreign = await other.call(method, `/export/${exportId}${suffix}`);
      const unknown = await other.call(method, `/export/${UNKNOWN_ID}${suffix}`);
      expectProblem(foreign, 404);
      expect({ ...foreign.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
    }
    expect((await api.status(exportId)).body['status']).toBe('completed');
    expect((await api.call('GET', '/nowhere')).status).toBe(404);
  });

  it('shows what an export would hold before it is started', async () => {
    const preview = await api.call('GET', '/export/preview');
    expect(preview.status).toBe(200);
    expect(preview.body).toMatchObject({
      accounts: expect.any(Array),
      categories: expect.any(Array),
      counts: expect.any(Object),
    });
    expectProblem(await api.call('GET', '/export/preview?exportType=all'), 400);
  });
});

(baseUrl === undefined ? describe : describe.skip)('what a deployment configures', () => {
  let system: RunningSystem;
  /** While it is set, exports are accepted but do not begin. */
  let held: PromiseWithResolvers<undefined> | undefined;

  beforeAll(async () => {
    system = await startRunningSystem({
      scopes: ['export'],
      variables: { RETENTION_HOURS: '0', ACTIVE_EXPORT_CAP: '2' },
      invocationHook: {
        beforeInvoke: async (name) => {
          if (name === 'begin-export') await held?.promise;
        },
      },
    });
  });
  afterAll(() => system.end());

  it('answers 403 to a token without the scope that the deployment demands', async () => {
    const token = await system.issueToken('user-1', { claims: { scope: 'profile' } });
    expect((await new ExportApi(system.apiUrl, token).call('GET', '/export')).status).toBe(403);
  });

  it('answers 410 once the package has expired, and shows the export as expired', async () => {
    const api = new ExportApi(system.apiUrl, await system.issueToken('user-1'));
    const exportId = await api.start();
    const status = await api.until(exportId, ['expired']);
    expect(status.body).toMatchObject({ status: 'expired', downloadUrl: null });
    expect((await api.call('GET', `/export/${exportId}/download`)).status).toBe(410);
    expect((await api.call('DELETE', `/export/${exportId}`)).status).toBe(204);
  });

  it('answers 409 to a download before the export is finished', async () => {
    held = Promise.withResolvers();
    const api = new ExportApi(system.apiUrl, await system.issueToken('user-3'));
    const exportId = await api.start();
    const early = await api.call('GET', `/export/${exportId}/download`);
    held.resolve(undefined);
    expect(early.status).toBe(409);
    expect(early.headers.get('content-type')).toBe('application/problem+json');
    await api.ended(exportId);
  });

  it('accepts two of ten concurrent requests where two exports may be active', async () => {
    held = Promise.withResolvers();
    const api = new ExportApi(system.apiUrl, await system.issueToken('user-2'));
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.call('POST', '/export')));
    held.resolve(undefined);
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(2);
    expect(statuses.filter((status) => status === 429)).toHaveLength(8);
    const [accepted] = answers.filter(({ status }) => status === 202);
    await api.ended(String(accepted?.body['exportId']));
  });
});
