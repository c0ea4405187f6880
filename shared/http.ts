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

export interface ApiReply {
  readonly status: 200 | 202 | 204 | 302 | 304;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export type ApiUseCase = (request: ApiRequest) => Promise<ApiReply>;

/** How long a client should wait before it asks again, in seconds. */
export const POLL_SECONDS = 2;
