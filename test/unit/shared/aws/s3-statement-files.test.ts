import { PutObjectCommand } from '@aws-sdk/client-s3';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { S3StatementFiles } from '../../../../shared/aws/s3-statement-files.ts';
import { FaultProxy } from '../../../support/fault-proxy.ts';
import { S3UnderTest } from '../../../support/s3-under-test.ts';

const BUCKET = 'statement-files';

let s3: S3UnderTest;
let proxy: FaultProxy;
let files: S3StatementFiles;

beforeAll(async () => {
  s3 = await S3UnderTest.start({ buckets: [BUCKET] });
  proxy = await FaultProxy.start(s3.url);
  files = new S3StatementFiles(s3.newClient({ endpoint: proxy.url }), BUCKET);
});
beforeEach(() => proxy.reset());
afterAll(async () => {
  await proxy.close();
  await s3.dispose();
});

const put = (Key: string, StorageClass?: 'GLACIER' | 'DEEP_ARCHIVE'): Promise<unknown> =>
  s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: `content of ${Key}`, StorageClass }));

const contentOf = async (userId: string, s3Key: string | undefined): Promise<string> => {
  const file = await files.open(userId, s3Key);
  return file.found ? await text(file.body) : file.code;
};

describe('a statement file', () => {
  it('of the user is opened', async () => {
    await put('user-1/file-1/statement.csv');
    expect(await contentOf('user-1', 'user-1/file-1/statement.csv')).toBe(
      'content of user-1/file-1/statement.csv',
    );
  });

  it.each([
    ['user-1/f/with space.csv'],
    ['user-1/f/plus+and%2Fpercent%.csv'],
    ['user-1/f/emoji 😀 ü.csv'],
    ['user-1/f/new\nline.csv'],
    ['user-1/f/a&b=c?d#e;f.csv'],
    ['user-1/f/ leading and trailing '],
    ['user-1/f//double'],
    ['user-1/f/quote"\'<>.csv'],
  ])('is found whatever its name: %j', async (key) => {
    await put(key);
    expect(await contentOf('user-1', key)).toBe(`content of ${key}`);
  });

  it.each([[undefined], ['']])('without a place (%j) is told from one that is missing', async (key) => {
    expect(await contentOf('user-1', key)).toBe('NO_KEY');
    expect(proxy.requests).toEqual([]);
  });

  it('that is not there is missing', async () => {
    expect(await contentOf('user-1', 'user-1/file-1/gone.csv')).toBe('MISSING_OBJECT');
  });

  it.each([['user-1/'.padEnd(1025, 'x')], [`user-1/${'ü'.repeat(510)}`], ['user-1/half \ud83d']])(
    'whose key no object can have is missing, and fails nothing',
    async (key) => {
      expect(await contentOf('user-1', key)).toBe('MISSING_OBJECT');
    },
  );

  it.each([['GLACIER' as const], ['DEEP_ARCHIVE' as const]])(
    'in the archive class %s is told',
    async (storageClass) => {
      await put('user-1/file-1/archived.csv', storageClass);
      expect(await contentOf('user-1', 'user-1/file-1/archived.csv')).toBe('ARCHIVED_OBJECT');
    },
  );

  it.each([
    ['user-1', 'user-2/file-1/secret.csv'],
    ['user-1', 'user-10/file-1/secret.csv'],
    ['user-1', 'user-1'],
    ['user-1', '/user-1/file-1/secret.csv'],
    ['user-1', 's3://statement-files/user-1/file-1/secret.csv'],
    ['user-1', 'USER-1/file-1/secret.csv'],
    ['user-1', ' user-1/file-1/secret.csv'],
    ['', '/file-1/secret.csv'],
    ['user-1/user-2', 'user-1/user-2/secret.csv'],
    ['user-1/', 'user-1//secret.csv'],
  ])('of user %j with the key %j is another’s and is never asked for', async (userId, key) => {
    expect(await contentOf(userId, key)).toBe('FOREIGN_KEY');
    expect(proxy.requests).toEqual([]);
  });

  it.each([
    ['user-1/../user-2/secret.csv'],
    ['user-1/./../user-2/secret.csv'],
    ['user-1/..//user-2/secret.csv'],
  ])('is not reached in another’s folder by going up: %j', async (key) => {
    await put('user-2/secret.csv');
    expect(await contentOf('user-1', key)).not.toContain('content of');
  });
});
