import type { Problem } from '../api/problem.ts';
import type {
  AcceptedExport,
  DownloadLink,
  ExportList,
  ExportPreview,
  ExportStatusReply,
} from '../api/replies.ts';
import type { ExportRequestBody, ExportType } from '../domain/export-request.ts';

export interface ExportApiOptions {
  /** Of the service, for example `https://api.example.org`; empty for a page of the service's own origin. */
  readonly baseUrl: string;
  /** An access token; asked for before each request, so that it can be renewed. */
  readonly token: () => string | Promise<string>;
  readonly fetch?: typeof globalThis.fetch;
  /** Ends every request; what then is thrown is its reason. */
  readonly signal?: AbortSignal;
}

export interface StatusAnswer {
  /** Absent when nothing has changed since the answer with the given ETag. */
  readonly body: ExportStatusReply | undefined;
  readonly etag: string | undefined;
  /** How long to wait before asking again; absent once the export has ended. */
  readonly retryAfterSeconds: number | undefined;
}

export interface RemoveAnswer {
  /** Whether nothing of the export is left; else ask again after `retryAfterSeconds`. */
  readonly erased: boolean;
  readonly retryAfterSeconds: number | undefined;
}

/** The service's HTTP API. Everything here throws ApiProblem, ApiUnreachable or ForeignAnswer. */
export interface ExportApi {
  /** The same key and body start only one export. */
  start(body: ExportRequestBody, idempotencyKey: string): Promise<AcceptedExport>;
  preview(exportType?: ExportType): Promise<ExportPreview>;
  list(page?: { readonly limit?: number; readonly nextToken?: string }): Promise<ExportList>;
  status(exportId: string, etag?: string): Promise<StatusAnswer>;
  /** A fresh link, good for some minutes: whoever has it can fetch the package. */
  downloadLink(exportId: string): Promise<DownloadLink>;
  remove(exportId: string): Promise<RemoveAnswer>;
}

interface Refusal {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code?: Problem['code'];
  readonly errors?: NonNullable<Problem['errors']>;
  readonly requestId?: string | undefined;
  readonly retryAfterSeconds: number | undefined;
}

/** The service, or the gateway before it, has refused a request. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly title: string;
  /** A sentence for the person who asked; empty when none was given. */
  readonly detail: string;
  /** Absent when the gateway answered, or the service has not foreseen it. */
  readonly code: Problem['code'];
  readonly errors: NonNullable<Problem['errors']>;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor({ status, title, detail, code, errors = [], requestId, retryAfterSeconds }: Refusal) {
    super(detail || title);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.code = code;
    this.errors = errors;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer came, or not all of it; `cause` tells why. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';
}

/** What answered is not this service, such as the page of a proxy. */
export class ForeignAnswer extends Error {
  override readonly name = 'ForeignAnswer';
}

interface Call {
  readonly method?: 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Received {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; undefined when it is no JSON. */
  readonly json: unknown;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Retry-After in seconds or as a date (RFC 9110 section 10.2.3). */
const retryAfterSeconds = ({ headers }: Received): number | undefined => {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : undefined;
};

/** By these keys an answer is known as the service's: what it says in them is believed, as that of any server. */
const isReply = <T extends object>(value: unknown, keys: readonly (keyof T)[]): value is T =>
  typeof value === 'object' && value !== null && keys.every((key) => key in value);

const replyOf = <T extends object>({ json }: Received, ...keys: readonly (keyof T)[]): T => {
  if (isReply<T>(json, keys)) return json;
  throw new ForeignAnswer('The answer is not one of the export service.');
};

/** What a refusal says, as far as it says it: a gateway or a proxy has its own words. */
const problemOf = (received: Received, statusText: string): ApiProblem => {
  const { status, json } = received;
  const told = { status, title: statusText, detail: '', retryAfterSeconds: retryAfterSeconds(received) };
  if (isReply<{ message: string }>(json, ['message'])) {
    return new ApiProblem({ ...told, detail: json.message });
  }
  if (!isReply<Partial<Problem>>(json, ['detail'])) return new ApiProblem(told);
  const { title = statusText, detail = '', code, errors, requestId } = json;
  const fields = Array.isArray(errors) ? errors : [];
  return new ApiProblem({ ...told, title, detail, code, errors: fields, requestId });
};

const exportPath = (exportId: string): string => `/export/${encodeURIComponent(exportId)}`;

const queryOf = (parameters: Readonly<Record<string, string | number | undefined>>): string => {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return given.length === 0 ? '' : `?${given.join('&')}`;
};

/** A client of the service for browsers and Node. It sends each request once: who calls it knows when to try again. */
export const createExportApi = ({ baseUrl, token, signal, ...options }: ExportApiOptions): ExportApi => {
  const base = baseUrl.replace(/\/+$/, '');
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);

  const received = async (response: Response): Promise<Received> => {
    const { status, headers } = response;
    return { status, headers, json: parsed(await response.text()) };
  };

  /** @throws ApiProblem when the status is none of those expected */
  const call = async (
    path: string,
    expected: readonly number[],
    { headers, ...rest }: Call = {},
  ): Promise<Received> => {
    const authorization = `Bearer ${await token()}`;
    try {
      const response = await send(base + path, {
        ...rest,
        headers: { ...headers, authorization, accept: 'application/json' },
        // The service never redirects who accepts JSON, and the token is for nobody else.
        redirect: 'error',
        ...(signal === undefined ? {} : { signal }),
      });
      const answer = await received(response);
      if (expected.includes(answer.status)) return answer;
      throw problemOf(answer, response.statusText);
    } catch (error) {
      if (error instanceof ApiProblem) throw error;
      signal?.throwIfAborted();
      throw new ApiUnreachable('The export service cannot be reached.', { cause: error });
    }
  };

  return {
    async start(body, idempotencyKey) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      const answer = await call('/export', [202], { method: 'POST', headers, body: JSON.stringify(body) });
      return replyOf<AcceptedExport>(answer, 'exportId');
    },
    async preview(exportType) {
      const answer = await call(`/export/preview${queryOf({ exportType })}`, [200]);
      return replyOf<ExportPreview>(answer, 'accounts', 'categories', 'counts');
    },
    async list({ limit, nextToken } = {}) {
      const answer = await call(`/export${queryOf({ limit, nextToken })}`, [200]);
      return replyOf<ExportList>(answer, 'exports', 'hasMore');
    },
    async status(exportId, etag) {
      const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag };
      const answer = await call(`${exportPath(exportId)}/status`, [200, 304], { headers });
      return {
        body:
          answer.status === 304
            ? undefined
            : replyOf<ExportStatusReply>(answer, 'exportId', 'status', 'sections'),
        etag: answer.headers.get('etag') ?? (answer.status === 304 ? etag : undefined),
        retryAfterSeconds: retryAfterSeconds(answer),
      };
    },
    async downloadLink(exportId) {
      const answer = await call(`${exportPath(exportId)}/download`, [200]);
      return replyOf<DownloadLink>(answer, 'downloadUrl', 'fileName', 'packageSize');
    },
    async remove(exportId) {
      const answer = await call(exportPath(exportId), [202, 204], { method: 'DELETE' });
      return { erased: answer.status === 204, retryAfterSeconds: retryAfterSeconds(answer) };
    },
  };
};
