import { isProblemCode, PROBLEMS, type ProblemCode } from '../http.ts';
import { headers } from './headers.ts';

/** Who refuses: the service by a problem, or the gateway before it by a message of its own. */
export type RefusedBy = 'service' | 'gateway' | 'either';

interface Refusal {
  readonly description: string;
  /** What the gateway says, where it is the one that refuses. */
  readonly message?: string;
}

export const REFUSAL_STATUSES = [400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 500, 503] as const;
export type RefusalStatus = (typeof REFUSAL_STATUSES)[number];

/** What each status means, whoever gives it. */
const REFUSALS: Readonly<Record<RefusalStatus, Refusal>> = {
  400: {
    description: 'The request is not as it should be; `errors` tell of each field of the body.',
    message: 'Bad Request',
  },
  401: { description: 'There is no valid access token.', message: 'Unauthorized' },
  403: { description: 'The token lacks the scope that this deployment demands.', message: 'Forbidden' },
  404: { description: 'The user has no such export.' },
  409: { description: 'There is nothing to download yet, or never will be.' },
  410: { description: 'The package is no longer there.' },
  413: { description: 'The body is larger than any valid request.', message: 'Request Entity Too Large' },
  415: { description: 'The body is not sent as plain JSON.' },
  422: { description: 'The Idempotency-Key cannot be used for this request.' },
  429: {
    description: 'The user has as many active exports as allowed, or the service has too many requests.',
    message: 'Too Many Requests',
  },
  500: { description: 'Something went wrong on our side.', message: 'Internal Server Error' },
  503: {
    description: 'The service is too busy, or something that it needs does not answer: try again.',
    message: 'Service Unavailable',
  },
};

/** A sentence as the service writes it. */
const DETAILS: Readonly<Record<ProblemCode, string>> = {
  InvalidRequest: 'The request has fields that are not as they should be.',
  AccessTokenRequired: 'Send an access token of a user.',
  ExportNotFound: 'There is no export with this id.',
  ExportNotCompleted: 'This export is not finished yet.',
  ExportStateConflict: 'The export has changed meanwhile.',
  ExportExpired: 'The time to download this export is over. Start a new one.',
  RequestTooLarge: 'The body must not be larger than 131072 bytes.',
  UnsupportedMediaType: 'The body must be JSON, sent as Content-Type: application/json and not encoded.',
  IdempotencyKeySpent: 'This Idempotency-Key was used for another request. Send a new key.',
  ActiveExportLimitReached:
    'At most 2 exports can be active at a time. Wait for one to finish, or delete one.',
  ServiceUnavailable:
    'Something went wrong on our side. Please try again; if it stays, tell support the request id.',
};

const REQUEST_ID = 'c6872f1c-6c3f-4a0e-9d52-1f4f3a3bb0a1';

const codesOf = (status: RefusalStatus): ProblemCode[] =>
  Object.keys(PROBLEMS)
    .filter(isProblemCode)
    .filter((code) => PROBLEMS[code].status === status);

const problemExample = (code: ProblemCode) => ({
  value: { type: 'about:blank', ...PROBLEMS[code], detail: DETAILS[code], code, requestId: REQUEST_ID },
});

const UNFORESEEN = {
  value: {
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    detail: DETAILS.ServiceUnavailable,
    requestId: REQUEST_ID,
  },
};

/** What a problem of this status is besides what all are: one that nobody has foreseen has no code. */
const narrowed = (status: RefusalStatus, codes: readonly ProblemCode[]) => ({
  type: 'object',
  properties: { status: { const: status }, code: codes.length === 0 ? false : { enum: codes } },
  required: codes.length === 0 ? ['status'] : ['status', 'code'],
});

const problemContent = (status: RefusalStatus) => {
  const codes = codesOf(status);
  return {
    'application/problem+json': {
      schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, narrowed(status, codes)] },
      examples:
        codes.length === 0
          ? { unforeseen: UNFORESEEN }
          : Object.fromEntries(codes.map((code) => [code, problemExample(code)])),
    },
  };
};

const messageContent = ({ message }: Refusal) => ({
  'application/json': {
    schema: { $ref: '#/components/schemas/GatewayMessage' },
    ...(message === undefined ? {} : { example: { message } }),
  },
});

const headersOf = (status: RefusalStatus, by: RefusedBy) => {
  const challenge = status === 401 || status === 403 ? (['www-authenticate'] as const) : [];
  const wait = status === 429 || status === 503 ? (['retry-after'] as const) : [];
  const ofService = ['x-correlation-id', 'cache-control', ...wait] as const;
  const always = ['apigw-requestid', ...challenge] as const;
  switch (by) {
    case 'gateway':
      return headers(always);
    case 'service':
      return headers([...always, ...ofService]);
    case 'either':
      return headers(always, ofService);
  }
};

/** An OpenAPI response. */
export const refusal = (status: RefusalStatus, by: RefusedBy) => ({
  description: REFUSALS[status].description,
  headers: headersOf(status, by),
  content: {
    ...(by === 'gateway' ? {} : problemContent(status)),
    ...(by === 'service' ? {} : messageContent(REFUSALS[status])),
  },
});
