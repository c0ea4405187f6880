import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { distinctBytes, S3UnderTest } from '../support/s3-under-test.ts';
import { BareClient, objectPath } from './bare-client.ts';
import { bareUpload } from './stages/upload-stages.ts';

describe('the bare client', () => {
  let s3: S3UnderTest;
  let client: BareClient;
  let Bucket: string;

  beforeAll(async () => {
    s3 = await S3UnderTest.start();
    client = new BareClient(s3.url, 's3');
    Bucket = await s3.newBucket();
  });
  afterAll(async () => {
    client.close();
    await s3.dispose();
  });

  it('signs what S3 takes, whatever characters a key has', async () => {
    const Key = "folder/Ätna (1)+&'!*.csv";
    const Body = distinctBytes(1000);
    await s3.client.send(new PutObjectCommand({ Bucket, Key, Body }));
    const { body } = await client.send({ method: 'GET', path: objectPath(Bucket, Key) });
    expect(body.equals(Body)).toBe(true);
  });

  it('says why it was refused', async () => {
    const missing = client.send({ method: 'GET', path: objectPath(Bucket, 'missing') });
    await expect(missing).rejects.toThrow(/404: .*NoSuchKey/s);
  });

  it('uploads as many bytes as it is told in parts', async () => {
    const bytes = 13 * 1024 * 1024;
    const sizes = { bytes, partBytes: 6 * 1024 * 1024, atOnce: 3 };
    const upload = await bareUpload({ url: s3.url, bucket: Bucket, ...sizes });
    expect(await upload()).toEqual({ bytes });
    const found = await s3.client.send(new GetObjectCommand({ Bucket, Key: 'bare' }));
    expect(found.ContentLength).toBe(bytes);
    expect(found.ETag).toMatch(/-3"$/);
  });
});
