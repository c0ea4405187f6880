import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localTokenIssuer } from '../../infra/local/local-token-issuer.ts';
import { ExportApi, type Answer, type CallOptions } from '../support/export-api.ts';
import type { ProxiedRequest } from '../support/fault-proxy.ts';
import { FaultWorld, type WorldUser } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const text = (body: string): CallOptions => ({ text: body });

/** What is wrong, how it is sent, how it is answered, and which fields are pointed at. */
const BAD_BODIES: readonly (readonly [string, CallOptions, number, readonly string[]])[] = [
  ['is no JSON', text('{"exportType":'), 400, ['']],
  ['is an array', text('[]'), 400, ['']],
  ['is null', text('null'), 400, ['']],
  ['is a text', text('"complete"'), 400, ['']],
  ['names __proto__', text('{"__proto__":{"includeCsv":true}}'), 400, ['']],
  ['names constructor', text('{"constructor":{"prototype":{}}}'), 400, ['']],
  ['is 1 MB', text(JSON.stringify({ description: 'x'.repeat(1_000_000) })), 413, []],
  [
    'is no JSON by its type',
    { text: '{}', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    [],
  ],
  ['has an unknown field', text('{"includeEverything":true}'), 400, ['/includeEverything']],
  [
    'has fields of a wrong type',
    text('{"includeCsv":"true","exportFormat":7}'),
    400,
    ['/exportFormat', '/includeCsv'],
  ],
  ['holds NaN', text('{"exportType":"selective","dateRangeStart":NaN}'), 400, ['']],
  [
    'holds a number beyond all doubles',
    text('{"exportType":"selective","dateRangeEnd":1e999}'),
    400,
    ['/dateRangeEnd'],
  ],
  [
    'has its end before its start',
    text('{"exportType":"selective","dateRangeStart":2,"dateRangeEnd":1}'),
    400,
    ['/dateRangeStart'],
  ],
  [
    'has an id that is no UUID',
    text(`{"exportType":"selective","accountIds":["${randomUUID()}","1 OR 1=1"]}`),
    400,
    ['/accountIds/1'],
  ],
];

const pointersOf = ({ body }: Answer): string[] =>
  ((body['errors'] ?? []) as { pointer: string }[]).map(({ pointer }) => pointer).sort();

describe('a request that is refused', () => {
  let world: FaultWorld;
  let user: WorldUser;
  let exportId: string;
  /** What functions have asked databases and the workflow to change. */
  const changes: string[] = [];

  const noteChanges = ({ headers }: ProxiedRequest): undefined => {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    if (!/^(?:Query|GetItem|BatchGetItem|Describe|List)/.test(operation)) changes.push(operation);
  };

  const routes = (id: string): [method: string, path: string][] => [
    ['GET', `/export/${id}/status`],
    ['GET', `/export/${id}/download`],
    ['DELETE', `/export/${id}`],
  ];

  beforeAll(async () => {
    world = await FaultWorld.start({ scopes: ['export'] });
    user = await world.aUser();
    exportId = await user.api.start();
    await user.api.ended(exportId);
    await world.quiet();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  const watchChanges = (): void => {
    changes.length = 0;
    world.strike('dynamodb', noteChanges);
    world.strike('stepfunctions', noteChanges);
  };

  it('row 5: is none when it has no body or an empty object, which ask for what is usual', async () => {
    const { api } = await world.aUser();
    watchChanges();
    const answers = [await api.call('POST', '/export'), await api.call('POST', '/export', { body: {} })];
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(changes).toContain('StartExecution');
    for (const { body } of answers) {
      expect((await api.ended(String(body['exportId']))).body['status']).toBe('completed');
      expect(await world.row(String(body['exportId']))).toMatchObject({
        exportType: 'complete',
        exportFormat: 'zip',
        includeAnalytics: false,
      });
    }
    await expectInvariants(world);
  });

  it('row 5: writes nothing when its body is not as it should be', async () => {
    watchChanges();
    for (const [what, request, status, pointers] of BAD_BODIES) {
      const answer = await user.api.call('POST', '/export', request);
      expect([what, answer.status, pointersOf(answer)]).toEqual([what, status, pointers]);
    }
    expect(changes).toEqual([]);
    await expectInvariants(world);
  });

  it('row 6: reaches nothing without a valid access token, which no log shows', async () => {
    const { userId } = user;
    const { system } = world;
    const elsewhere = mkdtempSync(join(tmpdir(), 'another-issuer-'));
    const impostor = await localTokenIssuer(elsewhere);
    rmSync(elsewhere, { recursive: true });
    const ofClaims = (claims: object) => system.issueToken(userId, { claims: { ...claims } });
    const [header = '', payload = '', signature = ''] = user.token.split('.');
    const tokens: readonly [string, string | undefined, number][] = [
      ['absent', undefined, 401],
      ['expired', await system.issueToken(userId, { expiresInSeconds: -60 }), 401],
      ['for another audience', await ofClaims({ client_id: 'another-application' }), 401],
      ['of another issuer by name', await ofClaims({ iss: 'https://another.invalid' }), 401],
      ['of another issuer by key', await impostor.issueToken(userId), 401],
      ['an ID token', await ofClaims({ token_use: 'id', aud: 'household-export' }), 401],
      ['without a signature', `${base64url({ alg: 'none', typ: 'JWT' })}.${payload}.`, 401],
      [
        "another user's payload under this signature",
        `${header}.${base64url({ sub: 'another' })}.${signature}`,
        401,
      ],
      ['garbage', 'such.a-token.is_none', 401],
      ['without the scope', await ofClaims({ scope: 'profile' }), 403],
    ];
    watchChanges();
    const before = await world.row(exportId);
    const everyRoute = [
      ['POST', '/export'],
      ['GET', '/export'],
      ['GET', '/export/preview'],
      ...routes(exportId),
    ];
    for (const [what, token, status] of tokens) {
      const api = new ExportApi(system.apiUrl, token);
      for (const [method = '', path = ''] of everyRoute) {
        const answer = await api.call(method, path);
        expect([what, method, path, answer.status]).toEqual([what, method, path, status]);
      }
    }
    expect(changes).toEqual([]);
    expect(await world.row(exportId)).toEqual(before);
    const log = world.logText();
    for (const [what, token = signature] of tokens) {
      const secret = token
        .split('.')
        .reduce((longest, part) => (part.length > longest.length ? part : longest));
      expect([what, log.includes(secret)]).toEqual([what, false]);
    }
    await expectInvariants(world);
  });

  it("row 7: is told of somebody else's export what is told of none", async () => {
    const stranger = await world.aUser();
    watchChanges();
    const before = await world.row(exportId);
    const unknown = routes(randomUUID());
    for (const [at, [method, path]] of routes(exportId).entries()) {
      const answer = await stranger.api.call(method, path);
      const ofNone = await stranger.api.call(method, unknown[at]?.[1] ?? '');
      expect([path, answer.status, ofNone.status]).toEqual([path, 404, 404]);
      expect({ ...answer.body, requestId: '' }).toEqual({ ...ofNone.body, requestId: '' });
    }
    const { exports } = (await stranger.api.call('GET', '/export')).body as { exports: unknown[] };
    expect([exports, changes]).toEqual([[], []]);
    expect(await world.row(exportId)).toEqual(before);
    await expectInvariants(world);
  });
});
