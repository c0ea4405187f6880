import { afterEach, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenIssuer } from '../../infra/local/api-gateway/token-issuer.ts';

const folders: string[] = [];
const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'token-issuer-'));
  folders.push(folder);
  return folder;
};
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

const open = (dataDir: string) =>
  createTokenIssuer({ dataDir, issuer: 'https://issuer.test', audience: 'export-client' });

describe('the local token issuer', () => {
  it('issues an access token as a user pool does', async () => {
    const { issueToken, jwks } = await open(await aFolder());
    const before = Math.floor(Date.now() / 1000);
    const token = await issueToken('user-1', { expiresInSeconds: 60, claims: { email: 'a@b.test' } });
    const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), { issuer: 'https://issuer.test' });
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', kid: jwks.keys[0]?.kid });
    expect(payload).toMatchObject({
      sub: 'user-1',
      client_id: 'export-client',
      token_use: 'access',
      scope: 'export',
      email: 'a@b.test',
    });
    expect(payload.iat).toBeGreaterThanOrEqual(before);
    expect(payload.exp).toBe(Number(payload.iat) + 60);
    expect(payload.aud).toBeUndefined();
  });

  it('publishes only the public half of its key', async () => {
    const { jwks } = await open(await aFolder());
    expect(Object.keys(jwks.keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });

  it('keeps one key over restarts and among concurrent starts, readable by its owner only', async () => {
    const folder = join(await aFolder(), 'made', 'on', 'demand');
    const issuers = await Promise.all([open(folder), open(folder), open(folder)]);
    const keys = [...issuers, await open(folder)].map(({ jwks }) => JSON.stringify(jwks));
    expect(new Set(keys).size).toBe(1);
    const files = await readdir(folder);
    expect(files).toHaveLength(1);
    expect((await stat(join(folder, String(files[0])))).mode & 0o777).toBe(0o600);
  });
});
