import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, request, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import { listenOnLoopback, type LocalServer } from '../../../../infra/local/local-server.ts';
import { readRequestBody } from '../../../../infra/local/request-body.ts';

let server: Server;
let local: LocalServer;

beforeEach(async () => {
  server = createServer();
  local = await listenOnLoopback(server, 0);
});
afterEach(() => local.close());

const received = async (send: (sending: ClientRequest) => void): Promise<IncomingMessage> => {
  const sending = request(local.url, { method: 'POST' }).on('error', () => undefined);
  const arrived = once(server, 'request') as Promise<[IncomingMessage]>;
  send(sending);
  const [incoming] = await arrived;
  return incoming;
};

describe('the body of a request', () => {
  it.each(['', 'x', 'x'.repeat(70_000)])('is read whole', async (body) => {
    const incoming = await received((sending) => sending.end(body));
    expect(String(await readRequestBody(incoming, 70_000))).toBe(body);
  });

  it('is not handed over when it is larger than the limit', async () => {
    const incoming = await received((sending) => sending.end('x'.repeat(70_000)));
    expect(await readRequestBody(incoming, 69_999)).toBeUndefined();
  });

  it('is refused when the client breaks off while it is read', async () => {
    let client: ClientRequest | undefined;
    const incoming = await received((sending) => {
      client = sending;
      sending.setHeader('content-length', 10).write('abc');
    });
    const reading = readRequestBody(incoming, 100);
    client?.destroy();
    await expect(reading).rejects.toThrow('broken off');
  });

  it('is refused when the client had broken off before anybody read', async () => {
    let client: ClientRequest | undefined;
    const incoming = await received((sending) => {
      client = sending;
      sending.setHeader('content-length', 10).write('abc');
    });
    const closed = new Promise((resolve) => incoming.on('close', resolve).on('error', () => undefined));
    client?.destroy();
    await closed;
    await expect(readRequestBody(incoming, 100)).rejects.toThrow('broken off');
  });
});
