import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LOCAL_ACCOUNT_ID } from '../local-identity.ts';
import type { AuthorizedJwt } from './jwt-authorizer.ts';
import type { RouteMatch } from './route-table.ts';

const API_ID = 'local';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** All that an event is made of. */
export interface ProxyRequest {
  readonly request: IncomingMessage;
  readonly match: RouteMatch;
  readonly jwt: AuthorizedJwt;
  readonly body: Buffer;
  readonly requestId: string;
  /** When the request came, milliseconds since the epoch. */
  readonly time: number;
}

export interface RequestTarget {
  /** The path as it came, percent-encoded. */
  readonly path: string;
  /** What follows the question mark, as it came. */
  readonly query: string;
}

/** Splits the target of a request without normalizing it. */
export const targetOf = ({ url = '/' }: IncomingMessage): RequestTarget => {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
};

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `12/Mar/2020:19:03:58 +0000`, the form API Gateway writes. */
const commonLogTime = (time: number): string => {
  const date = new Date(time);
  const day = `${twoDigits(date.getUTCDate())}/${MONTHS[date.getUTCMonth()] ?? ''}/${date.getUTCFullYear()}`;
  return `${day}:${date.toISOString().slice(11, 19)} +0000`;
};

const addressOf = ({ socket }: IncomingMessage): string =>
  socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';

const headersOf = (request: IncomingMessage): Record<string, string> => {
  const distinct = request.headersDistinct;
  const forwardedFor = [...(distinct['x-forwarded-for'] ?? []), addressOf(request)];
  return {
    ...Object.fromEntries(
      Object.entries(distinct)
        .filter(([name]) => name !== 'cookie')
        .map(([name, values = []]) => [name, values.join(',')]),
    ),
    'x-amzn-trace-id': `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomUUID().replaceAll('-', '').slice(8)}`,
    'x-forwarded-for': forwardedFor.join(', '),
    'x-forwarded-port': String(request.socket.localPort),
    'x-forwarded-proto': 'http',
  };
};

const cookiesOf = ({ headers }: IncomingMessage): { cookies?: string[] } =>
  headers.cookie === undefined
    ? {}
    : { cookies: headers.cookie.split(/; */).filter((cookie) => cookie !== '') };

const queryOf = (query: string): { queryStringParameters?: Record<string, string> } => {
  const parameters = new URLSearchParams(query);
  const names = [...new Set(parameters.keys())];
  if (names.length === 0) return {};
  const joined = names.map((name) => [name, parameters.getAll(name).join(',')] as const);
  return { queryStringParameters: Object.fromEntries(joined) };
};

const isText = ({ headers }: IncomingMessage): boolean =>
  headers['content-encoding'] === undefined &&
  /^\s*(text\/[^;]*|application\/([^;]*\+)?(json|xml)|application\/javascript)\s*(;|$)/i.test(
    headers['content-type'] ?? '',
  );

const bodyOf = (request: IncomingMessage, body: Buffer): { body?: string; isBase64Encoded: boolean } => {
  if (body.length === 0) return { isBase64Encoded: false };
  return isText(request)
    ? { body: body.toString('utf8'), isBase64Encoded: false }
    : { body: body.toString('base64'), isBase64Encoded: true };
};

const contextOf = (
  proxied: ProxyRequest,
  path: string,
): APIGatewayProxyEventV2WithJWTAuthorizer['requestContext'] => {
  const { request, match, jwt, requestId, time } = proxied;
  const domainName = request.headers.host ?? '';
  return {
    accountId: LOCAL_ACCOUNT_ID,
    apiId: API_ID,
    authorizer: { jwt: { claims: jwt.claims, scopes: jwt.scopes } },
    domainName,
    domainPrefix: domainName.split('.')[0] ?? '',
    http: {
      method: request.method ?? '',
      path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: addressOf(request),
      userAgent: request.headers['user-agent'] ?? '',
    },
    requestId,
    routeKey: `${match.route.method} ${match.route.path}`,
    stage: '$default',
    time: commonLogTime(time),
    timeEpoch: time,
  };
};

/** The event of payload format 2.0. The path in it is decoded, as HTTP APIs do. */
export const proxyEventOf = (proxied: ProxyRequest): APIGatewayProxyEventV2WithJWTAuthorizer => {
  const { request, match, body } = proxied;
  const { path, query } = targetOf(request);
  const decodedPath = decodeURIComponent(path);
  return {
    version: '2.0',
    routeKey: `${match.route.method} ${match.route.path}`,
    rawPath: decodedPath,
    rawQueryString: query,
    ...cookiesOf(request),
    headers: headersOf(request),
    ...queryOf(query),
    ...(Object.keys(match.pathParameters).length > 0 ? { pathParameters: match.pathParameters } : {}),
    requestContext: contextOf(proxied, decodedPath),
    ...bodyOf(request, body),
  };
};
