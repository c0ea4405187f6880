import { readFileSync } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { securityHeaders } from '../../web/security-headers.ts';
import type { TokenIssuer } from '../api-gateway/token-issuer.ts';
import type { LocalRoute } from '../front/local-front.ts';
import { requestPath } from '../front/request-path.ts';
import { readRequestBody } from '../request-body.ts';
import { AuthorizationCodes } from './authorization-codes.ts';
import {
  authorizationRequestOf,
  checkClient,
  onlyValue,
  SignInRefused,
  SUPPORTED_SCOPES,
  UnknownClient,
  type SignInClient,
} from './authorization-request.ts';
import { messagePage, signInPage } from './sign-in-page.ts';
import { answerTokenRequest } from './token-endpoint.ts';

const PATH = '/_local/sign-in';
const STYLE = `${PATH}/style.css`;
const BODY_LIMIT_BYTES = 64 * 1024;

/** Where the discovery document of a service at this address is. */
export const signInMetadataUrl = (url: string): string => `${url}${PATH}/.well-known/openid-configuration`;

interface Answer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

const PAGE_HEADERS = securityHeaders({ connectTo: [], isHttps: false });

const htmlAnswer = (status: number, body: string): Answer => ({
  status,
  headers: { ...PAGE_HEADERS, 'content-type': 'text/html; charset=utf-8' },
  body,
});

const jsonAnswer = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

const redirectTo = (address: string, parameters: Readonly<Record<string, string | undefined>>): Answer => {
  const target = new URL(address);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) target.searchParams.set(name, value);
  }
  return { status: 303, headers: { location: target.href } };
};

const discoveryDocument = (url: string, { issuer }: TokenIssuer) => ({
  issuer,
  authorization_endpoint: `${url}${PATH}/authorize`,
  token_endpoint: `${url}${PATH}/token`,
  jwks_uri: `${url}${PATH}/jwks`,
  end_session_endpoint: `${url}${PATH}/end-session`,
  scopes_supported: SUPPORTED_SCOPES,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: ['authorization_code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  token_endpoint_auth_methods_supported: ['none'],
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: true,
});

const styleText = (): string =>
  ['../../web/browser/theme.css', './sign-in.css']
    .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
    .join('\n');

export interface SignInOptions {
  /** Where the service listens. */
  readonly url: string;
  readonly issuer: TokenIssuer;
  /** Milliseconds since the epoch; the machine's clock when absent. */
  readonly now?: () => number;
}

type Endpoint = (parameters: URLSearchParams) => Answer | Promise<Answer>;

const createEndpoints = ({ url, issuer, now = Date.now }: SignInOptions): Record<string, Endpoint> => {
  const client: SignInClient = { clientId: issuer.audience, redirectUri: `${url}/` };
  const codes = new AuthorizationCodes(now);

  /** An error goes back to the page, unless it is not clear to which. */
  const authorizing =
    (answer: Endpoint): Endpoint =>
    async (parameters) => {
      try {
        checkClient(parameters, client);
        return await answer(parameters);
      } catch (error) {
        if (error instanceof UnknownClient)
          return htmlAnswer(400, messagePage('This does not fit', error.message, STYLE));
        if (!(error instanceof SignInRefused)) throw error;
        const [state] = parameters.getAll('state');
        const told = { error: error.error, error_description: error.message };
        return redirectTo(client.redirectUri, { ...told, state, iss: issuer.issuer });
      }
    };

  const askWho: Endpoint = (parameters) => {
    authorizationRequestOf(parameters);
    return htmlAnswer(200, signInPage(parameters, STYLE));
  };
  const signIn: Endpoint = (parameters) => {
    const request = authorizationRequestOf(parameters);
    const userId = onlyValue(parameters, 'user')?.trim() ?? '';
    if (userId === '') return htmlAnswer(200, signInPage(parameters, STYLE));
    const code = codes.issue({ userId, request });
    return redirectTo(client.redirectUri, { code, state: request.state, iss: issuer.issuer });
  };
  /** Nobody stays signed in here, so there is nothing to end but the way back. */
  const endSession: Endpoint = (parameters) =>
    parameters.get('post_logout_redirect_uri') === client.redirectUri
      ? redirectTo(client.redirectUri, { state: parameters.get('state') ?? undefined })
      : htmlAnswer(200, messagePage('You are signed out', 'You can close this page.', STYLE));

  return {
    [`GET ${PATH}/.well-known/openid-configuration`]: () => jsonAnswer(200, discoveryDocument(url, issuer)),
    [`GET ${PATH}/jwks`]: () => jsonAnswer(200, issuer.jwks),
    [`GET ${STYLE}`]: () => ({ status: 200, headers: { 'content-type': 'text/css' }, body: styleText() }),
    [`GET ${PATH}/authorize`]: authorizing(askWho),
    [`POST ${PATH}/authorize`]: authorizing(signIn),
    [`POST ${PATH}/token`]: async (parameters) => {
      const { status, body } = await answerTokenRequest(parameters, { issuer, client, codes });
      return jsonAnswer(status, body);
    },
    [`GET ${PATH}/end-session`]: endSession,
    [`POST ${PATH}/end-session`]: endSession,
  };
};

/** The parameters of a query or a form; undefined for a body that is no form. */
const parametersOf = async (request: IncomingMessage): Promise<URLSearchParams | undefined> => {
  if (request.method !== 'POST') return new URL(request.url ?? '/', 'http://local').searchParams;
  const body = await readRequestBody(request, BODY_LIMIT_BYTES);
  const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers['content-type'] ?? '');
  return isForm && body !== undefined ? new URLSearchParams(body.toString()) : undefined;
};

const send = (response: ServerResponse, { status, headers, body }: Answer): void => {
  response
    .writeHead(status, {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      ...headers,
    })
    .end(body);
};

/**
 * The sign-in of this machine: an OpenID Connect provider that believes whoever comes. It knows the authorization code flow
 * with PKCE, for the page at the service's own address.
 */
export const createSignInRoute = (options: SignInOptions): LocalRoute => {
  const endpoints = createEndpoints(options);
  return async (request, response) => {
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const endpoint = endpoints[`${method} ${requestPath(request)}`];
    if (endpoint === undefined) return false;
    const parameters = await parametersOf(request);
    const notAForm = { error: 'invalid_request', error_description: 'the body must be a form' };
    send(response, parameters === undefined ? jsonAnswer(400, notAForm) : await endpoint(parameters));
    return true;
  };
};
