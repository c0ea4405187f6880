import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startS3Server } from '../../infra/local/s3/s3-server.ts';
import { LOCAL_CREDENTIALS } from '../../infra/local/local-identity.ts';
import { refusal, S3UnderTest } from '../support/s3-under-test.ts';

const Bucket = 'durable';
let s3: S3UnderTest;
afterEach(() => s3.dispose());

const put = (client: S3Client, Key: string, Body: string, more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const text = async (Key: string) =>
  (await s3.client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
const keys = async () =>
  (await s3.client.send(new ListObjectsV2Command({ Bucket }))).Contents?.map((object) => object.Key) ?? [];

describe('a restart', () => {
  beforeEach(async () => {
    s3 = await S3UnderTest.start({ buckets: [Bucket] });
  });

  it('keeps objects, tags, settings and what was deleted', async () => {
    await put(s3.client, 'a/../ü\n', 'first', {
      Metadata: { m: '1' },
      Tagging: 't=1',
      ContentType: 'text/x',
    });
    await put(s3.client, 'a/../ü\n', 'second', {
      Metadata: { m: '2' },
      Tagging: 't=2',
      ContentType: 'text/y',
    });
    await put(s3.client, 'gone', 'x');
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    const Rules = [
      { ID: 'r', Status: 'Enabled' as const, Filter: { Prefix: 'p/' }, Expiration: { Days: 3 } },
    ];
    await s3.client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
    );
    await s3.client.send(new CreateBucketCommand({ Bucket: 'removed' }));
    await s3.client.send(new DeleteBucketCommand({ Bucket: 'removed' }));
    const before = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'a/../ü\n' }));
    for (let round = 0; round < 2; round += 1) {
      await s3.restart();
      const { ETag, LastModified, ContentType, Metadata, TagCount } = before;
      const after = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'a/../ü\n' }));
      expect(after).toMatchObject({ ETag, LastModified, ContentType, Metadata, TagCount });
      expect(await after.Body?.transformToString()).toBe('second');
      expect(await keys()).toEqual(['a/../ü\n']);
      expect(await s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).toMatchObject({
        Rules,
      });
      expect(await refusal(s3.client.send(new ListObjectsV2Command({ Bucket: 'removed' })))).toMatchObject({
        code: 'NoSuchBucket',
      });
    }
  });

  it('keeps an upload in progress, and the memory of one that is complete', async () => {
    const upload = { Bucket, Key: 'big' };
    const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand(upload));
    const { ETag } = await s3.client.send(
      new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: 'part' }),
    );
    await s3.restart();
    const { Parts } = await s3.client.send(new ListPartsCommand({ ...upload, UploadId }));
    expect(Parts).toMatchObject([{ PartNumber: 1, ETag, Size: 4 }]);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const complete = () =>
      s3.client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));
    const first = await complete();
    await s3.restart();
    expect((await complete()).ETag).toBe(first.ETag);
    expect(await text('big')).toBe('part');
  });

  it('drops a record that was half written, and files nothing refers to', async () => {
    await put(s3.client, 'whole', 'text');
    await s3.stop();
    await appendFile(join(s3.dataDir, 'index.ndjson'), '{"change":"object","bucket":"durable","obj');
    await writeFile(join(s3.dataDir, 'blobs', 'leftover'), 'half an upload');
    await s3.start();
    expect(await keys()).toEqual(['whole']);
    expect(await s3.settledBlobCount(1)).toBe(1);
    await put(s3.client, 'next', 'text');
    await s3.restart();
    expect(await keys()).toEqual(['next', 'whole']);
  });

  it('refuses to start over an index it cannot read, and leaves it as it is', async () => {
    await put(s3.client, 'whole', 'text');
    await s3.stop();
    const path = join(s3.dataDir, 'index.ndjson');
    const damaged = `not a record\n${await readFile(path, 'utf8')}`;
    await writeFile(path, damaged);
    await expect(s3.start()).rejects.toThrow(`${path}, line 1`);
    expect(await readFile(path, 'utf8')).toBe(damaged);
    expect(await s3.settledBlobCount(1)).toBe(1);
  });

  it('is not begun on a port that is taken, nor is the folder touched', async () => {
    const leftover = join(s3.dataDir, 'blobs', 'being-written');
    await writeFile(leftover, 'by the first server');
    const port = Number(new URL(s3.url).port);
    const second = startS3Server({ dataDir: s3.dataDir, port, credentials: LOCAL_CREDENTIALS });
    await expect(second).rejects.toThrow(`Port ${port} is in use`);
    expect(await readFile(leftover, 'utf8')).toBe('by the first server');
  });
});

describe('kill -9', () => {
  let server: ChildProcess;
  let client: S3Client;
  beforeEach(async () => {
    s3 = await S3UnderTest.create();
    const script = join(import.meta.dirname, '../support/s3-process.mjs');
    server = spawn(process.execPath, [script, s3.dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [url] = (await once(server.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    client = s3.newClient({ endpoint: url.toString() });
    await client.send(new CreateBucketCommand({ Bucket }));
  });
  const kill = async () => {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  };

  it('in the middle of an upload leaves nothing of it and all that was there', async () => {
    await put(client, 'replaced', 'old content');
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'replaced' }));
    const sending = httpRequest(url, { method: 'PUT', headers: { 'content-length': 9_000_000 } });
    const cut = once(sending, 'error').catch((error: unknown) => error);
    await new Promise((resolve) => sending.write(Buffer.alloc(6_000_000), resolve));
    expect(await s3.settledBlobCount(2)).toBe(2);
    await kill();
    await cut;
    await s3.start();
    expect(await text('replaced')).toBe('old content');
    expect(await s3.settledBlobCount(1)).toBe(1);
  });

  it('amid many writes loses none that was acknowledged and keeps each of them whole', async () => {
    const acknowledged: string[] = [];
    const body = (key: string) => `${key} `.repeat(3000);
    const write = async (writer: number) => {
      for (let count = 0; ; count += 1) {
        const key = `${writer}-${count}`;
        await put(client, key, body(key));
        acknowledged.push(key);
        if (acknowledged.length === 60) await kill();
      }
    };
    await Promise.allSettled([0, 1, 2, 3].map(write));
    await s3.start();
    const found = await keys();
    expect(found).toEqual(expect.arrayContaining(acknowledged));
    const contents = await Promise.all(found.map(async (key = '') => [key, await text(key)]));
    expect(contents.filter(([key = '', content]) => content !== body(key))).toEqual([]);
    expect(await s3.settledBlobCount(found.length)).toBe(found.length);
  });
});
