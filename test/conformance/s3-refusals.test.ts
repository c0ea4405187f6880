import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LOCAL_CREDENTIALS } from '../../infra/local/local-identity.ts';
import { httpRefusal, refusal, S3UnderTest } from '../support/s3-under-test.ts';

let s3: S3UnderTest;
let Bucket: string;
let clock: number | undefined;
beforeEach(async () => {
  clock = undefined;
  s3 = await S3UnderTest.start({ now: () => clock ?? Date.now() });
  Bucket = await s3.newBucket();
  await put('a', 'secret text');
});
afterEach(() => s3.dispose());

const put = (Key: string, Body: string | Buffer, more: object = {}) =>
  s3.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const getUrl = (input: object = {}, expiresIn = 60) =>
  getSignedUrl(s3.client, new GetObjectCommand({ Bucket, Key: 'a', ...input }), { expiresIn });
const putUrl = (Key: string) =>
  getSignedUrl(
    s3.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' }),
    new PutObjectCommand({ Bucket, Key }),
  );
const isAbsent = async (Key: string) =>
  (await refusal(s3.client.send(new GetObjectCommand({ Bucket, Key })))).code === 'NoSuchKey';

interface SentRequest {
  headers: Record<string, string>;
  body?: unknown;
}
/** A client that changes each request after it was signed, as somebody on the way would. */
const tampering = (change: (request: SentRequest) => void): S3Client => {
  const client = s3.newClient();
  client.middlewareStack.add(
    (next) => (args) => {
      change(args.request as SentRequest);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return client;
};

/** Adds headers before the request is signed. */
const addHeaders = (client: S3Client, headers: Record<string, string>): void =>
  client.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as SentRequest).headers, headers);
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );

/** Sends the body as aws-chunked framing, whatever it is. */
const framing = (client: S3Client, body: string, length: number): S3Client => {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as SentRequest;
      request.body = Buffer.from(body);
      Object.assign(request.headers, {
        'content-length': String(body.length),
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': String(length),
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      });
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );
  return client;
};

describe('a request that is not authentic', () => {
  it('is refused with another secret, another key and none', async () => {
    const get = new GetObjectCommand({ Bucket, Key: 'a' });
    const as = (credentials: object) =>
      s3.newClient({ credentials: { ...LOCAL_CREDENTIALS, ...credentials } });
    expect(await refusal(as({ secretAccessKey: 'wrong' }).send(get))).toEqual({
      code: 'SignatureDoesNotMatch',
      status: 403,
    });
    expect(await refusal(as({ accessKeyId: 'wrong' }).send(get))).toEqual({
      code: 'InvalidAccessKeyId',
      status: 403,
    });
    const denied = { code: 'AccessDenied', status: 403 };
    expect(await httpRefusal(await fetch(`${s3.url}/${Bucket}/a`))).toEqual(denied);
    expect(await httpRefusal(await fetch(`${s3.url}/`))).toEqual(denied);
    expect(await httpRefusal(await fetch(`${s3.url}/${Bucket}/b`, { method: 'PUT', body: 'x' }))).toEqual(
      denied,
    );
    expect(await isAbsent('b')).toBe(true);
  });

  it('is refused when its clock is more than 15 minutes off', async () => {
    const list = () => refusal(s3.newClient({ maxAttempts: 1 }).send(new ListObjectsV2Command({ Bucket })));
    clock = Date.now() + 16 * 60_000;
    expect(await list()).toEqual({ code: 'RequestTimeTooSkewed', status: 403 });
    clock = Date.now() + 14 * 60_000;
    expect(await list()).toMatchObject({ code: 'accepted' });
  });

  it('is refused when its body is not the one that was signed', async () => {
    const client = tampering((request) => (request.body = Buffer.from('evil text..')));
    const command = new PutObjectCommand({ Bucket, Key: 'b', Body: 'honest text' });
    expect(await refusal(client.send(command))).toEqual({ code: 'XAmzContentSHA256Mismatch', status: 400 });
    expect(await isAbsent('b')).toBe(true);
    const keys = new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'x' }] } });
    const changed = tampering((request) => (request.body = String(request.body).replace('>x<', '>a<')));
    expect(await refusal(changed.send(keys))).toMatchObject({ code: 'XAmzContentSHA256Mismatch' });
    expect(await isAbsent('a')).toBe(false);
  });

  it('is refused when a header was changed or an x-amz- header added', async () => {
    const command = new PutObjectCommand({ Bucket, Key: 'b', Body: 'x', Metadata: { owner: 'me' } });
    const changed = tampering((request) => (request.headers['x-amz-meta-owner'] = 'you'));
    expect(await refusal(changed.send(command))).toMatchObject({ code: 'SignatureDoesNotMatch' });
    const added = tampering((request) => (request.headers['x-amz-copy-source'] = `/${Bucket}/a`));
    expect(await refusal(added.send(command))).toEqual({ code: 'AccessDenied', status: 403 });
  });
});

describe('a presigned URL', () => {
  it('works until it expires and not after', async () => {
    const url = await getUrl({}, 60);
    expect(await (await fetch(url)).text()).toBe('secret text');
    clock = Date.now() + 62_000;
    const expired = await fetch(url);
    const body = await expired.clone().text();
    expect(await httpRefusal(expired)).toEqual({ code: 'AccessDenied', status: 403 });
    expect(body).toContain('<Message>Request has expired</Message>');
  });

  it('does not work when anything in it was changed', async () => {
    const url = await getUrl();
    const forged = { code: 'SignatureDoesNotMatch', status: 403 };
    const changes: [string, string][] = [
      ['X-Amz-Expires=60', 'X-Amz-Expires=6000'],
      ['/a?', '/b?'],
      ['x-id=GetObject', 'x-id=GetObject&response-content-type=text%2Fhtml'],
      ['X-Amz-Signature=', 'X-Amz-Signature=0'],
    ];
    for (const [from, to] of changes) {
      expect(url).toContain(from);
      expect(await httpRefusal(await fetch(url.replace(from, to)))).toEqual(forged);
    }
    expect(await httpRefusal(await fetch(url, { method: 'DELETE' }))).toEqual(forged);
    expect(await isAbsent('a')).toBe(false);
  });

  it('does not work together with an Authorization header', async () => {
    const response = await fetch(await getUrl(), {
      headers: { authorization: 'Bearer session-of-the-page' },
    });
    expect(await httpRefusal(response)).toEqual({ code: 'InvalidArgument', status: 400 });
  });

  it('cannot be turned into a copy by adding a header', async () => {
    const headers = { 'x-amz-copy-source': `/${Bucket}/a` };
    const response = await fetch(await putUrl('b'), { method: 'PUT', headers });
    expect(await httpRefusal(response)).toEqual({ code: 'AccessDenied', status: 403 });
  });

  it('cannot put a line break into the headers of the answer', async () => {
    const url = await getUrl({ ResponseContentType: 'text/html\r\nset-cookie: a=b' });
    expect(await httpRefusal(await fetch(url))).toEqual({ code: 'InvalidArgument', status: 400 });
  });
});

describe('content that does not arrive as announced', () => {
  it('leaves nothing visible and nothing on disk when the connection breaks', async () => {
    const url = await putUrl('b');
    await new Promise<void>((resolve) => {
      const sending = httpRequest(url, { method: 'PUT', headers: { 'content-length': 3_000_000 } });
      sending.once('error', () => resolve());
      sending.write(Buffer.alloc(2_000_000), () => setTimeout(() => sending.destroy(new Error('cut')), 50));
    });
    expect(await s3.settledBlobCount(1)).toBe(1);
    expect(await isAbsent('b')).toBe(true);
  });

  it.each([
    ['fewer bytes than announced', '3\r\nabc\r\n0\r\n\r\n', 4, 'IncompleteBody'],
    ['a chunk cut short', '5\r\nabc\r\n0\r\n\r\n', 3, 'IncompleteBody'],
    ['no last chunk', '3\r\nabc\r\n', 3, 'IncompleteBody'],
    ['no framing at all', 'abc', 3, 'IncompleteBody'],
    ['something after the end', '3\r\nabc\r\n0\r\n\r\nmore', 3, 'IncompleteBody'],
    [
      'a trailer nobody announced',
      '3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
      3,
      'MalformedTrailerError',
    ],
  ])('is refused with %s in aws-chunked framing', async (_what, body, length, code) => {
    const framed = framing(s3.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' }), body, length);
    const sending = framed.send(new PutObjectCommand({ Bucket, Key: 'b', Body: 'abc' }));
    expect(await refusal(sending)).toEqual({ code, status: 400 });
    expect(await isAbsent('b')).toBe(true);
    expect(await s3.settledBlobCount(1)).toBe(1);
  });

  it('is refused without a length', async () => {
    const sending = httpRequest(await putUrl('b'), { method: 'PUT' });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    sending.write('text of a length');
    sending.end(' nobody knows');
    const [response] = await answered;
    expect(response.statusCode).toBe(501);
    response.resume();
    expect(await isAbsent('b')).toBe(true);
  });

  it('is refused early, with a connection that goes on to serve', async () => {
    const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 });
    const config = { requestChecksumCalculation: 'WHEN_REQUIRED', requestHandler: { httpAgent } } as const;
    const noFraming = framing(s3.newClient(config), 'z'.repeat(8 * 1024 ** 2), 3);
    const command = new PutObjectCommand({ Bucket, Key: 'b', Body: 'abc' });
    expect(await refusal(noFraming.send(command))).toEqual({ code: 'IncompleteBody', status: 400 });
    const big = new PutObjectCommand({
      Bucket,
      Key: 'a',
      Body: Buffer.alloc(8 * 1024 ** 2),
      IfNoneMatch: '*',
    });
    const sameConnection = s3.newClient(config);
    expect(await refusal(sameConnection.send(big))).toEqual({ code: 'PreconditionFailed', status: 412 });
    const found = await sameConnection.send(new GetObjectCommand({ Bucket, Key: 'a' }));
    expect(await found.Body?.transformToString()).toBe('secret text');
  });
});

describe('what the server does not do', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['access lists', () => s3.client.send(new GetObjectAclCommand({ Bucket, Key: 'a' }))],
    ['versioning', () => s3.client.send(new GetBucketVersioningCommand({ Bucket }))],
    ['versions', () => s3.client.send(new GetObjectCommand({ Bucket, Key: 'a', VersionId: '1' }))],
    ['the first way to list', () => s3.client.send(new ListObjectsCommand({ Bucket }))],
    ['canned access lists', () => put('b', 'x', { ACL: 'public-read' })],
    ['object lock', () => put('b', 'x', { ObjectLockLegalHoldStatus: 'ON' })],
    [
      'conditional deletes',
      () => s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'a', IfMatch: '"x"' })),
    ],
    ['If-None-Match with an ETag on a write', () => put('b', 'x', { IfNoneMatch: '"x"' })],
    [
      'several ranges',
      () => s3.client.send(new GetObjectCommand({ Bucket, Key: 'a', Range: 'bytes=0-1,3-4' })),
    ],
    [
      'versions of a copy source',
      () =>
        s3.client.send(new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/a?versionId=1` })),
    ],
  ])('is refused, not passed over: %s', async (_what, send) => {
    expect(await refusal(send())).toEqual({ code: 'NotImplemented', status: 501 });
    expect(await isAbsent('a')).toBe(false);
    expect(await isAbsent('b')).toBe(true);
  });

  it('is refused by method', async () => {
    const url = await getSignedUrl(s3.client, new ListObjectsV2Command({ Bucket }));
    const patching = s3.newClient();
    patching.middlewareStack.add(
      (next) => (args) => {
        (args.request as { method: string }).method = 'PATCH';
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    expect(await refusal(patching.send(new ListObjectsV2Command({ Bucket })))).toEqual({
      code: 'MethodNotAllowed',
      status: 405,
    });
    expect((await fetch(url)).status).toBe(200);
  });
});

describe('what S3 itself refuses', () => {
  it('names that are too long or not allowed', async () => {
    expect(await refusal(put('k'.repeat(1025), 'x'))).toEqual({ code: 'KeyTooLongError', status: 400 });
    expect(await refusal(put(`${'k'.repeat(1023)}ü`, 'x'))).toEqual({ code: 'KeyTooLongError', status: 400 });
    for (const name of ['ab', 'Upper-Case', 'two..dots', '-dash', '1.2.3.4']) {
      const created = s3.client.send(new CreateBucketCommand({ Bucket: name }));
      expect(await refusal(created)).toEqual({ code: 'InvalidBucketName', status: 400 });
    }
  });

  it('a checksum that is named and not sent, and several at once', async () => {
    const bad = { code: 'InvalidRequest', status: 400 };
    const naming = s3.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    addHeaders(naming, { 'x-amz-sdk-checksum-algorithm': 'CRC32' });
    const command = new PutObjectCommand({ Bucket, Key: 'b', Body: 'x' });
    expect(await refusal(naming.send(command))).toEqual(bad);
    const several = s3.newClient();
    addHeaders(several, { 'x-amz-checksum-sha1': 'x', 'x-amz-checksum-sha256': 'x' });
    expect(await refusal(several.send(command))).toEqual(bad);
  });

  it('buckets and objects that are not there', async () => {
    const nowhere = new PutObjectCommand({ Bucket: 'nowhere', Key: 'a', Body: 'x' });
    expect(await refusal(s3.client.send(nowhere))).toEqual({ code: 'NoSuchBucket', status: 404 });
    const tags = new PutObjectTaggingCommand({ Bucket, Key: 'b', Tagging: { TagSet: [] } });
    expect(await refusal(s3.client.send(tags))).toEqual({ code: 'NoSuchKey', status: 404 });
    const copy = new CopyObjectCommand({ Bucket, Key: 'b', CopySource: `${Bucket}/none` });
    expect(await refusal(s3.client.send(copy))).toEqual({ code: 'NoSuchKey', status: 404 });
  });

  it('settings that make no sense', async () => {
    expect(await refusal(put('b', 'x', { StorageClass: 'COLD' }))).toMatchObject({
      code: 'InvalidStorageClass',
    });
    expect(await refusal(put('b', 'x', { Tagging: 'a=1&a=2' }))).toMatchObject({ code: 'InvalidTag' });
    expect(await refusal(put('b', 'x', { Metadata: { long: 'x'.repeat(2049) } }))).toMatchObject({
      code: 'MetadataTooLarge',
    });
    const LifecycleConfiguration = { Rules: [{ Status: 'Enabled' as const, Filter: { Prefix: '' } }] };
    const rules = new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration });
    expect(await refusal(s3.client.send(rules))).toEqual({ code: 'MalformedXML', status: 400 });
    expect(await isAbsent('b')).toBe(true);
  });

  it.each(['<Delete><Object><Key>a</Object></Delete>', '<Delete/>', 'no XML', '<Delete>&evil;</Delete>', ''])(
    'the document %j, without deleting anything',
    async (body) => {
      const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }] } });
      const client = s3.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' });
      client.middlewareStack.add(
        (next) => (args) => {
          (args.request as SentRequest).body = body;
          return next(args);
        },
        { step: 'serialize', priority: 'low' },
      );
      expect(await refusal(client.send(command))).toEqual({ code: 'MalformedXML', status: 400 });
      expect(await isAbsent('a')).toBe(false);
    },
  );
});
