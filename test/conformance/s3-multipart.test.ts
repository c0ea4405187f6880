import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type CreateMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { distinctBytes, refusal, S3UnderTest } from '../support/s3-under-test.ts';

const PART_BYTES = 5 * 1024 ** 2;

let s3: S3UnderTest;
let Bucket: string;
beforeEach(async () => {
  s3 = await S3UnderTest.start();
  Bucket = await s3.newBucket();
});
afterEach(() => s3.dispose());

const Key = 'big';
const begin = async (more: Partial<CreateMultipartUploadCommandInput> = {}) =>
  (await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId;
const part = async (
  UploadId: string | undefined,
  PartNumber: number,
  Body: Buffer | string,
  more: object = {},
) => {
  const sent = await s3.client.send(
    new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...more }),
  );
  return {
    PartNumber,
    ETag: sent.ETag,
    ChecksumCRC32: sent.ChecksumCRC32,
    ChecksumCRC64NVME: sent.ChecksumCRC64NVME,
  };
};
const complete = (UploadId: string | undefined, Parts: CompletedPart[], more: object = {}) =>
  s3.client.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }),
  );
const content = async (key = Key) => {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key: key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

describe('lib-storage Upload', () => {
  it('stores a small stream as one object', async () => {
    const Body = Readable.from([Buffer.from('small'), Buffer.from(' stream')]);
    await new Upload({ client: s3.client, params: { Bucket, Key, Body, ContentType: 'text/plain' } }).done();
    expect((await content()).toString()).toBe('small stream');
  });

  it('stores a stream of several parts byte for byte', async () => {
    const bytes = distinctBytes(PART_BYTES * 2 + 12_345);
    const Body = Readable.from([
      bytes.subarray(0, 100),
      bytes.subarray(100, 7_000_000),
      bytes.subarray(7_000_000),
    ]);
    const params = { Bucket, Key, Body, Metadata: { kind: 'package' } };
    await new Upload({ client: s3.client, params, queueSize: 3 }).done();
    expect((await content()).equals(bytes)).toBe(true);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(head).toMatchObject({
      ContentLength: bytes.length,
      Metadata: { kind: 'package' },
      ETag: expect.stringMatching(/^"[0-9a-f]{32}-3"$/),
      ChecksumCRC32: expect.stringMatching(/-3$/),
      ChecksumType: 'COMPOSITE',
    });
  });

  it('leaves nothing behind when its source fails', async () => {
    const Body = Readable.from(
      (function* () {
        yield distinctBytes(PART_BYTES * 2);
        throw new Error('source failed');
      })(),
    );
    const upload = new Upload({ client: s3.client, params: { Bucket, Key, Body }, queueSize: 1 });
    await expect(upload.done()).rejects.toThrow('source failed');
    expect((await s3.client.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
    expect(await refusal(content())).toMatchObject({ code: 'NoSuchKey' });
    expect(await s3.settledBlobCount(0)).toBe(0);
  });
});

describe('a multipart upload', () => {
  it('becomes an object of its parts in order, read across their borders', async () => {
    const first = distinctBytes(PART_BYTES, 1);
    const second = distinctBytes(PART_BYTES, 2);
    const id = await begin({ ContentType: 'application/zip', Tagging: 'a=b' });
    const late = await part(id, 7, 'end');
    const parts = [await part(id, 2, first), await part(id, 5, second), late];
    await part(id, 9, 'left out');
    expect(await refusal(content())).toMatchObject({ code: 'NoSuchKey' });
    await complete(id, parts);
    expect(await s3.settledBlobCount(3)).toBe(3);
    expect((await content()).equals(Buffer.concat([first, second, Buffer.from('end')]))).toBe(true);
    const Range = `bytes=${PART_BYTES - 2}-${PART_BYTES + 1}`;
    const across = await s3.client.send(new GetObjectCommand({ Bucket, Key, Range }));
    const expected = Buffer.concat([first.subarray(-2), second.subarray(0, 2)]);
    expect(Buffer.from((await across.Body?.transformToByteArray()) ?? []).equals(expected)).toBe(true);
    expect(across).toMatchObject({ ContentType: 'application/zip', TagCount: 1 });
  });

  it('takes the last content of a part that is sent twice', async () => {
    const id = await begin();
    const old = await part(id, 1, 'old');
    const recent = await part(id, 1, 'recent');
    expect(await refusal(complete(id, [old]))).toEqual({ code: 'InvalidPart', status: 400 });
    await complete(id, [recent]);
    expect((await content()).toString()).toBe('recent');
  });

  it('takes parts from ranges of other objects', async () => {
    const bytes = distinctBytes(PART_BYTES + 100);
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: bytes }));
    const id = await begin();
    const copy = async (PartNumber: number, CopySourceRange?: string) => {
      const input = {
        Bucket,
        Key,
        UploadId: id,
        PartNumber,
        CopySource: `${Bucket}/source`,
        CopySourceRange,
      };
      const { CopyPartResult } = await s3.client.send(new UploadPartCopyCommand(input));
      return { PartNumber, ETag: CopyPartResult?.ETag };
    };
    await complete(id, [await copy(1), await copy(2, 'bytes=10-19')]);
    expect((await content()).equals(Buffer.concat([bytes, bytes.subarray(10, 20)]))).toBe(true);
    const beyond = { code: 'InvalidArgument', status: 400 };
    const other = await begin();
    const input = { Bucket, Key, UploadId: other, PartNumber: 1, CopySource: `${Bucket}/source` };
    const CopySourceRange = `bytes=0-${bytes.length}`;
    expect(await refusal(s3.client.send(new UploadPartCopyCommand({ ...input, CopySourceRange })))).toEqual(
      beyond,
    );
  });

  it('takes no range of an object that is no larger than the smallest part', async () => {
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: distinctBytes(PART_BYTES) }));
    const UploadId = await begin();
    const input = { Bucket, Key, UploadId, PartNumber: 1, CopySource: `${Bucket}/source` };
    const ranged = new UploadPartCopyCommand({ ...input, CopySourceRange: `bytes=0-${PART_BYTES - 1}` });
    expect(await refusal(s3.client.send(ranged))).toEqual({ code: 'InvalidRequest', status: 400 });
    const { CopyPartResult } = await s3.client.send(new UploadPartCopyCommand(input));
    await complete(UploadId, [{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
    expect((await content()).equals(distinctBytes(PART_BYTES))).toBe(true);
  });

  it('answers a repeated completion as it did the first, and any other call with NoSuchUpload', async () => {
    const id = await begin();
    const only = await part(id, 1, 'text');
    const first = await complete(id, [only], { IfNoneMatch: '*' });
    const again = await complete(id, [only], { IfNoneMatch: '*' });
    expect(again).toMatchObject({ ETag: first.ETag, Location: first.Location, Key });
    const gone = { code: 'NoSuchUpload', status: 404 };
    expect(await refusal(part(id, 2, 'more'))).toEqual(gone);
    expect(await refusal(s3.client.send(new ListPartsCommand({ Bucket, Key, UploadId: id })))).toEqual(gone);
    expect(
      await refusal(s3.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id }))),
    ).toEqual(gone);
    expect(await refusal(complete('unknown', [only]))).toEqual(gone);
  });

  it('can be aborted, which removes its parts', async () => {
    const id = await begin();
    const only = await part(id, 1, 'text');
    expect(await s3.settledBlobCount(1)).toBe(1);
    await s3.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: id }));
    expect(await refusal(complete(id, [only]))).toMatchObject({ code: 'NoSuchUpload' });
    expect(await s3.client.send(new ListMultipartUploadsCommand({ Bucket }))).not.toHaveProperty('Uploads');
    expect(await s3.settledBlobCount(0)).toBe(0);
  });

  it('is refused with parts that are small, missing, wrong or out of order, and can be mended', async () => {
    const id = await begin();
    const one = await part(id, 1, 'small');
    const two = await part(id, 2, 'end');
    const bad = (code: string) => ({ code, status: 400 });
    expect(await refusal(complete(id, [one, two]))).toEqual(bad('EntityTooSmall'));
    expect(await refusal(complete(id, [two, one]))).toEqual(bad('InvalidPartOrder'));
    expect(await refusal(complete(id, [one, one]))).toEqual(bad('InvalidPartOrder'));
    expect(await refusal(complete(id, [{ ...one, PartNumber: 3 }]))).toEqual(bad('InvalidPart'));
    expect(await refusal(complete(id, [{ ...one, ETag: two.ETag }]))).toEqual(bad('InvalidPart'));
    expect(await refusal(complete(id, [{ ...one, ChecksumCRC32: two.ChecksumCRC32 }]))).toEqual(
      bad('InvalidPart'),
    );
    expect(await refusal(complete(id, []))).toEqual(bad('MalformedXML'));
    expect(await refusal(part(id, 0, 'x'))).toEqual(bad('InvalidArgument'));
    expect(await refusal(part(id, 10_001, 'x'))).toEqual(bad('InvalidArgument'));
    await complete(id, [two]);
    expect((await content()).toString()).toBe('end');
  });

  it('keeps If-None-Match: * and If-Match when it is completed, and survives the refusal', async () => {
    const { ETag } = await s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'before' }));
    const id = await begin();
    const only = await part(id, 1, 'after');
    const failed = { code: 'PreconditionFailed', status: 412 };
    expect(await refusal(complete(id, [only], { IfNoneMatch: '*' }))).toEqual(failed);
    expect(await refusal(complete(id, [only], { IfMatch: '"other"' }))).toEqual(failed);
    expect((await content()).toString()).toBe('before');
    await complete(id, [only], { IfMatch: ETag });
    expect((await content()).toString()).toBe('after');
  });

  it('has the checksum of the whole when created so', async () => {
    const bytes = distinctBytes(PART_BYTES + 77);
    const whole = await s3.client.send(
      new PutObjectCommand({ Bucket, Key: 'whole', Body: bytes, ChecksumAlgorithm: 'CRC32' }),
    );
    const id = await begin({ ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const crc = { ChecksumAlgorithm: 'CRC32' };
    const parts = [
      await part(id, 1, bytes.subarray(0, PART_BYTES), crc),
      await part(id, 2, bytes.subarray(PART_BYTES), crc),
    ];
    const wrong = complete(id, parts, {
      ChecksumCRC32: parts[0]?.ChecksumCRC32,
      ChecksumType: 'FULL_OBJECT',
    });
    expect(await refusal(wrong)).toEqual({ code: 'BadDigest', status: 400 });
    const ChecksumCRC32 = whole.ChecksumCRC32;
    const sums = { ChecksumCRC32, ChecksumType: 'FULL_OBJECT', MpuObjectSize: bytes.length };
    expect(await complete(id, parts, sums)).toMatchObject({ ChecksumCRC32, ChecksumType: 'FULL_OBJECT' });
    expect((await content()).equals(bytes)).toBe(true);
  });

  it('of sent and copied parts has the CRC64NVME of the whole', async () => {
    const bytes = distinctBytes(2 * PART_BYTES + 999);
    const sum = { ChecksumAlgorithm: 'CRC64NVME' } as const;
    const whole = await s3.client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: bytes, ...sum }));
    const UploadId = await begin({ ...sum, ChecksumType: 'FULL_OBJECT' });
    const copied = await s3.client.send(
      new UploadPartCopyCommand({
        ...{ Bucket, Key, UploadId, PartNumber: 2, CopySource: `${Bucket}/source` },
        CopySourceRange: `bytes=${PART_BYTES}-${2 * PART_BYTES - 1}`,
      }),
    );
    const { ETag, ChecksumCRC64NVME: copiedSum } = copied.CopyPartResult ?? {};
    const parts = [
      await part(UploadId, 1, bytes.subarray(0, PART_BYTES), sum),
      { PartNumber: 2, ETag, ChecksumCRC64NVME: copiedSum },
      await part(UploadId, 3, bytes.subarray(2 * PART_BYTES), sum),
    ];
    expect(copiedSum).toMatch(/^[\w+/]{11}=$/);
    const tooLarge = complete(UploadId, parts, { MpuObjectSize: bytes.length + 1 });
    expect(await refusal(tooLarge)).toEqual({ code: 'InvalidRequest', status: 400 });
    const { ChecksumCRC64NVME } = whole;
    const expected = { ChecksumCRC64NVME, ChecksumType: 'FULL_OBJECT' };
    expect(await complete(UploadId, parts, { MpuObjectSize: bytes.length })).toMatchObject(expected);
    const head = new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' });
    expect(await s3.client.send(head)).toMatchObject(expected);
  });

  it('may consist of one empty part', async () => {
    const id = await begin({ ChecksumAlgorithm: 'CRC64NVME' });
    const empty = await part(id, 1, '', { ChecksumAlgorithm: 'CRC64NVME' });
    expect(await complete(id, [empty], { MpuObjectSize: 0 })).toMatchObject({
      ChecksumCRC64NVME: 'AAAAAAAAAAA=',
    });
    expect(await content()).toHaveLength(0);
  });

  it('is read to its end although it is deleted meanwhile', async () => {
    const bytes = distinctBytes(PART_BYTES * 3);
    const upload = new Upload({
      client: s3.client,
      params: { Bucket, Key, Body: bytes },
      partSize: PART_BYTES,
    });
    await upload.done();
    const { Body } = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(await refusal(content())).toMatchObject({ code: 'NoSuchKey' });
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
    expect(await s3.settledBlobCount(0)).toBe(0);
  });

  it('refuses a part with another checksum than the upload was created for', async () => {
    const id = await begin({ ChecksumAlgorithm: 'SHA256' });
    expect(await refusal(part(id, 1, 'x', { ChecksumAlgorithm: 'CRC32' }))).toEqual({
      code: 'InvalidRequest',
      status: 400,
    });
  });
});

describe('listing uploads and parts', () => {
  it('pages through uploads by key and age, below a prefix', async () => {
    const made: string[] = [];
    for (const key of ['b/1', 'a/2', 'a/1', 'a/1', 'ü/1'])
      made.push(`${key} ${(await begin({ Key: key })) ?? ''}`);
    const [b1 = '', a2 = '', a1 = '', a1Later = '', u1 = ''] = made;
    const list = async (Prefix?: string) => {
      const found: string[] = [];
      let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
      for (;;) {
        const page = await s3.client.send(
          new ListMultipartUploadsCommand({ Bucket, Prefix, MaxUploads: 1, ...marker }),
        );
        found.push(...(page.Uploads ?? []).map((upload) => `${upload.Key ?? ''} ${upload.UploadId ?? ''}`));
        if (page.IsTruncated !== true) return found;
        marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      }
    };
    expect((await list()).sort()).toEqual([...made].sort());
    const below = await list('a/');
    expect(new Set(below.slice(0, 2))).toEqual(new Set([a1, a1Later]));
    expect(below.slice(2)).toEqual([a2]);
    expect(await list('b')).toEqual([b1]);
    expect(await list('ü/')).toEqual([u1]);
  });

  it('pages through parts by number', async () => {
    const id = await begin();
    for (const number of [10, 2, 1]) await part(id, number, `part ${number}`);
    const page = async (PartNumberMarker?: string) =>
      s3.client.send(new ListPartsCommand({ Bucket, Key, UploadId: id, MaxParts: 2, PartNumberMarker }));
    const first = await page();
    expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2' });
    expect(first.Parts?.map((each) => [each.PartNumber, each.Size])).toEqual([
      [1, 6],
      [2, 6],
    ]);
    const second = await page(first.NextPartNumberMarker);
    expect(second.Parts?.map((each) => each.PartNumber)).toEqual([10]);
    expect(second.IsTruncated).toBe(false);
  });
});
