import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';
import {
  ApiProblem,
  ApiUnreachable,
  createExportApi,
  ForeignAnswer,
} from '../../../shared/client/export-api.ts';
import type { ExportRequestBody } from '../../../shared/domain/export-request.ts';
import { CommandFailed, sentenceOf } from './command-line.ts';
import { exportStatus, type ExportStatus } from './export-status.ts';
import { httpFailure } from './http-failure.ts';

const ATTEMPTS = 6;
const REQUEST_TIMEOUT_MS = 60_000;
const LONGEST_WAIT_SECONDS = 120;
const DEFAULT_POLL_SECONDS = 2;
const BUSY: readonly number[] = [429, 502, 503, 504];

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

const waitSeconds = (asked: number | undefined): number | undefined =>
  asked === undefined ? undefined : Math.min(asked, LONGEST_WAIT_SECONDS);

const foreignAnswer = (request: string): CommandFailed =>
  new CommandFailed(
    `${request} was answered with something that is not this service's. Check the URL of the service.`,
  );

/** What answers at a URL that anybody may have typed is checked before it is believed. */
const parsed = <T>(schema: z.ZodMiniType<T>, answer: unknown, request: string): T => {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw foreignAnswer(request);
};

const exportPath = (exportId: string, resource: string): string =>
  `/export/${encodeURIComponent(exportId)}/${resource}`;

export const createExportClient = ({ url, token, signal, onWait }: ExportClientOptions): ExportClient => {
  const base = url.replace(/\/+$/, '');
  const api = createExportApi({
    baseUrl: base,
    token: () => token,
    signal,
    fetch: (input, init) =>
      fetch(input, {
        ...init,
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      }),
  });
  /** A service that has answered is worth waiting for; one that never did is more likely a wrong URL. */
  let known = false;

  const isPassing = (error: unknown): boolean =>
    error instanceof ApiProblem ? BUSY.includes(error.status) : error instanceof ApiUnreachable && known;

  const failureOf = (request: string, error: unknown): unknown => {
    if (error instanceof ApiProblem) return httpFailure(request, error);
    if (error instanceof ForeignAnswer) return foreignAnswer(request);
    if (!(error instanceof ApiUnreachable)) return error;
    return new CommandFailed(
      `${base} cannot be reached: ${sentenceOf(error.cause)}. Is the service running?`,
    );
  };

  /** Every request here may be repeated: a POST carries its Idempotency-Key. */
  const ask = async <T>(request: string, send: () => Promise<T>): Promise<T> => {
    for (let count = 1; ; count++) {
      try {
        const answer = await send();
        known = true;
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        known ||= error instanceof ApiProblem;
        if (count === ATTEMPTS || !isPassing(error)) throw failureOf(request, error);
        const problem = error instanceof ApiProblem ? error : undefined;
        const seconds = waitSeconds(problem?.retryAfterSeconds) ?? Math.min(30, 2 ** (count - 1));
        const reason =
          problem === undefined ? `${base} cannot be reached.` : httpFailure(request, problem).message;
        onWait(`${reason} Trying again in ${Math.ceil(seconds)} s.`);
        await delay(seconds * 1000, undefined, { signal });
      }
    }
  };

  return {
    async start(body, idempotencyKey) {
      return (await ask('POST /export', () => api.start(body, idempotencyKey))).exportId;
    },
    async status(exportId, etag) {
      const request = `GET ${exportPath(exportId, 'status')}`;
      const answer = await ask(request, () => api.status(exportId, etag));
      return {
        etag: answer.etag,
        pollSeconds: waitSeconds(answer.retryAfterSeconds) ?? DEFAULT_POLL_SECONDS,
        ...(answer.body === undefined ? {} : { status: parsed(exportStatus, answer.body, request) }),
      };
    },
    async downloadLink(exportId) {
      const request = `GET ${exportPath(exportId, 'download')}`;
      return parsed(downloadLink, await ask(request, () => api.downloadLink(exportId)), request);
    },
  };
};
