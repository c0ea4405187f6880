import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { listenOnLoopback } from '../../../../infra/local/local-server.ts';
import { localSettings } from '../../../../infra/local/local-settings.ts';
import { askedOf, assertEndpointsAnswer } from '../../../../infra/local/replaced-endpoints.ts';
import { startLocalSystem } from '../../../../infra/local/local-system.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A server of TCP that does to each connection what a test wants. */
const aSocketServer = async (onConnection: (socket: Socket) => void): Promise<string> => {
  const server: Server = createServer((socket) => {
    ends.unshift(() => socket.destroy());
    socket.on('error', () => undefined);
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
};

const anAnswering = async (status: number): Promise<string> => {
  const server = await listenOnLoopback(
    createHttpServer((_, response) => response.writeHead(status).end()),
    0,
  );
  ends.push(() => server.close());
  return server.url;
};

const aClosedPort = async (): Promise<string> => {
  const server = await listenOnLoopback(createHttpServer(), 0);
  await server.close();
  return server.url;
};

describe('an endpoint that replaces an embedded service', () => {
  it.each([[200], [301], [400], [403], [500]])('may answer anything to nobody: %d', async (status) => {
    await assertEndpointsAnswer({ s3: await anAnswering(status), dynamodb: await anAnswering(status) });
  });

  it.each<[string, () => Promise<string>]>([
    ['where nothing listens', aClosedPort],
    ['that says nothing', () => aSocketServer(() => undefined)],
    ['that hangs up', () => aSocketServer((socket) => socket.destroy())],
    ['that does not speak HTTP', () => aSocketServer((socket) => socket.end('SSH-2.0-server\r\n'))],
    ['that speaks no TLS', async () => (await anAnswering(200)).replace('http:', 'https:')],
  ])('%s is told by its variable', async (_, make) => {
    const url = await make();
    const reachable = await anAnswering(200);
    await expect(assertEndpointsAnswer({ s3: reachable, dynamodb: url }, 200)).rejects.toMatchObject({
      name: 'InvalidSetting',
      message: expect.stringContaining(`AWS_ENDPOINT_URL_DYNAMODB is ${url}, but nothing answers there.`),
      cause: expect.anything(),
    });
  });

  it('that refuses what it is asked while starting is told by its variable', async () => {
    const url = await anAnswering(403);
    const settings = localSettings({ LOCAL_DATA_DIR: '/nowhere', AWS_ENDPOINT_URL_S3: url });
    const refusal = new Error('403');
    await expect(askedOf(settings.replaced, 's3', () => Promise.reject(refusal))).rejects.toMatchObject({
      name: 'InvalidSetting',
      message: expect.stringContaining(`AWS_ENDPOINT_URL_S3 is ${url}`),
      cause: refusal,
    });
    await expect(askedOf(settings.replaced, 'dynamodb', () => Promise.reject(refusal))).rejects.toBe(refusal);
  });

  it('is looked at before anything is started or written', async () => {
    const settings = localSettings({
      LOCAL_DATA_DIR: '/proc/nope',
      AWS_ENDPOINT_URL_EVENTBRIDGE: await aClosedPort(),
    });
    await expect(startLocalSystem({ settings, sample: false })).rejects.toThrow(
      'AWS_ENDPOINT_URL_EVENTBRIDGE',
    );
  });
});

describe('the setting of an endpoint', () => {
  it.each([['localhost:4566'], ['127.0.0.1:4566'], ['s3'], ['ftp://host/'], ['file:///tmp']])(
    'must be a URL of HTTP: %s',
    (url) => {
      expect(() => localSettings({ AWS_ENDPOINT_URL_S3: url })).toThrow(
        `AWS_ENDPOINT_URL_S3 must be a URL such as http://127.0.0.1:8000, but is "${url}".`,
      );
    },
  );
});
