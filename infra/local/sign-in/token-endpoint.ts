import type { TokenIssuer } from '../api-gateway/token-issuer.ts';
import type { AuthorizationCodes, Grant } from './authorization-codes.ts';
import { onlyValue, SignInRefused, type SignInClient } from './authorization-request.ts';

const LIFETIME_SECONDS = 60 * 60;

/** An answer of the token endpoint (RFC 6749, sections 5.1 and 5.2). */
export interface TokenAnswer {
  readonly status: 200 | 400;
  readonly body: object;
}

export interface TokenEndpointOptions {
  readonly issuer: TokenIssuer;
  readonly client: SignInClient;
  readonly codes: AuthorizationCodes;
}

const required = (parameters: URLSearchParams, name: string): string => {
  const value = onlyValue(parameters, name);
  if (value === undefined) throw new SignInRefused('invalid_request', `${name} must be given`);
  return value;
};

const grantOf = (parameters: URLSearchParams, { client, codes }: TokenEndpointOptions): Grant => {
  if (required(parameters, 'grant_type') !== 'authorization_code')
    throw new SignInRefused('unsupported_grant_type', 'grant_type must be authorization_code');
  if (required(parameters, 'client_id') !== client.clientId)
    throw new SignInRefused('invalid_client', 'client_id is not known');
  const [code, verifier] = [required(parameters, 'code'), required(parameters, 'code_verifier')];
  const grant = codes.redeem(code, verifier);
  if (grant === undefined || required(parameters, 'redirect_uri') !== client.redirectUri)
    throw new SignInRefused('invalid_grant', 'the code is not good, or not for this verifier or address');
  return grant;
};

const tokensFor = async ({ userId, request }: Grant, issuer: TokenIssuer): Promise<object> => {
  const { scope, nonce } = request;
  const lifetime = { expiresInSeconds: LIFETIME_SECONDS };
  const isOpenId = scope.split(' ').includes('openid');
  const idClaims = nonce === undefined ? {} : { nonce };
  return {
    access_token: await issuer.issueToken(userId, { ...lifetime, claims: { scope } }),
    token_type: 'Bearer',
    expires_in: LIFETIME_SECONDS,
    scope,
    ...(isOpenId ? { id_token: await issuer.issueIdToken(userId, { ...lifetime, claims: idClaims }) } : {}),
  };
};

/** Gives tokens for a code: the one grant there is. */
export const answerTokenRequest = async (
  parameters: URLSearchParams,
  options: TokenEndpointOptions,
): Promise<TokenAnswer> => {
  try {
    return { status: 200, body: await tokensFor(grantOf(parameters, options), options.issuer) };
  } catch (error) {
    if (!(error instanceof SignInRefused)) throw error;
    return { status: 400, body: { error: error.error, error_description: error.message } };
  }
};
