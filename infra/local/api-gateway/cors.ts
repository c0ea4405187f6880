import type { OutgoingHttpHeaders } from 'node:http';

const METHODS = ['GET', 'POST', 'DELETE', 'OPTIONS'];
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-none-match',
  'accept',
  'x-correlation-id',
];
const EXPOSED_HEADERS = ['etag', 'location', 'retry-after', 'x-correlation-id'];
const MAX_AGE_SECONDS = 600;

/** What the gateway says about cross-origin use. The function's own CORS headers are dropped, as on AWS. */
export interface Cors {
  /** Headers of an ordinary answer; none for an origin that is not allowed. */
  answerHeaders(origin: string | undefined): OutgoingHttpHeaders;
  /** Headers of the answer to a preflight request, which never reaches a function. */
  preflightHeaders(origin: string | undefined): OutgoingHttpHeaders;
}

export const isCorsHeader = (name: string): boolean => name.toLowerCase().startsWith('access-control-');

export const createCors = (allowedOrigins: readonly string[]): Cors => {
  const answerHeaders = (origin: string | undefined): OutgoingHttpHeaders => {
    if (origin === undefined) return {};
    const anyOrigin = allowedOrigins.includes('*');
    if (!anyOrigin && !allowedOrigins.includes(origin)) return {};
    return {
      'access-control-allow-origin': anyOrigin ? '*' : origin,
      'access-control-expose-headers': EXPOSED_HEADERS.join(','),
      ...(anyOrigin ? {} : { vary: 'Origin' }),
    };
  };
  return {
    answerHeaders,
    preflightHeaders: (origin) => {
      const headers = answerHeaders(origin);
      if (Object.keys(headers).length === 0) return {};
      return {
        ...headers,
        'access-control-allow-methods': METHODS.join(','),
        'access-control-allow-headers': REQUEST_HEADERS.join(','),
        'access-control-max-age': String(MAX_AGE_SECONDS),
      };
    },
  };
};
