import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as oauth from 'oauth4webapi';
import { createJwtAuthorizer } from '../../infra/local/api-gateway/jwt-authorizer.ts';
import { createTokenIssuer, type TokenIssuer } from '../../infra/local/api-gateway/token-issuer.ts';
import { startLocalFront } from '../../infra/local/front/local-front.ts';
import type { LocalServer } from '../../infra/local/local-server.ts';
import { createSignInRoute, signInMetadataUrl } from '../../infra/local/sign-in/sign-in-route.ts';

const ISSUER = 'https://issuer.test';
const CLIENT: oauth.Client = { client_id: 'the-page' };
// eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so for not being for production; this is http on loopback.
const OVER_HTTP = { [oauth.allowInsecureRequests]: true };

let folder: string;
let issuer: TokenIssuer;
let front: LocalServer;
let provider: oauth.AuthorizationServer;
let redirectUri: string;
let now: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sign-in-'));
  issuer = await createTokenIssuer({ dataDir: folder, issuer: ISSUER, audience: CLIENT.client_id });
  front = await startLocalFront({
    port: 0,
    routes: (url) => [createSignInRoute({ url, issuer, now: () => now })],
    api: (_request, response) => response.writeHead(404).end('of the API'),
  });
  redirectUri = `${front.url}/`;
  provider = await oauth.processDiscoveryResponse(new URL(ISSUER), await fetch(signInMetadataUrl(front.url)));
});
afterAll(async () => {
  await front.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  now = Date.now();
});

interface Asking {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly parameters: URLSearchParams;
}

const asking = async (changes: Readonly<Record<string, string | undefined>> = {}): Promise<Asking> => {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const wanted: Readonly<Record<string, string | undefined>> = {
    client_id: CLIENT.client_id,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid export',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...changes,
  };
  const given = Object.entries(wanted).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { verifier, state, nonce, parameters: new URLSearchParams(given) };
};

/** What the sign-in page's form sends. */
const choose = (parameters: URLSearchParams, userId: string): Promise<Response> =>
  fetch(String(provider.authorization_endpoint), {
    method: 'POST',
    body: new URLSearchParams([...parameters, ['user', userId]]),
    redirect: 'manual',
  });

const returnedTo = (response: Response): URL => new URL(String(response.headers.get('location')));

const redeem = async (asked: Asking, returned: URL): Promise<oauth.TokenEndpointResponse> => {
  const callback = oauth.validateAuthResponse(provider, CLIENT, returned, asked.state);
  const response = await oauth.authorizationCodeGrantRequest(
    provider,
    CLIENT,
    oauth.None(),
    callback,
    redirectUri,
    asked.verifier,
    OVER_HTTP,
  );
  return oauth.processAuthorizationCodeResponse(provider, CLIENT, response, {
    expectedNonce: asked.nonce,
    requireIdToken: true,
  });
};

const askForToken = (form: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(String(provider.token_endpoint), { method: 'POST', body: new URLSearchParams(form) });

const signedIn = async (): Promise<{ asked: Asking; code: string }> => {
  const asked = await asking();
  const returned = returnedTo(await choose(asked.parameters, 'user-1'));
  return { asked, code: String(returned.searchParams.get('code')) };
};

const tokenForm = ({ asked, code }: { asked: Asking; code: string }) => ({
  grant_type: 'authorization_code',
  client_id: CLIENT.client_id,
  redirect_uri: redirectUri,
  code,
  code_verifier: asked.verifier,
});

describe('signing in on this machine', () => {
  it('gives an independent client tokens for whoever was chosen, which the API takes', async () => {
    const asked = await asking();
    const tokens = await redeem(asked, returnedTo(await choose(asked.parameters, 'user-1')));
    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ iss: ISSUER, sub: 'user-1' });
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'openid export', expires_in: 3600 });
    const authorize = createJwtAuthorizer(issuer);
    const { claims } = await authorize(`Bearer ${tokens.access_token}`, ['export']);
    expect(claims).toMatchObject({ sub: 'user-1', token_use: 'access', client_id: CLIENT.client_id });
  });

  it('signs ID tokens with the key that it publishes', async () => {
    const asked = await asking();
    const callback = oauth.validateAuthResponse(
      provider,
      CLIENT,
      returnedTo(await choose(asked.parameters, 'user-1')),
      asked.state,
    );
    const none = oauth.None();
    const response = await oauth.authorizationCodeGrantRequest(
      ...([provider, CLIENT, none, callback, redirectUri, asked.verifier, OVER_HTTP] as const),
    );
    const copy = response.clone();
    await oauth.processAuthorizationCodeResponse(provider, CLIENT, response, { expectedNonce: asked.nonce });
    await oauth.validateApplicationLevelSignature(provider, response, OVER_HTTP);
    const { id_token } = (await copy.json()) as { id_token: string };
    expect(decodeJwt(id_token)).toMatchObject({ token_use: 'id', aud: CLIENT.client_id });
  });

  it('offers the sample users and takes any other, and never lets what was asked become markup', async () => {
    const { parameters } = await asking({ login_hint: '"><script>alert(1)</script>' });
    const response = await fetch(`${provider.authorization_endpoint}?${parameters.toString()}`);
    const html = await response.text();
    expect(html).toContain('value="sample-user"');
    expect(html).toContain('value="sample-user-2"');
    expect(html).not.toContain('<script');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it.each<[string, Record<string, string | undefined>]>([
    ['another client', { client_id: 'somebody' }],
    ['another address', { redirect_uri: 'https://evil.test/' }],
    ['a known address written otherwise', { redirect_uri: 'HTTP://127.0.0.1' }],
    ['no address', { redirect_uri: undefined }],
  ])('tells the person, and sends them nowhere, for %s', async (_what, changes) => {
    const { parameters } = await asking(changes);
    const response = await choose(parameters, 'user-1');
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });

  it.each([
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_request', { response_type: undefined }],
    ['invalid_request', { code_challenge: undefined }],
    ['invalid_request', { code_challenge_method: 'plain' }],
    ['invalid_request', { code_challenge_method: undefined }],
    ['invalid_scope', { scope: 'openid everything' }],
    ['login_required', { prompt: 'none' }],
  ])('sends the page %s for %j', async (error, changes) => {
    const asked = await asking(changes);
    const { searchParams } = returnedTo(
      await fetch(`${provider.authorization_endpoint}?${asked.parameters.toString()}`, {
        redirect: 'manual',
      }),
    );
    expect(Object.fromEntries(searchParams)).toMatchObject({ error, state: asked.state, iss: ISSUER });
    expect(searchParams.get('code')).toBeNull();
  });

  it('refuses a parameter that comes twice', async () => {
    const asked = await asking();
    asked.parameters.append('scope', 'export');
    const { searchParams } = returnedTo(await choose(asked.parameters, 'user-1'));
    expect(searchParams.get('error')).toBe('invalid_request');
  });

  it('takes a code once, within a minute, with its verifier and address only', async () => {
    const first = await signedIn();
    expect((await askForToken(tokenForm(first))).status).toBe(200);
    const refused = [
      tokenForm(first),
      { ...tokenForm(await signedIn()), code_verifier: oauth.generateRandomCodeVerifier() },
      { ...tokenForm(await signedIn()), redirect_uri: `${redirectUri}x` },
      { ...tokenForm(await signedIn()), code: 'made-up' },
    ];
    const late = await signedIn();
    for (const form of refused) {
      const response = await askForToken(form);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_grant' });
    }
    now += 60_000;
    expect(await (await askForToken(tokenForm(late))).json()).toMatchObject({ error: 'invalid_grant' });
  });

  it('spends a code on a wrong verifier too', async () => {
    const asked = await signedIn();
    await askForToken({ ...tokenForm(asked), code_verifier: oauth.generateRandomCodeVerifier() });
    expect((await askForToken(tokenForm(asked))).status).toBe(400);
  });

  it.each([
    ['unsupported_grant_type', { grant_type: 'password' }],
    ['invalid_client', { client_id: 'somebody' }],
    ['invalid_request', { code: '' }],
  ])('answers %s to the token request %j', async (error, changes) => {
    const response = await askForToken({ ...tokenForm(await signedIn()), ...changes });
    expect(response.status).toBe(400);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ error });
  });

  it('refuses a token request that is no form', async () => {
    const response = await fetch(String(provider.token_endpoint), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(tokenForm(await signedIn())),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });

  it('leads back to the page after signing out, and nowhere else', async () => {
    const ending = (address: string) =>
      fetch(`${provider.end_session_endpoint}?post_logout_redirect_uri=${encodeURIComponent(address)}`, {
        redirect: 'manual',
      });
    expect((await ending(redirectUri)).headers.get('location')).toBe(redirectUri);
    const elsewhere = await ending('https://evil.test/');
    expect(elsewhere.status).toBe(200);
    expect(await elsewhere.text()).toContain('signed out');
  });
});

describe('the front', () => {
  it('leaves other paths and methods to the API', async () => {
    for (const [method, path] of [
      ['GET', '/_local/sign-in/other'],
      ['DELETE', '/_local/sign-in/token'],
      ['GET', '/export'],
    ] as const) {
      expect(await (await fetch(`${front.url}${path}`, { method })).text()).toBe('of the API');
    }
  });

  it('shows pages under its own address only, and leads there who typed another name of this machine', async () => {
    const named = `http://localhost:${new URL(front.url).port}`;
    for (const path of ['/', '/_local/sign-in/authorize?client_id=page']) {
      const { status, headers } = await fetch(`${named}${path}`, { redirect: 'manual' });
      expect([status, headers.get('location')]).toEqual([307, `${front.url}${path}`]);
    }
    const token = await fetch(`${named}/_local/sign-in/token`, { method: 'POST' });
    expect(await token.text()).toBe('of the API');
  });

  it('says where its port is taken', async () => {
    const port = Number(new URL(front.url).port);
    const second = startLocalFront({ port, routes: () => [], api: () => undefined });
    await expect(second).rejects.toThrow(/in use/);
  });
});
