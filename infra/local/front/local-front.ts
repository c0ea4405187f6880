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

const isAnswered = async (
  routes: readonly LocalRoute[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> => {
  for (const route of routes) if (await route(request, response)) return true;
  return false;
};

/** One address for the pages and the API, as CloudFront is on AWS: exact paths are the pages', all others the API's. */
export const startLocalFront = async ({ port, routes, api }: LocalFrontOptions): Promise<LocalServer> => {
  const known = Promise.withResolvers<readonly LocalRoute[]>();
  const server = createServer((request, response) => {
    response.on('error', () => response.destroy());
    known.promise
      .then((list) => isAnswered(list, request, response))
      .then(
        (answered) => {
          if (!answered) api(request, response);
        },
        (error: unknown) => answerFailure(response, error),
      );
  });
  const listening = await listenOnLoopback(server, port);
  try {
    known.resolve(await routes(listening.url));
  } catch (error) {
    await listening.close();
    throw error;
  }
  return listening;
};
