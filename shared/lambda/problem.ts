import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { InvalidRequest } from '../domain/errors.ts';

/** The HTTP status of each error a caller can do something about; every other is a 500 that says nothing. */
const STATUS: Readonly<Record<string, { readonly status: number; readonly title: string }>> = {
  InvalidRequest: { status: 400, title: 'Bad Request' },
  AccessTokenRequired: { status: 401, title: 'Unauthorized' },
  ExportNotFound: { status: 404, title: 'Not Found' },
  ExportNotCompleted: { status: 409, title: 'Conflict' },
  ExportStateConflict: { status: 409, title: 'Conflict' },
  ExportExpired: { status: 410, title: 'Gone' },
  RequestTooLarge: { status: 413, title: 'Content Too Large' },
  UnsupportedMediaType: { status: 415, title: 'Unsupported Media Type' },
  IdempotencyKeySpent: { status: 422, title: 'Unprocessable Content' },
  ActiveExportLimitReached: { status: 429, title: 'Too Many Requests' },
  ServiceUnavailable: { status: 503, title: 'Service Unavailable' },
};

const RETRY_AFTER_SECONDS: Readonly<Record<string, number>> = {
  ActiveExportLimitReached: 30,
  ServiceUnavailable: 5,
};

const UNEXPECTED = {
  status: 500,
  title: 'Internal Server Error',
  detail: 'Something went wrong on our side. Please try again; if it stays, tell support the request id.',
};

/**
 * An error as `application/problem+json` (RFC 9457). `unexpected` tells whether operators must look; only an error of
 * this project's own, and below 500, is quoted to the caller.
 */
export const problemReply = (
  error: unknown,
  requestId: string,
): { result: APIGatewayProxyStructuredResultV2; unexpected: boolean } => {
  const name = error instanceof Error ? error.name : '';
  const known = STATUS[name];
  const { status, title } = known ?? UNEXPECTED;
  const detail = status < 500 && error instanceof Error ? error.message : UNEXPECTED.detail;
  const problems =
    error instanceof InvalidRequest && error.problems.length > 0 ? { errors: error.problems } : {};
  const retryAfter = RETRY_AFTER_SECONDS[name];
  return {
    unexpected: status >= 500,
    result: {
      statusCode: status,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
        ...(status === 401 ? { 'www-authenticate': 'Bearer error="invalid_token"' } : {}),
      },
      body: JSON.stringify({
        type: 'about:blank',
        title,
        status,
        detail,
        ...(known === undefined ? {} : { code: name }),
        ...problems,
        requestId,
      }),
    },
  };
};
