import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';
import { CommandFailed, sentenceOf } from './command-line.ts';
import { exportStatus, type ExportStatus } from './export-status.ts';
import { httpFailure } from './http-failure.ts';

const ATTEMPTS = 6;
const REQUEST_TIMEOUT_MS = 60_000;
const LONGEST_WAIT_SECONDS = 120;
const DEFAULT_POLL_SECONDS = 2;
const BUSY: readonly number[] = [429, 502, 503, 504];

export interface ExportRequestBody {
  readonly exportType: string;
  readonly exportFormat?: string;
  readonly includeAnalytics: boolean;
  readonly includeCsv?: boolean;
  readonly description?: string;
}

interface ApiCall {
  readonly method?: 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const downloadLink = z.object({
  downloadUrl: z.string(),
  fileName: z.string(),
  packageSize: z.number(),
  sha256: z.nullable(z.string()),
});
/** `downloadUrl` lets anybody who has it fetch the package: it is never shown. */
export type DownloadLink = z.infer<typeof downloadLink>;

export interface StatusAnswer {
  /** Absent when nothing has changed since the answer with the given ETag. */
  readonly status?: ExportStatus;
  readonly etag: string | undefined;
  readonly pollSeconds: number;
}

/** The service as its HTTP contract has it. Every method throws CommandFailed, or AbortError once the signal says so. */
export interface ExportClient {
  /** Answers the export's id; the same key and body start only one export. */
  start(body: ExportRequestBody, idempotencyKey: string): Promise<string>;
  status(exportId: string, etag?: string): Promise<StatusAnswer>;
  /** A fresh link, good for some minutes. */
  downloadLink(exportId: string): Promise<DownloadLink>;
}

interface ExportClientOptions {
  /** Base URL of the service. */
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** Told when the service asks to wait. */
  readonly onWait: (line: string) => void;
}

/** Retry-After in seconds or as a date (RFC 9110 section 10.2.3). */
const retryAfterSeconds = ({ headers }: Response): number | undefined => {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), LONGEST_WAIT_SECONDS) : undefined;
};

const parsed = async <T>(schema: z.ZodMiniType<T>, response: Response, request: string): Promise<T> => {
  const result = schema.safeParse(await response.json().catch(() => undefined));
  if (result.success) return result.data;
  throw new CommandFailed(
    `${request} was answered with something that is not this service's. Check the URL of the service.`,
  );
};

const exportPath = (exportId: string, resource: string): string =>
  `/export/${encodeURIComponent(exportId)}/${resource}`;

export const createExportClient = ({ url, token, signal, onWait }: ExportClientOptions): ExportClient => {
  const base = url.replace(/\/+$/, '');
  /** A service that has answered is worth waiting for; one that never did is more likely a wrong URL. */
  let known = false;

  const once = async (path: string, call: ApiCall): Promise<Response> =>
    fetch(`${base}${path}`, {
      ...call,
      headers: { ...call.headers, authorization: `Bearer ${token}`, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });

  /** The answer, or undefined when nobody answered. */
  const attempt = async (path: string, call: ApiCall, isLast: boolean): Promise<Response | undefined> => {
    try {
      const response = await once(path, call);
      known = true;
      return response;
    } catch (error) {
      signal.throwIfAborted();
      if (known && !isLast) return undefined;
      throw new CommandFailed(`${base} cannot be reached: ${sentenceOf(error)}. Is the service running?`);
    }
  };

  /** Every request here may be repeated: a POST carries its Idempotency-Key. */
  const send = async (path: string, call: ApiCall = {}): Promise<Response> => {
    for (let count = 1; ; count++) {
      const isLast = count === ATTEMPTS;
      const response = await attempt(path, call, isLast);
      if (response !== undefined && (isLast || !BUSY.includes(response.status))) return response;
      const seconds = (response && retryAfterSeconds(response)) ?? Math.min(30, 2 ** (count - 1));
      const reason =
        response === undefined
          ? `${base} cannot be reached.`
          : (await httpFailure(call.method ?? 'GET', response)).message;
      onWait(`${reason} Trying again in ${Math.ceil(seconds)} s.`);
      await delay(seconds * 1000, undefined, { signal });
    }
  };

  return {
    async start(body, idempotencyKey) {
      const response = await send('/export', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(body),
      });
      if (response.status !== 202) throw await httpFailure('POST /export', response);
      return (await parsed(z.object({ exportId: z.string() }), response, 'POST /export')).exportId;
    },
    async status(exportId, etag) {
      const path = exportPath(exportId, 'status');
      const response = await send(path, etag === undefined ? {} : { headers: { 'if-none-match': etag } });
      const answer = {
        etag: response.headers.get('etag') ?? undefined,
        pollSeconds: retryAfterSeconds(response) ?? DEFAULT_POLL_SECONDS,
      };
      if (response.status === 304) return { ...answer, etag };
      if (response.status !== 200) throw await httpFailure(`GET ${path}`, response);
      return { ...answer, status: await parsed(exportStatus, response, `GET ${path}`) };
    },
    async downloadLink(exportId) {
      const path = exportPath(exportId, 'download');
      const response = await send(path);
      if (response.status !== 200) throw await httpFailure(`GET ${path}`, response);
      return parsed(downloadLink, response, `GET ${path}`);
    },
  };
};
