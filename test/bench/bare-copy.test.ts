import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalServer } from '../../infra/local/local-server.ts';
import { filesBelow } from '../support/archive-tools.ts';
import { distinctBytes, S3UnderTest } from '../support/s3-under-test.ts';
import { copyOverHttp } from './bare-copy.ts';
import { userItemsQuery } from './bare-query.ts';
import { startReplayServer } from './replay-server.ts';

const QUERY = userItemsQuery('transactions', 'UserIdIndex', 'user-1');
const PAGES = [
  JSON.stringify({ Items: [{ memo: { S: 'first' } }], LastEvaluatedKey: { id: { S: '1' } } }),
  JSON.stringify({ Items: [{ memo: { S: 'second' } }] }),
];
const FILES = 40;

describe('a copy over bare HTTP', () => {
  let s3: S3UnderTest;
  let dynamodb: LocalServer;
  let folder: string;

  beforeAll(async () => {
    s3 = await S3UnderTest.start();
    dynamodb = await startReplayServer({
      query: QUERY,
      pages: PAGES.map((page) => ({ rawHeaders: [], body: Buffer.from(page) })),
    });
    folder = await mkdtemp(join(tmpdir(), 'bare-copy-test-'));
  });
  afterAll(async () => {
    await dynamodb.close();
    await s3.dispose();
    await rm(folder, { recursive: true });
  });

  it('has every page and every object, and counts all of their bytes', async () => {
    const bucket = await s3.newBucket();
    const content = distinctBytes(FILES * 1000);
    const keys = Array.from({ length: FILES }, (_, index) => `user-1/${index}/same name.csv`);
    for (const [index, Key] of keys.entries()) {
      const Body = content.subarray(index * 1000, (index + 1) * 1000);
      await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    }
    const source = { dynamodb: dynamodb.url, s3: s3.url, queries: [QUERY], bucket, keys };
    const bytes = await copyOverHttp(source, folder);

    const saved = filesBelow(folder);
    expect(bytes).toBe(FILES * 1000 + PAGES.join('').length);
    expect(saved.size).toBe(FILES + PAGES.length);
    const files = keys.map((_, index) => saved.get(`files/${index}-same name.csv`) ?? Buffer.alloc(0));
    expect(Buffer.concat(files).equals(content)).toBe(true);
    const pages = PAGES.map((_, index) => saved.get(`section-0-page-${index}.json`)?.toString());
    expect(pages).toEqual(PAGES);
  });
});
