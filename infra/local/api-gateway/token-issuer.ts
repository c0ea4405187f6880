import {
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  SignJWT,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTPayload,
} from 'jose';
import { createPublicKey, randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../error-code.ts';
import { makeFolder } from '../usable-folder.ts';

const ALGORITHM = 'RS256';
const KEY_ID = 'local-1';
const DEFAULT_LIFETIME_SECONDS = 12 * 60 * 60;

export interface TokenOptions {
  /** Lifetime, seconds; negative makes a token that has expired already (default 12 hours). */
  readonly expiresInSeconds?: number;
  /** Further claims, which replace those of an ordinary access token; undefined leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Stands in for the user pool: whoever may read its key can be any user. */
export interface TokenIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: JSONWebKeySet;
  /** An access token as the user pool would issue it. */
  readonly issueToken: (userId: string, options?: TokenOptions) => Promise<string>;
  /** An ID token (OpenID Connect Core, section 2): tells a page who has signed in; the API does not take it. */
  readonly issueIdToken: (userId: string, options?: TokenOptions) => Promise<string>;
}

const makeKey = async (file: string): Promise<void> => {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, await exportPKCS8(privateKey), { mode: 0o600 });
  try {
    // A link appears at once and whole, and only once: who comes second uses the first one's key.
    await link(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft);
  }
};

const readKey = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, 'token-signing-key.pem');
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  await makeFolder(dataDir);
  await makeKey(file);
  return readFile(file, 'utf8');
};

const jwksOf = async (pem: string): Promise<JSONWebKeySet> => {
  const publicKey = await exportJWK(createPublicKey(pem));
  return { keys: [{ ...publicKey, kid: KEY_ID, alg: ALGORITHM, use: 'sig' }] };
};

const sign = (key: CryptoKey, claims: JWTPayload): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID, typ: 'JWT' }).sign(key);

/** Opens the local token issuer, making its key the first time. The key is readable by its owner only. */
export const createTokenIssuer = async (options: {
  readonly dataDir: string;
  readonly issuer: string;
  readonly audience: string;
}): Promise<TokenIssuer> => {
  const { dataDir, issuer, audience } = options;
  const pem = await readKey(dataDir);
  const key = await importPKCS8(pem, ALGORITHM);
  const issue =
    (ordinary: JWTPayload): TokenIssuer['issueToken'] =>
    (userId, { expiresInSeconds = DEFAULT_LIFETIME_SECONDS, claims } = {}) => {
      const issuedAt = Math.floor(Date.now() / 1000);
      return sign(key, {
        iss: issuer,
        sub: userId,
        ...ordinary,
        jti: randomUUID(),
        iat: issuedAt,
        exp: issuedAt + expiresInSeconds,
        ...claims,
      });
    };
  return {
    issuer,
    audience,
    jwks: await jwksOf(pem),
    issueToken: issue({ client_id: audience, token_use: 'access', scope: 'export' }),
    issueIdToken: issue({ aud: audience, token_use: 'id' }),
  };
};
