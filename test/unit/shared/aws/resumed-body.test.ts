import { PutObjectCommand } from '@aws-sdk/client-s3';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ResumePolicy } from '../../../../shared/aws/resumed-body.ts';
import { S3ArtifactStore } from '../../../../shared/aws/s3-artifact-store.ts';
import { S3StatementFiles } from '../../../../shared/aws/s3-statement-files.ts';
import { OutOfTime } from '../../../../shared/domain/errors.ts';
import { FaultProxy, s3Error, type Fault, type ProxiedAnswer } from '../../../support/fault-proxy.ts';
import { distinctBytes, S3UnderTest } from '../../../support/s3-under-test.ts';

const BUCKET = 'resumed';
const KEY = 'user-1/file-1/statement.pdf';
const SIZE = 700_001;
const CONTENT = distinctBytes(SIZE, 1);
const OTHER_CONTENT = distinctBytes(SIZE, 2);

const POLICY: ResumePolicy = { silenceMs: 400, attempts: 4, firstPauseMs: 1, longestPauseMs: 3 };

let s3: S3UnderTest;
let proxy: FaultProxy;
let files: S3StatementFiles;
let artifacts: S3ArtifactStore;

beforeAll(async () => {
  s3 = await S3UnderTest.start({ buckets: [BUCKET] });
  proxy = await FaultProxy.start(s3.url);
  const client = s3.newClient({ endpoint: proxy.url });
  files = new S3StatementFiles(client, BUCKET, POLICY);
  artifacts = new S3ArtifactStore(client, BUCKET, { policy: POLICY });
});
beforeEach(async () => {
  proxy.reset();
  await put(CONTENT);
});
afterAll(async () => {
  await proxy.close();
  await s3.dispose();
});

type Algorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';
const ALGORITHMS: readonly Algorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];

const put = (Body: Buffer, ChecksumAlgorithm: Algorithm = 'CRC64NVME') =>
  s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body, ChecksumAlgorithm }));

const openFile = async () => {
  const file = await files.open('user-1', KEY);
  if (!file.found) throw new Error('The file is there.');
  return file.body;
};

/** The three ways in which objects are read. */
const READERS: readonly [string, () => Promise<Uint8Array>][] = [
  ['a statement file', async () => buffer(await openFile())],
  ['an interim object', async () => buffer(await artifacts.read(KEY))],
  ['a range', async () => (await artifacts.open(KEY)).read(0, SIZE)],
];

const isGet = ({ method }: { readonly method: string }): boolean => method === 'GET';
const gets = () => proxy.requests.filter(isGet);

/** The faults happen to one GET after the other; later ones are passed on. */
const faultsOfGets = (...faults: Fault[]): void => {
  proxy.faultOf = (request) => (isGet(request) ? faults.shift() : undefined);
};

/** Numbers from 0 to below 1 that are the same for the same seed. */
const numbersOf = (seed: number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const changed =
  (at: number) =>
  (answer: ProxiedAnswer): ProxiedAnswer => {
    const body = Buffer.from(answer.body);
    body.writeUInt8(body.readUInt8(at) ^ 0x10, at);
    return { ...answer, body };
  };

describe.each(READERS)('%s', (_, read) => {
  it.each([[1], [2], [3], [4], [5], [6]])(
    'is whole however often it is cut, wherever that is (seed %d)',
    async (seed) => {
      const random = numbersOf(seed);
      // More often than it may break without progress.
      const cuts = Array.from({ length: 6 + Math.floor(random() * 4) }, () => Math.floor(random() * 70_000));
      faultsOfGets(...cuts.map((cutAt): Fault => ({ cutAt })));
      expect(Buffer.from(await read()).equals(CONTENT)).toBe(true);
      expect(gets()).toHaveLength(cuts.length + 1);
    },
  );

  it('goes on at the byte at which it broke, in the same version', async () => {
    faultsOfGets({ cutAt: 200_000 });
    await read();
    const [first, second] = gets();
    expect(second?.headers.range).toMatch(/^bytes=[1-9]\d*-700000$/);
    expect(second?.headers['if-match']).toMatch(/^"[0-9a-f]{32}"$/);
    expect(first?.headers.range).toBe(_ === 'a range' ? 'bytes=0-700000' : undefined);
  });

  it('is whole after a silence', async () => {
    faultsOfGets({ stallAt: 300_000 }, { stallAt: 0 });
    expect(Buffer.from(await read()).equals(CONTENT)).toBe(true);
  });

  it('is whole when the storage asks for patience in between', async () => {
    faultsOfGets({ cutAt: 100_000 }, s3Error('SlowDown', 503), s3Error('InternalError', 500));
    expect(Buffer.from(await read()).equals(CONTENT)).toBe(true);
  });

  it('is given up when no byte comes any more, after as many requests as were allowed', async () => {
    faultsOfGets({ cutAt: 100_000 }, ...Array.from({ length: 20 }, (): Fault => ({ cutAt: 0 })));
    await expect(read()).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    expect(gets()).toHaveLength(1 + POLICY.attempts);
  });

  it('is never put together with a part that was not asked for', async () => {
    const whole: Fault = { alter: ({ headers }) => ({ status: 200, headers, body: CONTENT }) };
    const other: Fault = {
      alter: ({ headers, body }) => ({
        status: 206,
        headers: { ...headers, 'content-range': `bytes 0-${body.length - 1}/${SIZE}` },
        body: CONTENT.subarray(0, body.length),
      }),
    };
    faultsOfGets({ cutAt: 100_000 }, whole, other, whole, other);
    await expect(read()).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  it('is refused where the right to read it was withdrawn', async () => {
    faultsOfGets({ cutAt: 100_000 }, s3Error('AccessDenied', 403));
    await expect(read()).rejects.toMatchObject({ name: 'AccessRefused' });
    expect(gets()).toHaveLength(2);
  });
});

describe('an object that is replaced while it is read', () => {
  const readReplaced = async (open: () => Promise<AsyncIterable<Uint8Array>>): Promise<Buffer> => {
    faultsOfGets({ cutAt: 100_000 });
    const body = await open();
    await put(OTHER_CONTENT);
    return buffer(body);
  };

  it('is a reason to try the step again for a statement file', async () => {
    await expect(readReplaced(openFile)).rejects.toMatchObject({
      name: 'ServiceUnavailable',
      message: expect.stringContaining('replaced or removed') as unknown,
    });
    expect(gets()).toHaveLength(2);
  });

  it('is a corruption for an interim object', async () => {
    const reading = readReplaced(() => artifacts.read(KEY));
    await expect(reading).rejects.toMatchObject({ name: 'InterimCorrupted' });
  });
});

describe('bytes that are changed on their way', () => {
  it.each(ALGORITHMS.map((algorithm) => [algorithm]))('are found by the stored %s', async (algorithm) => {
    await put(CONTENT, algorithm);
    expect((await buffer(await openFile())).equals(CONTENT)).toBe(true);
    for (const at of [0, 350_003, SIZE - 1]) {
      faultsOfGets({ alter: changed(at) });
      await expect(buffer(await openFile())).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    }
  });

  it.each(ALGORITHMS.map((algorithm) => [algorithm]))(
    'are found by the stored %s in a body that was read in pieces',
    async (algorithm) => {
      await put(CONTENT, algorithm);
      faultsOfGets({ cutAt: 100_001 }, { cutAt: 77 }, { cutAt: 200_003 });
      expect((await buffer(await openFile())).equals(CONTENT)).toBe(true);
      faultsOfGets({ cutAt: 100_001 }, { alter: changed(5) });
      await expect(buffer(await openFile())).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    },
  );

  it('are found when the end is missing and the answer says nothing of it', async () => {
    const shortened = (answer: ProxiedAnswer) => ({ ...answer, body: answer.body.subarray(0, 600_000) });
    faultsOfGets({ alter: shortened });
    await expect(buffer(await openFile())).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  });

  it('are found in an object that was written in parts', async () => {
    const bytes = distinctBytes(17 * 1024 ** 2, 3);
    await artifacts.write('in-parts', [bytes], 'application/json');
    faultsOfGets({ cutAt: 9_000_000 });
    expect((await buffer(await artifacts.read('in-parts'))).equals(bytes)).toBe(true);
    faultsOfGets({ alter: changed(10_000_000) });
    await expect(buffer(await artifacts.read('in-parts'))).rejects.toMatchObject({
      name: 'ServiceUnavailable',
    });
  });
});

describe('reading until a signal', () => {
  it.each([
    ['while the storage is silent', { stallAt: 100_000 }],
    ['while it does not begin', { stallAt: 0 }],
  ] as [string, Fault][])('ends with its reason %s', async (_, fault) => {
    faultsOfGets(fault, fault, fault, fault, fault);
    const limit = new AbortController();
    const reading = artifacts.until(limit.signal).read(KEY).then(buffer);
    setTimeout(() => limit.abort(new OutOfTime('Enough.')), 50);
    await expect(reading).rejects.toBeInstanceOf(OutOfTime);
  });

  it('does not even begin after it', async () => {
    const store = artifacts.until(AbortSignal.abort(new OutOfTime('Enough.')));
    await expect(store.read(KEY)).rejects.toBeInstanceOf(OutOfTime);
    expect(gets()).toEqual([]);
  });
});
