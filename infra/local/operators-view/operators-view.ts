import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { EXECUTION_STATUSES } from '../../web/browser/executions/replies.ts';
import type { LocalRoute } from '../front/local-front.ts';
import type { OperatorAccess } from './execution-reader.ts';
import { executionReply, executionsReply } from './execution-replies.ts';
import { buildPage, type Page, type PageFile } from './page-files.ts';

/** Where operators look, below the API's address. */
export const OPERATORS_PATH = '/_local/executions';
const ASSETS = `${OPERATORS_PATH}/assets/`;
const API = `${OPERATORS_PATH}/api/executions`;

const EXECUTIONS_PAGE = 20;

const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

interface Answer extends PageFile {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const json = (status: number, reply: unknown): Answer => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(reply),
});

const refusal = (status: number, message: string): Answer => json(status, { message });
const nothingThere = (): Answer => refusal(404, 'There is nothing here.');

const listQuery = z.object({
  status: z.optional(z.enum(EXECUTION_STATUSES)),
  nextToken: z.optional(z.string()),
});
const executionQuery = z.object({
  firstEvent: z._default(z.coerce.number().check(z.int(), z.positive()), 1),
});

/** The last path segment, decoded; undefined where it cannot be. */
const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

const answerList = async (access: OperatorAccess, query: unknown): Promise<Answer> => {
  const { success, data } = listQuery.safeParse(query);
  const reply = success ? await executionsReply(access, { limit: EXECUTIONS_PAGE, ...data }) : undefined;
  return reply === undefined ? refusal(400, 'There is no such page of executions.') : json(200, reply);
};

const answerExecution = async (
  access: OperatorAccess,
  exportId: string | undefined,
  query: unknown,
): Promise<Answer> => {
  const { success, data } = executionQuery.safeParse(query);
  if (!success) return refusal(400, 'firstEvent must be a whole number from 1.');
  const reply = exportId === undefined ? undefined : await executionReply(access, exportId, data.firstEvent);
  return reply === undefined ? refusal(404, 'There is no execution for this export.') : json(200, reply);
};

const send = (response: ServerResponse, { status, contentType, body, headers }: Answer): void => {
  if (response.destroyed) return;
  response.writeHead(status, {
    ...HEADERS,
    ...headers,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
};

/**
 * The operators' pages and what they read, below `OPERATORS_PATH`: executions as Step Functions tells of them. Only to
 * be read, and only by who names this machine.
 */
export const operatorsView = (access: OperatorAccess): LocalRoute => {
  let page: Promise<Page> | undefined;
  /** Built when it is first asked for, since hardly a start is for it; a build that failed is not kept. */
  const builtPage = (): Promise<Page> => {
    page ??= buildPage(ASSETS).catch((error: unknown) => {
      page = undefined;
      throw error;
    });
    return page;
  };

  const answer = async ({ pathname, searchParams }: URL): Promise<Answer> => {
    const query = Object.fromEntries(searchParams);
    if (pathname === API) return answerList(access, query);
    if (pathname.startsWith(`${API}/`)) {
      return answerExecution(access, decoded(pathname.slice(API.length + 1)), query);
    }
    const { html, assets } = await builtPage();
    if (/^\/_local\/executions(?:\/[^/]*)?$/.test(pathname)) return { status: 200, ...html };
    const asset = pathname.startsWith(ASSETS) ? assets.get(pathname.slice(ASSETS.length)) : undefined;
    return asset === undefined ? nothingThere() : { status: 200, ...asset };
  };

  /** What Step Functions or the jobs' table does not give is told in words, which are for an operator. */
  const answerOrFailure = (url: URL): Promise<Answer> =>
    answer(url).catch((error: unknown) =>
      refusal(502, error instanceof Error ? error.message : String(error)),
    );

  return async (request: IncomingMessage, response: ServerResponse) => {
    const target = request.url ?? '';
    if (!/^\/_local\/executions(?:[/?]|$)/.test(target)) return false;
    if (request.method !== 'GET') {
      send(response, { ...refusal(405, 'Executions can only be read here.'), headers: { allow: 'GET' } });
    } else {
      send(response, await answerOrFailure(new URL(target, 'http://localhost')));
    }
    return true;
  };
};
