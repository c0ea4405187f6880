import {
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { S3ArtifactStore } from '../../../../shared/aws/s3-artifact-store.ts';
import { ExportClosed, InterimCorrupted, ServiceUnavailable } from '../../../../shared/domain/errors.ts';
import { S3UnderTest } from '../../../support/s3-under-test.ts';

const MEBIBYTE = 1024 * 1024;

let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await S3UnderTest.start();
});
afterAll(() => s3.dispose());

const setUp = async () => {
  const bucket = await s3.newBucket();
  return { bucket, store: new S3ArtifactStore(s3.client, bucket) };
};

const keysOf = async (bucket: string): Promise<string[]> => {
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key }) => Key ?? '');
};

const openUploads = async (bucket: string): Promise<number> => {
  const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return Uploads.length;
};

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes in chunks of a size that does not divide a part, failing at the end where a test wants that. */
async function* chunksOf(bytes: Buffer, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 999_983) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 999_983);
  }
  if (failure !== undefined) throw failure;
}

const noise = (length: number): Buffer => {
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, (_, at) => Math.imul(at + 1, 2654435761));
  return Buffer.from(words.buffer, 0, length);
};

describe('writing an artifact', () => {
  it.each([
    ['nothing', 0],
    ['a little', 1_234],
    ['several parts', 17 * MEBIBYTE + 5],
  ])('of %s makes one object, and tells its size and hash', async (_, size) => {
    const { bucket, store } = await setUp();
    const bytes = noise(size);
    expect(await store.write('a/b.json', chunksOf(bytes), 'application/json')).toEqual({
      bytes: size,
      sha256: sha256(bytes),
    });
    expect((await buffer(await store.read('a/b.json'))).equals(bytes)).toBe(true);
    const { ContentType } = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'a/b.json' }));
    expect(ContentType).toBe('application/json');
    expect(await openUploads(bucket)).toBe(0);
  });

  it('takes content that is there at once', async () => {
    const { store } = await setUp();
    await store.write('key', [Buffer.from('one '), Buffer.from('two')], 'text/plain');
    expect(await text(await store.read('key'))).toBe('one two');
  });

  it.each([
    ['before the first part', 1_000],
    ['after the second part', 20 * MEBIBYTE],
  ])(
    'leaves neither object nor upload when its source fails %s, whose error comes through',
    async (_, size) => {
      const { bucket, store } = await setUp();
      const failure = new ExportClosed('The export is no longer in progress.');
      await expect(store.write('key', chunksOf(noise(size), failure), 'text/plain')).rejects.toBe(failure);
      expect(await keysOf(bucket)).toEqual([]);
      expect(await openUploads(bucket)).toBe(0);
    },
  );

  it('does not blame the storage for a source that was unavailable', async () => {
    const { store } = await setUp();
    const failure = new ServiceUnavailable('A table did not answer.');
    await expect(store.write('key', chunksOf(noise(10), failure), 'text/plain')).rejects.toBe(failure);
  });

  it('replaces an object only when the whole new one is there', async () => {
    const { store } = await setUp();
    await store.write('key', [Buffer.from('old')], 'text/plain');
    const failure = new Error('in the middle');
    await expect(store.write('key', chunksOf(noise(9 * MEBIBYTE), failure), 'text/plain')).rejects.toBe(
      failure,
    );
    expect(await text(await store.read('key'))).toBe('old');
  });
});

describe('reading an artifact', () => {
  it('that is not there says that the interim data are damaged', async () => {
    const { store } = await setUp();
    await expect(store.read('missing')).rejects.toBeInstanceOf(InterimCorrupted);
  });

  it('can be asked for beforehand', async () => {
    const { store } = await setUp();
    await store.write('here', [Buffer.from('x')], 'text/plain');
    expect(await store.exists('here')).toBe(true);
    expect(await store.exists('missing')).toBe(false);
    await store.remove('here');
    expect(await store.exists('here')).toBe(false);
    await store.remove('here');
  });
});

describe('purging artifacts', () => {
  it('removes all under the prefix but the one to keep, and nothing beside it', async () => {
    const { bucket, store } = await setUp();
    const keys = ['p/1/a', 'p/1/b/c', 'p/1/keep', 'p/10', 'p/2/a', 'q'];
    for (const key of keys) await store.write(key, [Buffer.from(key)], 'text/plain');
    await store.purge('p/1/', 'p/1/keep');
    expect(await keysOf(bucket)).toEqual(['p/1/keep', 'p/10', 'p/2/a', 'q']);
    await store.purge('p/1/');
    expect(await keysOf(bucket)).toEqual(['p/10', 'p/2/a', 'q']);
    await store.purge('p/1/');
  });

  it('removes more objects than one listing shows', async () => {
    const { bucket, store } = await setUp();
    const keys = Array.from({ length: 1_005 }, (_, at) => `many/${at}`);
    const next = keys[Symbol.iterator]();
    const put = async (): Promise<void> => {
      for (const Key of next) await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
    };
    await Promise.all(Array.from({ length: 16 }, put));
    await store.purge('many/', 'many/500');
    expect(await keysOf(bucket)).toEqual(['many/500']);
  });

  it('ends uploads that were never finished, under the prefix only', async () => {
    const { bucket, store } = await setUp();
    for (const Key of ['p/1/a', 'p/1/a', 'p/1/b', 'p/2/a']) {
      const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
      await s3.client.send(
        new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber: 1, Body: 'part' }),
      );
    }
    await store.purge('p/1/', 'p/1/a');
    const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(Uploads.map(({ Key }) => Key)).toEqual(['p/2/a']);
  });
});

describe('looking through what is stored', () => {
  it('shows every object once, page by page in the order of keys, with when it was written', async () => {
    const { bucket, store } = await setUp();
    const keys = Array.from({ length: 501 }, (_, at) => `interim/u/${String(at).padStart(3, '0')}/a`);
    await Promise.all(
      keys.map((Key) => s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }))),
    );
    const first = await store.list(undefined);
    const second = await store.list(first.next);
    expect([...first.stored, ...second.stored].map(({ key }) => key)).toEqual(keys);
    expect([first.stored.length, first.next, second.next]).toEqual([500, keys[499], undefined]);
    for (const { since } of second.stored) expect(Math.abs(Date.now() - since)).toBeLessThan(600_000);
  });

  it('shows uploads that are open, and nothing where there is nothing', async () => {
    const { bucket, store } = await setUp();
    expect(await store.list(undefined)).toEqual({ stored: [], next: undefined });
    expect(await store.openUploads()).toEqual([]);
    await s3.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: 'p/1/a' }));
    expect(await store.openUploads()).toEqual([{ key: 'p/1/a', since: expect.any(Number) }]);
  });
});

describe('a download link', () => {
  it('works without any other right, and saves the package under its name', async () => {
    const { store } = await setUp();
    await store.write('packages/u/e/a.zip', [Buffer.from('PK')], 'application/zip');
    const { url } = await store.signDownload('packages/u/e/a.zip', {
      fileName: 'household-export-2026-11-23.zip',
      seconds: 60,
    });
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('PK');
    expect(answer.headers.get('content-disposition')).toBe(
      'attachment; filename="household-export-2026-11-23.zip"',
    );
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('60');
  });

  it('claims to live no longer than the session that signs it', async () => {
    const client = new S3Client({
      region: 'us-east-1',
      credentials: {
        accessKeyId: 'a',
        secretAccessKey: 'b',
        sessionToken: 'c',
        expiration: new Date(Date.now() + 100_000),
      },
    });
    const store = new S3ArtifactStore(client, 'packages');
    const { url, seconds } = await store.signDownload('a.zip', { fileName: 'a.zip', seconds: 900 });
    expect(seconds).toBeGreaterThan(90);
    expect(seconds).toBeLessThanOrEqual(100);
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe(String(seconds));
  });

  it('is worth nothing for another object, or with another name to save under', async () => {
    const { store } = await setUp();
    await store.write('packages/u/e/a.zip', [Buffer.from('PK')], 'application/zip');
    await store.write('packages/u/e/b.zip', [Buffer.from('PK')], 'application/zip');
    const { url } = await store.signDownload('packages/u/e/a.zip', { fileName: 'a.zip', seconds: 60 });
    expect((await fetch(url.replace('a.zip?', 'b.zip?'))).status).toBe(403);
    expect((await fetch(url.replace('a.zip%22', 'virus.exe%22'))).status).toBe(403);
    expect((await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'))).status).toBe(403);
  });
});
