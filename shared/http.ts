/** What the HTTP use-cases receive and answer, free of any gateway's event format. */

export interface ApiRequest {
  /** The user the access token speaks for. */
  readonly userId: string;
  readonly requestId: string;
  readonly correlationId: string;
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The parsed JSON body; undefined when there was none. */
  readonly body: unknown;
}

export interface ApiReply<Body extends object = object> {
  readonly status: 200 | 202 | 204 | 302 | 304;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
}

export type ApiUseCase = (request: ApiRequest) => Promise<ApiReply>;

/** How long a client should wait before it asks again, in seconds. */
export const POLL_SECONDS = 2;

/** The errors that a caller can do something about, by name; every other is a 500 that says nothing. */
export const PROBLEMS = {
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
} as const satisfies Readonly<Record<string, { readonly status: number; readonly title: string }>>;

/** The `code` of a problem; stable for programs. */
export type ProblemCode = keyof typeof PROBLEMS;

export const isProblemCode = (name: string): name is ProblemCode => Object.hasOwn(PROBLEMS, name);
