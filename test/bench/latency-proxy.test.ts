import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { distinctBytes, refusal, S3UnderTest } from '../support/s3-under-test.ts';
import type { LocalServer } from '../../infra/local/local-server.ts';
import { startLatencyProxy } from './latency-proxy.ts';

const LATENCY_MS = 30;

describe('the latency proxy', () => {
  let s3: S3UnderTest;
  let proxy: LocalServer;
  let Bucket: string;

  beforeAll(async () => {
    s3 = await S3UnderTest.start();
    proxy = await startLatencyProxy(s3.url, LATENCY_MS);
    Bucket = await s3.newBucket();
  });
  afterAll(async () => {
    await proxy.close();
    await s3.dispose();
  });

  const client = () => s3.newClient({ endpoint: proxy.url });

  it('passes signed calls on unchanged, bodies of several parts too', async () => {
    const Body = distinctBytes(11 * 1024 * 1024);
    await new Upload({ client: client(), params: { Bucket, Key: 'large', Body } }).done();
    const found = await client().send(new GetObjectCommand({ Bucket, Key: 'large' }));
    expect(Body.equals((await found.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  });

  it('passes answers without a body and refusals on', async () => {
    await client().send(new PutObjectCommand({ Bucket, Key: 'small', Body: 'text' }));
    const head = await client().send(new HeadObjectCommand({ Bucket, Key: 'small' }));
    expect(head.ContentLength).toBe(4);
    const missing = client().send(new GetObjectCommand({ Bucket, Key: 'missing' }));
    expect(await refusal(missing)).toEqual({ code: 'NoSuchKey', status: 404 });
  });

  it('lets every call wait as long as it was told', async () => {
    const startedAt = performance.now();
    await fetch(proxy.url);
    await fetch(proxy.url);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(2 * LATENCY_MS - 2);
  });
});
