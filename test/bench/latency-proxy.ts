import { Agent, createServer, request as sendOn, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { listenOnLoopback, type LocalServer } from '../../infra/local/local-server.ts';

interface Upstream {
  readonly hostname: string;
  readonly port: string;
  readonly agent: Agent;
}

const answered = (message: IncomingMessage, upstream: Upstream): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { method, url: path, rawHeaders: headers } = message;
    // All headers as they came, the Host too: they are signed.
    const outgoing = sendOn({ ...upstream, method, path, headers, setHost: false }, resolve);
    outgoing.on('error', reject);
    pipeline(message, outgoing).catch(reject);
  });

const pass = async (
  message: IncomingMessage,
  response: ServerResponse,
  upstream: Upstream,
): Promise<void> => {
  const answer = await answered(message, upstream);
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? '', answer.rawHeaders);
  await pipeline(answer, response);
};

/** An HTTP server in front of another that lets each request wait before it passes it on; bodies stream through. */
export const startLatencyProxy = async (target: string, milliseconds: number): Promise<LocalServer> => {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  const server = createServer((message, response) => {
    delay(milliseconds)
      .then(() => pass(message, response, { hostname, port, agent }))
      .catch(() => message.socket.destroy());
  });
  server.requestTimeout = 0;
  const listening = await listenOnLoopback(server, 0);
  return {
    url: listening.url,
    close: async () => {
      await listening.close();
      agent.destroy();
    },
  };
};
