import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';

/** Whom the authorizer believes: configured on AWS as the JWT authorizer's issuer and audience. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: JSONWebKeySet;
}

/** What the function sees as `requestContext.authorizer.jwt`. */
export interface AuthorizedJwt {
  readonly claims: Record<string, string>;
  /** Null for a route that asks for no scope. */
  readonly scopes: string[] | null;
}

/** A request that is turned away. `challenge` is the WWW-Authenticate header. Neither names the token. */
export class NotAuthorized extends Error {
  override readonly name = 'NotAuthorized';
  readonly status: 401 | 403;
  readonly challenge: string;

  constructor(status: 401 | 403, challenge: string) {
    super(status === 401 ? 'Unauthorized' : 'Forbidden');
    this.status = status;
    this.challenge = challenge;
  }
}

const invalidToken = (description: string): NotAuthorized =>
  new NotAuthorized(401, `Bearer scope="" error="invalid_token" error_description="${description}"`);

const describe = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token does not have a valid ${error.claim}`;
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'the signature of the token is not valid';
  return 'the token is not valid';
};

const REMEMBERED_TOKENS = 1_000;

const hasExpired = ({ exp = 0 }: JWTPayload): boolean => exp <= Math.floor(Date.now() / 1000);

/**
 * What a signature says of a token does not change, so that of the latest tokens is remembered, by the whole token and only
 * until it expires.
 */
const rememberingVerified = (verify: (token: string) => Promise<JWTPayload>) => {
  const verified = new Map<string, JWTPayload>();
  return async (token: string): Promise<JWTPayload> => {
    const known = verified.get(token);
    if (known !== undefined && !hasExpired(known)) return known;
    verified.delete(token);
    const payload = await verify(token);
    const [oldest] = verified.keys();
    if (oldest !== undefined && verified.size >= REMEMBERED_TOKENS) verified.delete(oldest);
    verified.set(token, payload);
    return payload;
  };
};

const verifierOf = ({ issuer, jwks }: TrustedIssuer) => {
  const keys = createLocalJWKSet(jwks);
  return rememberingVerified(async (token) => {
    try {
      const options = { issuer, algorithms: ['RS256'], requiredClaims: ['exp'] };
      return (await jwtVerify(token, keys, options)).payload;
    } catch (error) {
      throw invalidToken(describe(error));
    }
  });
};

const checkAudience = (payload: JWTPayload, audience: string): void => {
  // client_id counts only when there is no aud.
  const audiences = [payload.aud ?? payload.client_id].flat();
  if (!audiences.includes(audience)) throw invalidToken('the token does not have a valid audience');
};

/** A claim reaches the function as text, where a number could no longer be told from a user of that name. */
const checkSubject = ({ sub }: JWTPayload): void => {
  if (typeof sub !== 'string' || sub === '') throw invalidToken('the token does not have a valid subject');
};

const checkIssuedAt = ({ iat }: JWTPayload): void => {
  if (iat !== undefined && iat > Date.now() / 1000) throw invalidToken('the token was issued in the future');
};

const scopesOf = ({ scope, scp }: JWTPayload): string[] => {
  const granted = scope ?? scp;
  if (Array.isArray(granted)) return granted.map(String);
  return typeof granted === 'string' ? granted.split(' ').filter((name) => name !== '') : [];
};

const checkScopes = (granted: readonly string[], required: readonly string[]): void => {
  if (required.length === 0 || required.some((scope) => granted.includes(scope))) return;
  throw new NotAuthorized(403, `Bearer scope="${required.join(' ')}" error="insufficient_scope"`);
};

/** HTTP APIs hand every claim over as text, a list in brackets. */
const claimText = (claim: unknown): string => {
  if (Array.isArray(claim)) return `[${claim.map(claimText).join(' ')}]`;
  return typeof claim === 'string' ? claim : JSON.stringify(claim);
};

/** Checks the token of an Authorization header, with or without `Bearer`. What it returns throws NotAuthorized. */
export const createJwtAuthorizer = (trusted: TrustedIssuer) => {
  const verify = verifierOf(trusted);
  return async (
    authorization: string | undefined,
    requiredScopes: readonly string[] = [],
  ): Promise<AuthorizedJwt> => {
    const token = authorization?.replace(/^bearer\s+/i, '').trim();
    if (!token) throw new NotAuthorized(401, 'Bearer');
    const payload = await verify(token);
    checkAudience(payload, trusted.audience);
    checkIssuedAt(payload);
    checkSubject(payload);
    const granted = scopesOf(payload);
    checkScopes(granted, requiredScopes);
    return {
      claims: Object.fromEntries(Object.entries(payload).map(([name, claim]) => [name, claimText(claim)])),
      scopes: requiredScopes.length > 0 ? granted : null,
    };
  };
};
