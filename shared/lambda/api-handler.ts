import { isUtf8 } from 'node:buffer';
import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import {
  AccessTokenRequired,
  InvalidRequest,
  RequestTooLarge,
  UnsupportedMediaType,
} from '../domain/errors.ts';
import type { ApiReply, ApiRequest, ApiUseCase } from '../http.ts';
import type { FunctionLog } from './logger.ts';
import { problemReply } from './problem.ts';

type ApiEvent = APIGatewayProxyEventV2WithJWTAuthorizer;
type ApiResult = APIGatewayProxyStructuredResultV2;

/** Far above any valid request, far below what would take long to parse. */
const BODY_LIMIT_BYTES = 128 * 1024;

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

const bodyOf = ({ body, isBase64Encoded }: ApiEvent): Buffer =>
  Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');

const REPLACEMENT_CHARACTER = '\ufffd';

/**
 * JSON is UTF-8 (RFC 8259). A gateway that hands a body over as text has put U+FFFD where the bytes were none; whoever means
 * that character can write `\ufffd`.
 */
const wasUtf8 = ({ body = '', isBase64Encoded }: ApiEvent): boolean =>
  isBase64Encoded
    ? isUtf8(Buffer.from(body, 'base64'))
    : body.isWellFormed() && !body.includes(REPLACEMENT_CHARACTER);

const isPlainJson = ({ headers }: ApiEvent): boolean =>
  JSON_TYPE.test(headers['content-type'] ?? '') &&
  (headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity';

/** A body is optional, so middy's parser, which refuses an empty one, runs only where there is something to parse. */
const parseBody = () => {
  const parser = httpJsonBodyParser<ApiEvent>({ disableContentTypeCheck: true });
  return {
    before: (request: middy.Request<ApiEvent>): void => {
      const bytes = bodyOf(request.event).length;
      if (bytes === 0) {
        delete request.event.body;
        return;
      }
      if (bytes > BODY_LIMIT_BYTES) {
        throw new RequestTooLarge(`The body must not be larger than ${BODY_LIMIT_BYTES} bytes.`);
      }
      if (!isPlainJson(request.event)) {
        throw new UnsupportedMediaType(
          'The body must be JSON, sent as Content-Type: application/json and not encoded.',
        );
      }
      if (!wasUtf8(request.event)) {
        throw new InvalidRequest([{ pointer: '', detail: 'The body must be valid UTF-8.' }]);
      }
      try {
        parser.before?.(request);
      } catch {
        // middy's own error carries the whole body, which must not reach a log.
        throw new InvalidRequest([{ pointer: '', detail: 'The body must be a JSON object.' }]);
      }
    },
  };
};

/** What callers choose stands in log lines only when it looks like an id. */
const ID = /^[A-Za-z0-9._-]{1,64}$/;

const idOf = (given: string | undefined): string | undefined =>
  given !== undefined && ID.test(given) ? given : undefined;

/** One id from here through everything that comes of the request: the caller's own, or else that of the request. */
const correlationIdOf = ({ headers, requestContext }: ApiEvent): string =>
  idOf(headers['x-correlation-id']) ?? requestContext.requestId;

/** Access tokens only: an ID token names a user too, but was made for the frontend, not for this service (RFC 9068). */
const userOf = ({ requestContext }: ApiEvent): string => {
  const { claims } = requestContext.authorizer.jwt;
  const { sub, token_use: use, scope } = claims;
  const isAccessToken = use === 'access' || (use === undefined && typeof scope === 'string' && scope !== '');
  if (typeof sub !== 'string' || sub === '' || !sub.isWellFormed() || !isAccessToken) {
    throw new AccessTokenRequired('Send an access token of a user.');
  }
  return sub;
};

const requestOf = (event: ApiEvent): ApiRequest => {
  const { requestId } = event.requestContext;
  return {
    userId: userOf(event),
    requestId,
    correlationId: correlationIdOf(event),
    path: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    headers: event.headers,
    body: event.body,
  };
};

const resultOf = (
  { status, headers, body }: ApiReply,
  added: Readonly<Record<string, string>>,
): ApiResult => ({
  statusCode: status,
  headers: {
    ...added,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    'cache-control': 'no-store',
    ...headers,
  },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

const correlationHeader = (event: ApiEvent) => ({ 'x-correlation-id': correlationIdOf(event) });

/** Log lines name the function's own route, never the path, the query, a header or the body. */
const beginLog = (log: FunctionLog) => ({
  before: ({ event }: middy.Request<ApiEvent>): void => {
    const { requestId, authorizer } = event.requestContext;
    const { sub } = authorizer.jwt.claims;
    const exportId = idOf(event.pathParameters?.['exportId']);
    log.begin({ requestId });
    log.about({
      correlationId: correlationIdOf(event),
      ...(exportId === undefined ? {} : { exportId }),
      ...(typeof sub === 'string' ? { userId: sub } : {}),
    });
  },
});

const answerProblems = (log: FunctionLog) => ({
  onError: (request: middy.Request<ApiEvent, ApiResult>): void => {
    const { event, error } = request;
    const { result, unexpected } = problemReply(error, event.requestContext.requestId);
    const fields = { status: result.statusCode ?? 500 };
    if (unexpected) log.failure('Request failed.', error, fields);
    else log.info('Request refused.', { ...fields, errorName: error?.name ?? '' });
    request.response = { ...result, headers: { ...result.headers, ...correlationHeader(event) } };
  },
});

/** An HTTP use-case as a Lambda handler for API Gateway's payload format 2.0. */
export const apiHandler = ({ log, useCase }: { readonly log: FunctionLog; readonly useCase: ApiUseCase }) =>
  middy<ApiEvent, ApiResult>()
    .use(beginLog(log))
    .use(parseBody())
    .use(answerProblems(log))
    .handler(async (event) => {
      const reply = await useCase(requestOf(event));
      log.info('Request answered.', { status: reply.status });
      return resultOf(reply, correlationHeader(event));
    });
