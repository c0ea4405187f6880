import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Problem } from '../api/problem.ts';
import { InvalidRequest } from '../domain/errors.ts';
import { isProblemCode, PROBLEMS } from '../http.ts';

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
  const code = isProblemCode(name) ? name : undefined;
  const { status, title } = code === undefined ? UNEXPECTED : PROBLEMS[code];
  const detail = status < 500 && error instanceof Error ? error.message : UNEXPECTED.detail;
  const problems =
    error instanceof InvalidRequest && error.problems.length > 0 ? { errors: [...error.problems] } : {};
  const retryAfter = RETRY_AFTER_SECONDS[name];
  const problem: Problem = {
    type: 'about:blank',
    title,
    status,
    detail,
    ...(code === undefined ? {} : { code }),
    ...problems,
    requestId,
  };
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
      body: JSON.stringify(problem),
    },
  };
};
