import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { listenOnLoopback, type LocalServer } from '../local-server.ts';

/** Answers a request and says so by `true`, or leaves it to the next route. */
export type LocalRoute = (request: IncomingMessage, response: ServerResponse) => Promise<boolean> | boolean;

export interface LocalFrontOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** What lies before the API, in the order in which they are asked; `url` is where the front listens. */
  readonly routes: (url: string) => readonly LocalRoute[] | Promise<readonly LocalRoute[]>;
  /** The API: it answers whatever no route does. */
  readonly api: RequestListener;
}

const answerFailure = (response: ServerResponse, error: unknown): void => {
  process.emitWarning(error instanceof Error ? error : String(error));
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error');
};

/**
 * Pages are only at the front's own address: a page of another name that leads here (DNS rebinding) gets none of them, and
 * who typed `localhost` is sent on.
 */
const ownAddressOnly =
  (url: string, routes: readonly LocalRoute[]): LocalRoute =>
  async (request, response) => {
    if (request.headers.host === new URL(url).host) {
      for (const route of routes) if (await route(request, response)) return true;
      return false;
    }
    const path = request.url ?? '';
    if (request.method !== 'GET' || !(path === '/' || path.startsWith('/_local/'))) return false;
    response.writeHead(307, { location: `${url}${path}` }).end();
    return true;
  };

/** One address for the pages and the API, as CloudFront is on AWS: exact paths are the pages', all others the API's. */
export const startLocalFront = async ({ port, routes, api }: LocalFrontOptions): Promise<LocalServer> => {
  const known = Promise.withResolvers<LocalRoute>();
  const server = createServer((request, response) => {
    response.on('error', () => response.destroy());
    known.promise
      .then((route) => route(request, response))
      .then(
        (answered) => {
          if (!answered) api(request, response);
        },
        (error: unknown) => answerFailure(response, error),
      );
  });
  const listening = await listenOnLoopback(server, port);
  try {
    known.resolve(ownAddressOnly(listening.url, await routes(listening.url)));
  } catch (error) {
    await listening.close();
    throw error;
  }
  return listening;
};
