import {
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RESUME_POLICY } from '../../../../shared/aws/resumed-body.ts';
import { S3ArtifactStore } from '../../../../shared/aws/s3-artifact-store.ts';
import { ExportClosed } from '../../../../shared/domain/errors.ts';
import type { Piece, StoredBytes } from '../../../../shared/ports.ts';
import { describeJoining } from '../../../support/artifact-join-contract.ts';
import { FaultProxy, s3Error, type Fault, type ProxiedRequest } from '../../../support/fault-proxy.ts';
import { distinctBytes, S3UnderTest } from '../../../support/s3-under-test.ts';

const MEBIBYTE = 1024 ** 2;
const SMALL = distinctBytes(1_000, 1);
const LARGE = distinctBytes(11 * MEBIBYTE, 2);

let s3: S3UnderTest;
let proxy: FaultProxy;
beforeAll(async () => {
  s3 = await S3UnderTest.start();
  proxy = await FaultProxy.start(s3.url);
});
beforeEach(() => proxy.reset());
afterAll(async () => {
  await proxy.close();
  await s3.dispose();
});

describeJoining('the bucket of artifacts', async () => new S3ArtifactStore(s3.client, await s3.newBucket()));

interface Bucket {
  readonly name: string;
  readonly client: S3Client;
  /** Through the proxy. */
  readonly store: S3ArtifactStore;
  readonly small: StoredBytes;
  readonly large: StoredBytes;
}

const whole = async (store: S3ArtifactStore, key: string): Promise<StoredBytes> => {
  const source = await store.open(key);
  return { source, start: 0, length: source.size };
};

/** A bucket with two objects, asked through the proxy by a client that tries so many times. */
const setUp = async (maxAttempts = 1): Promise<Bucket> => {
  const name = await s3.newBucket();
  const client = s3.newClient({ endpoint: proxy.url, maxAttempts });
  const policy = { ...RESUME_POLICY, attempts: 0 };
  const store = new S3ArtifactStore(client, name, { policy });
  await store.write('small', [SMALL], 'text/plain');
  await store.write('large', [LARGE], 'text/plain');
  const [small, large] = [await whole(store, 'small'), await whole(store, 'large')];
  proxy.reset();
  return { name, client, store, small, large };
};

const join = ({ store }: Bucket, pieces: Iterable<Piece>) => store.join('joined', pieces, 'application/zip');

const isCopy = ({ headers }: ProxiedRequest): boolean => 'x-amz-copy-source' in headers;
const isPart = (request: ProxiedRequest): boolean =>
  request.method === 'PUT' && request.path.includes('partNumber=') && !isCopy(request);
const isCompletion = ({ method, path }: ProxiedRequest): boolean =>
  method === 'POST' && path.includes('uploadId=');
const isRead = ({ method }: ProxiedRequest): boolean => method === 'GET';
const isAbort = ({ method, path }: ProxiedRequest): boolean =>
  method === 'DELETE' && path.includes('uploadId=');

/** The given faults, one after the other, for requests of one kind. */
const faultsFor = (isMeant: (request: ProxiedRequest) => boolean, ...faults: Fault[]) => {
  proxy.faultOf = (request) => (isMeant(request) ? faults.shift() : undefined);
};

const errorInside200 = s3Error('InternalError', 200);

const left = async ({ name }: Bucket): Promise<{ uploads: number; keys: string[] }> => {
  const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: name }));
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: name }));
  return { uploads: Uploads.length, keys: Contents.map(({ Key }) => Key ?? '') };
};
const NOTHING = { uploads: 0, keys: ['large', 'small'] };
const JOINED = { uploads: 0, keys: ['joined', 'large', 'small'] };

const joinedIn = async ({ store }: Bucket): Promise<Buffer> => {
  proxy.reset();
  return buffer(await store.read('joined'));
};

const at = ({ headers }: ProxiedRequest): unknown =>
  headers['x-amz-copy-source-range'] ?? headers.range ?? 'the whole object';
/** How many requests of a kind are on their way, and the most there were at the same time. */
const underWay = (client: S3Client, commandName: string): { now: number; most: number } => {
  const seen = { now: 0, most: 0 };
  client.middlewareStack.add(
    (next, context) => async (request) => {
      if (context.commandName !== commandName) return next(request);
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      return next(request).finally(() => (seen.now -= 1));
    },
    { step: 'initialize' },
  );
  return seen;
};

describe('joining in the bucket of artifacts', () => {
  it('copies what is long enough, and moves no more of it than fills up a part', async () => {
    const bucket = await setUp();
    const { small, large } = bucket;
    await join(bucket, [small, large, large, small]);
    const filling = 5 * MEBIBYTE - SMALL.length;
    const reads = proxy.requests.filter(isRead);
    const own = `bytes=0-${SMALL.length - 1}`;
    expect(reads.map(at).sort()).toEqual([own, own, `bytes=0-${filling - 1}`].sort());
    const copies = [`bytes=${filling}-${LARGE.length - 1}`, 'the whole object'];
    expect(new Set(proxy.requests.filter(isCopy).map(at))).toEqual(new Set(copies));
    expect(proxy.requests.filter(isPart)).toHaveLength(2);
    expect(await left(bucket)).toEqual(JOINED);
  });

  it('makes an object of the given type, whose checksum S3 keeps', async () => {
    const bucket = await setUp();
    const { crc64nvme } = await join(bucket, [bucket.large, bucket.small]);
    const command = new HeadObjectCommand({ Bucket: bucket.name, Key: 'joined', ChecksumMode: 'ENABLED' });
    expect(await s3.client.send(command)).toMatchObject({
      ContentType: 'application/zip',
      ChecksumCRC64NVME: crc64nvme,
      ChecksumType: 'FULL_OBJECT',
    });
  });

  it.each([
    ['copies', 'UploadPartCopyCommand', 32],
    ['sent parts', 'UploadPartCommand', 4],
  ])('has no more %s on their way than allowed', async (kind, commandName, allowed) => {
    const bucket = await setUp();
    const { source } = bucket.large;
    const piece =
      kind === 'copies' ? { source, start: 0, length: 5 * MEBIBYTE } : LARGE.subarray(0, 8 * MEBIBYTE);
    const seen = underWay(bucket.client, commandName);
    await join(
      bucket,
      Array.from({ length: allowed + 4 }, () => piece),
    );
    expect(seen.most).toBe(allowed);
  });

  it.each([
    ['copy', 'fails', isCopy, s3Error('InternalError', 500)],
    ['copy', 'is asked for patience', isCopy, s3Error('SlowDown', 503)],
    ['copy', 'fails inside an answer of status 200', isCopy, errorInside200],
    ['copy', 'loses its answer', isCopy, 'lose-answer'],
    ['sent part', 'fails', isPart, s3Error('InternalError', 500)],
    ['sent part', 'loses its answer', isPart, 'lose-answer'],
    ['completion', 'fails', isCompletion, s3Error('InternalError', 500)],
    ['completion', 'fails inside an answer of status 200', isCompletion, errorInside200],
    ['completion', 'loses its answer', isCompletion, 'lose-answer'],
  ] as [string, string, (request: ProxiedRequest) => boolean, Fault][])(
    'goes on when a %s %s once',
    async (_, __, isMeant, fault) => {
      const bucket = await setUp(3);
      faultsFor(isMeant, fault);
      const { bytes } = await join(bucket, [bucket.large, bucket.small]);
      expect(bytes).toBe(LARGE.length + SMALL.length);
      expect(proxy.requests.filter(isMeant)).toHaveLength(2);
      expect((await joinedIn(bucket)).equals(Buffer.concat([LARGE, SMALL]))).toBe(true);
      expect(await left(bucket)).toEqual(JOINED);
    },
  );

  it.each([
    ['copy', isCopy, errorInside200],
    ['sent part', isPart, s3Error('SlowDown', 503)],
    ['completion', isCompletion, errorInside200],
    ['read of a short piece', isRead, { cutAt: 100 }],
  ] as [string, (request: ProxiedRequest) => boolean, Fault][])(
    'leaves neither object nor upload when a %s fails for good',
    async (_, isMeant, fault) => {
      const bucket = await setUp();
      faultsFor(isMeant, fault);
      const joining = join(bucket, [bucket.large, bucket.small]);
      await expect(joining).rejects.toMatchObject({ name: 'ServiceUnavailable' });
      expect(await left(bucket)).toEqual(NOTHING);
    },
  );

  it.each([
    ['no upload', s3Error('NoSuchUpload', 404)],
    ['no service', s3Error('InternalError', 500)],
  ])(
    'finds its object when the answer to the completion is lost and the next one finds %s',
    async (_, second) => {
      const bucket = await setUp(2);
      faultsFor(isCompletion, 'lose-answer', second);
      const joined = await join(bucket, [bucket.large, bucket.small]);
      const same = await bucket.store.join('same', [Buffer.concat([LARGE, SMALL])], '');
      expect(joined).toEqual(same);
      expect((await joinedIn(bucket)).equals(Buffer.concat([LARGE, SMALL]))).toBe(true);
    },
  );

  it('does not take an object of the same name and content for its own', async () => {
    const bucket = await setUp();
    await join(bucket, [bucket.large]);
    faultsFor(isCompletion, s3Error('NoSuchUpload', 404));
    await expect(join(bucket, [bucket.large])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('does not hide why it failed behind an upload that could not be aborted', async () => {
    const bucket = await setUp();
    const failure = new ExportClosed('The export is no longer in progress.');
    function* failing(): Generator<Piece> {
      yield bucket.large;
      throw failure;
    }
    faultsFor(isAbort, s3Error('InternalError', 500));
    await expect(join(bucket, failing())).rejects.toBe(failure);
    expect(await left(bucket)).toEqual({ ...NOTHING, uploads: 1 });
    await bucket.store.purge('joined');
    expect(await left(bucket)).toEqual(NOTHING);
  });

  it('asks for no more pieces once a part has failed, and waits for those on their way before it gives up', async () => {
    const bucket = await setUp();
    let given = 0;
    function* endless(): Generator<Piece> {
      for (;;) {
        given += 1;
        yield bucket.large;
      }
    }
    const copies = underWay(bucket.client, 'UploadPartCopyCommand');
    const stillCopying: number[] = [];
    const faults = [s3Error('AccessDenied', 403)];
    proxy.faultOf = (request) => {
      if (isAbort(request)) stillCopying.push(copies.now);
      return isCopy(request) ? faults.shift() : undefined;
    };
    await expect(join(bucket, endless())).rejects.toMatchObject({ name: 'AccessRefused' });
    expect(given).toBeLessThan(40);
    expect(copies.most).toBeGreaterThan(1);
    expect(stillCopying).toEqual([0]);
    expect(await left(bucket)).toEqual(NOTHING);
  });
});
