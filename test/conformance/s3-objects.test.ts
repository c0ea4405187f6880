import { Agent, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import {
  ChecksumAlgorithm,
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { distinctBytes, refusal, S3UnderTest } from '../support/s3-under-test.ts';

let s3: S3UnderTest;
let Bucket: string;
beforeEach(async () => {
  s3 = await S3UnderTest.start({ buckets: ['made-at-start'] });
  Bucket = await s3.newBucket();
});
afterEach(() => s3.dispose());

const put = (Key: string, Body: string | Buffer, more: object = {}) =>
  s3.client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more: object = {}) =>
  s3.client.send(new GetObjectCommand({ Bucket, Key, ...more }));
const text = async (Key: string, more: object = {}) => (await get(Key, more)).Body?.transformToString();

describe('buckets', () => {
  it('lists those made at the start and later, and says where they are', async () => {
    const { Buckets } = await s3.client.send(new ListBucketsCommand({}));
    expect(Buckets?.map((bucket) => bucket.Name)).toEqual(expect.arrayContaining(['made-at-start', Bucket]));
    const { LocationConstraint } = await s3.client.send(new GetBucketLocationCommand({ Bucket }));
    expect(LocationConstraint ?? '').toBe('');
    expect((await s3.client.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe('us-east-1');
  });

  it('keeps the objects of a bucket that is created again', async () => {
    await put('kept', 'text');
    await s3.client.send(new CreateBucketCommand({ Bucket }));
    expect(await text('kept')).toBe('text');
  });

  it('deletes an empty bucket only', async () => {
    await put('last', 'x');
    expect(await refusal(s3.client.send(new DeleteBucketCommand({ Bucket })))).toEqual({
      code: 'BucketNotEmpty',
      status: 409,
    });
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'last' }));
    await s3.client.send(new DeleteBucketCommand({ Bucket }));
    expect(await refusal(s3.client.send(new HeadBucketCommand({ Bucket })))).toEqual({
      code: 'NotFound',
      status: 404,
    });
    expect(await refusal(s3.client.send(new ListObjectsV2Command({ Bucket })))).toEqual({
      code: 'NoSuchBucket',
      status: 404,
    });
  });

  it('gives back the lifecycle rules and the CORS rules it was given', async () => {
    expect(
      await refusal(s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))),
    ).toMatchObject({
      code: 'NoSuchLifecycleConfiguration',
    });
    expect(await refusal(s3.client.send(new GetBucketCorsCommand({ Bucket })))).toMatchObject({
      code: 'NoSuchCORSConfiguration',
    });
    const Rules = [
      { ID: 'a', Status: 'Enabled' as const, Filter: { Prefix: 'interim/' }, Expiration: { Days: 2 } },
    ];
    const CORSRules = [{ AllowedMethods: ['GET'], AllowedOrigins: ['https://a.example'] }];
    await s3.client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
    );
    await s3.client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    expect(await s3.client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).toMatchObject({
      Rules,
    });
    expect(await s3.client.send(new GetBucketCorsCommand({ Bucket }))).toMatchObject({ CORSRules });
  });
});

describe('what is stored with an object', () => {
  it('comes back with GET and HEAD: headers, metadata, tags, encryption, ETag', async () => {
    const headers = {
      ContentType: 'application/json',
      ContentDisposition: 'attachment; filename="a.json"',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      CacheControl: 'no-store',
      Metadata: { export: 'e 1', other: 'x' },
      ServerSideEncryption: 'AES256' as const,
    };
    const written = await put('a', '{}', { ...headers, Tagging: 'kind=interim&name=a%20b' });
    expect(written).toMatchObject({
      ETag: '"99914b932bd37a50b983c5e7c90ae93b"',
      ServerSideEncryption: 'AES256',
    });
    const expected = { ...headers, ETag: written.ETag, ContentLength: 2, TagCount: 2, AcceptRanges: 'bytes' };
    expect(await get('a')).toMatchObject(expected);
    expect(await s3.client.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).toMatchObject(expected);
    expect((await s3.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'a' }))).TagSet).toEqual([
      { Key: 'kind', Value: 'interim' },
      { Key: 'name', Value: 'a b' },
    ]);
  });

  it('takes new tags without touching the content', async () => {
    await put('a', 'text', { Tagging: 'old=1' });
    const TagSet = [{ Key: 'new', Value: '<&>' }];
    await s3.client.send(new PutObjectTaggingCommand({ Bucket, Key: 'a', Tagging: { TagSet } }));
    expect((await s3.client.send(new GetObjectTaggingCommand({ Bucket, Key: 'a' }))).TagSet).toEqual(TagSet);
    expect(await text('a')).toBe('text');
  });

  it('shows an archived object but does not give out or copy its content', async () => {
    for (const StorageClass of ['GLACIER', 'DEEP_ARCHIVE'] as const) {
      await put(StorageClass, 'cold', { StorageClass });
      const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: StorageClass }));
      expect(head).toMatchObject({ StorageClass, ContentLength: 4 });
      const refused = { code: 'InvalidObjectState', status: 403 };
      expect(await refusal(get(StorageClass))).toEqual(refused);
      const copy = new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/${StorageClass}` });
      expect(await refusal(s3.client.send(copy))).toEqual(refused);
    }
  });

  it.each([
    'a/../b',
    '../../../etc/passwd',
    'with space+plus',
    'line\nbreak\ttab',
    '🎉 ünï',
    '%41%2F',
    '//double//',
    `q'"<&>`,
    ' lead and trail ',
    'x'.repeat(1024),
  ])('is found under the key %j and no other', async (key) => {
    await put(key, key);
    expect(await text(key)).toBe(key);
    const { Contents } = await s3.client.send(new ListObjectsV2Command({ Bucket }));
    expect(Contents?.map((object) => object.Key)).toEqual([key]);
    const { Deleted } = await s3.client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: key }] } }),
    );
    expect(Deleted).toEqual([{ Key: key }]);
    expect(await refusal(get(key))).toEqual({ code: 'NoSuchKey', status: 404 });
  });

  it('is as empty as it was sent', async () => {
    await put('empty', '', { ContentLength: 0 });
    expect(await text('empty')).toBe('');
    expect(await refusal(get('empty', { Range: 'bytes=0-' }))).toEqual({ code: 'InvalidRange', status: 416 });
  });

  it('is reached in virtual-host style too', async () => {
    await put('dir/a', 'path style');
    const httpAgent = new Agent({
      lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    const endpoint = s3.url.replace('127.0.0.1', 'localhost');
    const client = s3.newClient({ endpoint, forcePathStyle: false, requestHandler: { httpAgent } });
    const found = await client.send(new GetObjectCommand({ Bucket, Key: 'dir/a' }));
    expect(await found.Body?.transformToString()).toBe('path style');
    expect((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(1);
  });
});

describe('checksums', () => {
  it.each([
    ['CRC32', 'y/Q5Jg=='],
    ['CRC32C', '4waSgw=='],
    ['CRC64NVME', 'rosUhgp5mIg='],
    ['SHA1', '98O8HYCOBHMq32eZZczDTKeuNEE='],
    ['SHA256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
  ] as const)('%s is computed, kept and shown when asked for', async (algorithm, value) => {
    const sum = { [`Checksum${algorithm}`]: value };
    expect(await put('sum', '123456789', sum)).toMatchObject({ ...sum, ChecksumType: 'FULL_OBJECT' });
    expect(await get('sum', { ChecksumMode: 'ENABLED' })).toMatchObject(sum);
    const plain = s3.newClient({ responseChecksumValidation: 'WHEN_REQUIRED' });
    const head = await plain.send(new HeadObjectCommand({ Bucket, Key: 'sum' }));
    expect(head).not.toHaveProperty(`Checksum${algorithm}`);
    const wrong = put('wrong', '12345678', sum);
    expect(await refusal(wrong)).toEqual({ code: 'BadDigest', status: 400 });
    expect(await refusal(get('wrong'))).toMatchObject({ code: 'NoSuchKey' });
  });

  it.each(Object.values(ChecksumAlgorithm).filter((name) => /^(CRC32|SHA1|SHA256)$/.test(name)))(
    '%s of a stream arrives in the trailer',
    async (algorithm) => {
      const Body = Readable.from([Buffer.from('1234'), Buffer.from('56789')]);
      const written = await s3.client.send(
        new PutObjectCommand({ Bucket, Key: 'stream', Body, ContentLength: 9, ChecksumAlgorithm: algorithm }),
      );
      expect(written).toHaveProperty(`Checksum${algorithm}`);
      expect(await text('stream')).toBe('123456789');
      expect(await get('stream')).not.toHaveProperty('ContentEncoding');
    },
  );

  it('Content-MD5 is verified', async () => {
    const quiet = s3.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' });
    const send = (ContentMD5: string) =>
      quiet.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'a', ContentMD5 }));
    expect(await refusal(send('DMF1ucDxtqgxw5niaXcmYQ=='))).toMatchObject({ code: 'accepted' });
    expect(await refusal(send('1B2M2Y8AsgTpgAmY7PhCfg=='))).toEqual({ code: 'BadDigest', status: 400 });
  });
});

describe('reading', () => {
  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-30', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-100', '89', 'bytes 8-9/10'],
  ])('gives the range %s', async (Range, content, ContentRange) => {
    await put('digits', '0123456789');
    const part = await get('digits', { Range });
    expect(part).toMatchObject({
      ContentRange,
      ContentLength: content.length,
      $metadata: { httpStatusCode: 206 },
    });
    expect(await part.Body?.transformToString()).toBe(content);
  });

  it('answers 416 beyond the end and the whole object to a range it cannot read', async () => {
    await put('digits', '0123456789');
    expect(await refusal(get('digits', { Range: 'bytes=10-' }))).toEqual({
      code: 'InvalidRange',
      status: 416,
    });
    expect(await refusal(get('digits', { Range: 'bytes=-0' }))).toEqual({
      code: 'InvalidRange',
      status: 416,
    });
    expect(await text('digits', { Range: 'lines=1-2' })).toBe('0123456789');
  });

  it('resumes a download only while the object is the same', async () => {
    const { ETag } = await put('digits', '0123456789');
    const url = await getSignedUrl(s3.client, new GetObjectCommand({ Bucket, Key: 'digits' }));
    const resume = async (etag = '') =>
      (await fetch(url, { headers: { range: 'bytes=5-', 'if-range': etag } })).text();
    expect(await resume(ETag)).toBe('56789');
    expect(await resume('"another"')).toBe('0123456789');
  });

  it('keeps If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since', async () => {
    const { ETag } = await put('a', 'text');
    const { LastModified } = await get('a');
    const earlier = new Date((LastModified?.getTime() ?? 0) - 1000);
    const failed = { code: 'PreconditionFailed', status: 412 };
    expect(await text('a', { IfMatch: ETag })).toBe('text');
    expect(await refusal(get('a', { IfMatch: '"other"' }))).toEqual(failed);
    expect(await refusal(get('a', { IfNoneMatch: ETag }))).toMatchObject({ status: 304 });
    expect(await text('a', { IfNoneMatch: '"other"' })).toBe('text');
    expect(await refusal(get('a', { IfModifiedSince: LastModified }))).toMatchObject({ status: 304 });
    expect(await text('a', { IfModifiedSince: earlier })).toBe('text');
    expect(await refusal(get('a', { IfUnmodifiedSince: earlier }))).toEqual(failed);
    expect(await text('a', { IfUnmodifiedSince: LastModified })).toBe('text');
    const head = new HeadObjectCommand({ Bucket, Key: 'a', IfMatch: '"other"' });
    expect(await refusal(s3.client.send(head))).toMatchObject({ status: 412 });
  });

  it('lets a signed request choose the headers of the answer', async () => {
    await put('a', 'text');
    const command = new GetObjectCommand({
      Bucket,
      Key: 'a',
      ResponseContentDisposition: `attachment; filename="ü.zip"`,
      ResponseContentType: 'application/zip',
    });
    const response = await fetch(await getSignedUrl(s3.client, command));
    expect(await response.text()).toBe('text');
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(Buffer.from(response.headers.get('content-disposition') ?? '', 'latin1').toString()).toBe(
      'attachment; filename="ü.zip"',
    );
  });

  it('goes on undisturbed while the object is replaced and deleted', async () => {
    const content = distinctBytes(8 * 1024 ** 2);
    await put('a', content);
    const url = await getSignedUrl(s3.client, new GetObjectCommand({ Bucket, Key: 'a' }));
    const response = await fetch(url);
    await put('a', 'replaced');
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true);
    expect(await s3.settledBlobCount(0)).toBe(0);
  });
});

describe('writing', () => {
  it('never shows a mixture while many write and read one key', async () => {
    const versions = 'abcdefgh'.split('').map((letter) => letter.repeat(200_000 + letter.charCodeAt(0)));
    await put('a', 'a'.repeat(200_097));
    const seen: (string | undefined)[] = [];
    await Promise.all(
      versions.flatMap((version) => [
        put('a', version),
        text('a').then((found) => void seen.push(found)),
        put('a', version)
          .then(() => text('a'))
          .then((found) => void seen.push(found)),
      ]),
    );
    expect(seen).toHaveLength(versions.length * 2);
    expect(seen.filter((found) => !versions.includes(found ?? ''))).toEqual([]);
    expect(await s3.settledBlobCount(1)).toBe(1);
  });

  it('keeps If-None-Match: * and If-Match', async () => {
    const failed = { code: 'PreconditionFailed', status: 412 };
    const { ETag } = await put('a', 'first', { IfNoneMatch: '*' });
    expect(await refusal(put('a', 'second', { IfNoneMatch: '*' }))).toEqual(failed);
    await put('a', 'third', { IfMatch: ETag });
    expect(await refusal(put('a', 'fourth', { IfMatch: ETag }))).toEqual(failed);
    expect(await refusal(put('none', 'fifth', { IfMatch: ETag }))).toEqual({
      code: 'NoSuchKey',
      status: 404,
    });
    expect(await text('a')).toBe('third');
  });

  it('lets one of many writers with If-None-Match: * win', async () => {
    const writes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        refusal(put('a', `${index}`.repeat(50_000), { IfNoneMatch: '*' })),
      ),
    );
    expect(writes.map((write) => write.status).sort()).toEqual([
      200,
      ...Array.from({ length: 9 }, () => 412),
    ]);
  });

  it('deletes many at once, those that are not there too, and quietly when asked', async () => {
    await put('a', '1');
    await put('b', '2');
    const Objects = [{ Key: 'a' }, { Key: 'absent' }];
    const { Deleted } = await s3.client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toEqual(Objects);
    const quiet = new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'b' }], Quiet: true } });
    expect(await s3.client.send(quiet)).not.toHaveProperty('Deleted');
    expect((await s3.client.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
    expect(await refusal(s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'b' })))).toMatchObject({
      code: 'accepted',
    });
  });

  it('copies content with its metadata and tags, or with new ones', async () => {
    const source = { ContentType: 'text/csv', Metadata: { a: '1' }, Tagging: 'x=y' };
    const { ETag } = await put('from + ü', 'content', source);
    const CopySource = `${Bucket}/${encodeURIComponent('from + ü')}`;
    const same = await s3.client.send(new CopyObjectCommand({ Bucket, Key: 'same', CopySource }));
    expect(same.CopyObjectResult).toMatchObject({ ETag });
    expect(await get('same')).toMatchObject({ ContentType: 'text/csv', Metadata: { a: '1' }, TagCount: 1 });
    const changes = {
      MetadataDirective: 'REPLACE',
      ContentType: 'text/plain',
      Metadata: { b: '2' },
    } as const;
    const tags = { TaggingDirective: 'REPLACE', Tagging: 'p=q&r=s' } as const;
    await s3.client.send(new CopyObjectCommand({ Bucket, Key: 'new', CopySource, ...changes, ...tags }));
    expect(await get('new')).toMatchObject({ ContentType: 'text/plain', Metadata: { b: '2' }, TagCount: 2 });
    expect(await text('new')).toBe('content');
    const onto = new CopyObjectCommand({ Bucket, Key: 'from + ü', CopySource });
    expect(await refusal(s3.client.send(onto))).toEqual({ code: 'InvalidRequest', status: 400 });
    const changed = new CopyObjectCommand({ Bucket, Key: 'c', CopySource, CopySourceIfMatch: '"other"' });
    expect(await refusal(s3.client.send(changed))).toEqual({ code: 'PreconditionFailed', status: 412 });
  });

  it('takes a presigned PUT, and a slow one', async () => {
    const url = await getSignedUrl(
      s3.newClient({ requestChecksumCalculation: 'WHEN_REQUIRED' }),
      new PutObjectCommand({ Bucket, Key: 'a', Metadata: { by: 'page' } }),
    );
    const sending = httpRequest(url, { method: 'PUT', headers: { 'content-length': 8 } });
    const answered = new Promise((resolve) =>
      sending.once('response', (response) => resolve(response.statusCode)),
    );
    sending.write('slow');
    await wait(300);
    expect(await refusal(get('a'))).toMatchObject({ code: 'NoSuchKey' });
    sending.end('body');
    expect(await answered).toBe(200);
    expect(await get('a')).toMatchObject({ Metadata: { by: 'page' } });
    expect(await text('a')).toBe('slowbody');
  });
});
