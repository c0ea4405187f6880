import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { refusal, S3UnderTest } from '../support/s3-under-test.ts';

let s3: S3UnderTest;
let Bucket: string;
beforeEach(async () => {
  s3 = await S3UnderTest.start();
  Bucket = await s3.newBucket();
});
afterEach(() => s3.dispose());

const put = (...keys: string[]) =>
  Promise.all(keys.map((Key) => s3.client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
const list = (input: object = {}) => s3.client.send(new ListObjectsV2Command({ Bucket, ...input }));
const keys = async (input: object = {}) => (await list(input)).Contents?.map((object) => object.Key) ?? [];
const pages = async (pageSize: number, input: object = {}) => {
  const found: { keys: string[]; prefixes: string[] }[] = [];
  for await (const page of paginateListObjectsV2({ client: s3.client, pageSize }, { Bucket, ...input })) {
    found.push({
      keys: page.Contents?.map((object) => object.Key ?? '') ?? [],
      prefixes: page.CommonPrefixes?.map((common) => common.Prefix ?? '') ?? [],
    });
  }
  return found;
};

describe('ListObjectsV2', () => {
  it('orders keys by their UTF-8 bytes, also those added and removed between listings', async () => {
    await put('b', 'a', 'é', '\u{ffee}', '🎉', 'B', 'a/1', 'a-1');
    expect(await keys()).toEqual(['B', 'a', 'a-1', 'a/1', 'b', 'é', '\u{ffee}', '🎉']);
    await put('aa', '😀', '0');
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'b' }));
    expect(await keys()).toEqual(['0', 'B', 'a', 'a-1', 'a/1', 'aa', 'é', '\u{ffee}', '🎉', '😀']);
  });

  it('shows size, ETag, class and time of each object', async () => {
    await put('some text');
    const { Contents } = await list({ FetchOwner: true });
    expect(Contents).toMatchObject([
      { Key: 'some text', Size: 9, StorageClass: 'STANDARD', ETag: '"552e21cd4cd9918678e3c1a0df491bc3"' },
    ]);
    expect(Contents?.[0]?.LastModified).toBeInstanceOf(Date);
    expect(Contents?.[0]?.Owner?.ID).toBe('000000000000');
  });

  it('lists below a prefix and after a key', async () => {
    await put('a/1', 'a/2', 'a/3', 'ab', 'b');
    expect(await keys({ Prefix: 'a/' })).toEqual(['a/1', 'a/2', 'a/3']);
    expect(await keys({ StartAfter: 'a/2' })).toEqual(['a/3', 'ab', 'b']);
    expect(await keys({ Prefix: 'a/', StartAfter: 'a/2' })).toEqual(['a/3']);
    expect(await keys({ Prefix: 'a/', StartAfter: 'Z' })).toEqual(['a/1', 'a/2', 'a/3']);
    expect(await keys({ Prefix: 'c' })).toEqual([]);
  });

  it('rolls keys up to common prefixes', async () => {
    await put('x/1', 'x/2/3', 'x/2/4', 'y', 'z/1');
    const top = await list({ Delimiter: '/' });
    expect(top.CommonPrefixes).toEqual([{ Prefix: 'x/' }, { Prefix: 'z/' }]);
    expect(top).toMatchObject({ KeyCount: 3, Contents: [{ Key: 'y' }] });
    const below = await list({ Delimiter: '/', Prefix: 'x/' });
    expect(below).toMatchObject({ CommonPrefixes: [{ Prefix: 'x/2/' }], Contents: [{ Key: 'x/1' }] });
  });

  it.each([1, 2, 3, 100])('pages by %i without loss or repetition', async (pageSize) => {
    const all = ['a', 'b/1', 'b/2', 'c d+é/1', 'c d+é/2', 'e', 'f\n'];
    await put(...all);
    expect((await pages(pageSize)).flatMap((page) => page.keys)).toEqual(all);
    const rolled = await pages(pageSize, { Delimiter: '/' });
    expect(rolled.flatMap((page) => page.keys)).toEqual(['a', 'e', 'f\n']);
    expect(rolled.flatMap((page) => page.prefixes)).toEqual(['b/', 'c d+é/']);
    expect(rolled.every((page) => page.keys.length + page.prefixes.length <= pageSize)).toBe(true);
  });

  it('goes on where it was when keys come and go between pages', async () => {
    await put('a', 'b', 'c', 'd');
    const first = await list({ MaxKeys: 2 });
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'b' }));
    await put('aa', 'bb');
    expect(await keys({ ContinuationToken: first.NextContinuationToken })).toEqual(['bb', 'c', 'd']);
  });

  it('encodes keys when asked', async () => {
    await put('a b/ü+\n');
    const page = await list({ EncodingType: 'url', Prefix: 'a b' });
    expect(page).toMatchObject({
      EncodingType: 'url',
      Prefix: 'a%20b',
      Contents: [{ Key: 'a%20b/%C3%BC%2B%0A' }],
    });
  });

  it('gives no more than 1000 keys, and none when asked for none', async () => {
    expect(await list({ MaxKeys: 5000 })).toMatchObject({ MaxKeys: 1000, IsTruncated: false, KeyCount: 0 });
    await put('a');
    expect(await list({ MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  it('refuses a token it did not give and a number that is none', async () => {
    const invalid = { code: 'InvalidArgument', status: 400 };
    expect(await refusal(list({ ContinuationToken: 'x' }))).toEqual(invalid);
    expect(await refusal(list({ MaxKeys: -1 }))).toEqual(invalid);
    expect(await refusal(list({ EncodingType: 'base64' }))).toEqual(invalid);
  });
});
