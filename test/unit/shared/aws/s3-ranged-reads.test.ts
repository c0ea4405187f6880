import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { S3Client } from '@aws-sdk/client-s3';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3ArtifactStore } from '../../../../shared/aws/s3-artifact-store.ts';

const CONTENT = Buffer.from('0123456789'.repeat(100));
const ETAG = '"version-1"';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers as S3 does, as far as reading parts of one object goes. */
const describeObject: Answer = (_request, response) => {
  response.writeHead(200, { 'content-length': CONTENT.length, etag: ETAG }).end();
};
const giveRange: Answer = ({ headers }, response) => {
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  const part = CONTENT.subarray(Number(start), Number(end) + 1);
  const contentRange = `bytes ${start}-${end}/${CONTENT.length}`;
  response
    .writeHead(206, { 'content-length': part.length, 'content-range': contentRange, etag: ETAG })
    .end(part);
};
const refuse =
  (status: number, code: string): Answer =>
  (_request, response) => {
    response
      .writeHead(status, { 'content-type': 'application/xml' })
      .end(`<Error><Code>${code}</Code><Message>No.</Message></Error>`);
  };

describe('reading parts of a stored object', () => {
  let server: Server;
  let client: S3Client;
  let onHead: Answer;
  let onGet: Answer;
  let requests: IncomingMessage[];

  beforeEach(async () => {
    [onHead, onGet, requests] = [describeObject, giveRange, []];
    server = createServer((request, response) => {
      requests.push(request);
      (request.method === 'HEAD' ? onHead : onGet)(request, response);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    client = new S3Client({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      forcePathStyle: true,
      maxAttempts: 1,
    });
  });

  afterEach(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  const open = () => new S3ArtifactStore(client, 'packages').open('package.zip');

  it('gives the bytes that were asked for, all of the version that was opened', async () => {
    const source = await open();
    expect([source.size, source.version]).toEqual([CONTENT.length, ETAG]);
    expect(Buffer.from(await source.read(5, 20))).toEqual(CONTENT.subarray(5, 25));
    expect(await source.read(0, 0)).toHaveLength(0);
    expect(requests.map(({ method }) => method)).toEqual(['HEAD', 'GET']);
    expect(requests[1]?.headers).toMatchObject({ range: 'bytes=5-24', 'if-match': ETAG });
  });

  it('says that the service is unavailable when a body breaks off in the middle', async () => {
    onGet = (_request, response) => {
      response.writeHead(206, { 'content-length': 100, etag: ETAG });
      response.write(CONTENT.subarray(0, 40), () => response.destroy());
    };
    await expect((await open()).read(0, 100)).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  it('says that the service is unavailable when it gives another part', async () => {
    onGet = (_request, response) => void response.writeHead(200, { etag: ETAG }).end(CONTENT);
    await expect((await open()).read(0, 100)).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  it('says that the service is unavailable when it answers so', async () => {
    const source = await open();
    onGet = refuse(503, 'SlowDown');
    await expect(source.read(0, 100)).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    onHead = (_request, response) => void response.writeHead(503).end();
    await expect(open()).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  it('refuses an object that was replaced or removed meanwhile', async () => {
    const source = await open();
    onGet = refuse(412, 'PreconditionFailed');
    await expect(source.read(0, 100)).rejects.toThrow('wrote was replaced');
    onGet = refuse(404, 'NoSuchKey');
    await expect(source.read(0, 100)).rejects.toThrow('wrote is gone');
    onHead = (_request, response) => void response.writeHead(404).end();
    await expect(open()).rejects.toMatchObject({ name: 'InterimCorrupted' });
  });
});
