import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../infra/local/local-identity.ts';
import type { LocalServer } from '../../infra/local/local-server.ts';
import { BareClient } from './bare-client.ts';
import { barePages, lastEvaluatedKey, userItemsQuery } from './bare-query.ts';
import { startReplayServer } from './replay-server.ts';

const QUERY = userItemsQuery('transactions', 'UserIdIndex', 'user-1');
const FIRST_END = { userId: { S: 'user-1' }, transactionId: { S: '"}{\\' }, date: { N: '1' } };

const page = (content: object) => ({
  rawHeaders: ['content-type', 'application/x-amz-json-1.0', 'x-recorded', 'yes'],
  body: Buffer.from(JSON.stringify(content)),
});

const PAGES = [
  page({
    Count: 1,
    Items: [{ memo: { S: '"LastEvaluatedKey":{}' } }],
    LastEvaluatedKey: FIRST_END,
    ScannedCount: 1,
  }),
  page({ Count: 1, Items: [{ memo: { S: 'second' } }], ScannedCount: 1 }),
];

describe('the replay server', () => {
  let server: LocalServer;
  let sdk: DynamoDBClient;
  let bare: BareClient;

  beforeEach(async () => {
    server = await startReplayServer({ query: QUERY, pages: PAGES });
    const config = { region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS, maxAttempts: 1 };
    sdk = new DynamoDBClient({ endpoint: server.url, ...config });
    bare = new BareClient(server.url, 'dynamodb');
  });
  afterEach(async () => {
    sdk.destroy();
    bare.close();
    await server.close();
  });

  it('gives the recorded pages to a client that follows them, byte by byte and with their headers', async () => {
    const answers = await Array.fromAsync(barePages(bare, QUERY));
    expect(answers.map(({ body }) => body.toString())).toEqual(PAGES.map(({ body }) => body.toString()));
    expect(answers.map(({ headers }) => headers['x-recorded'])).toEqual(['yes', 'yes']);
  });

  it('finds a page by where it begins, in whatever order the client writes the key', async () => {
    const { date, transactionId, userId } = FIRST_END;
    const start = { ExclusiveStartKey: { date, transactionId, userId } };
    const found = await sdk.send(new QueryCommand({ ...QUERY, ...start }));
    expect(found.Items).toEqual([{ memo: { S: 'second' } }]);
  });

  it('refuses another query, and a page that was not recorded', async () => {
    const other = new QueryCommand({ ...QUERY, ScanIndexForward: false });
    await expect(sdk.send(other)).rejects.toMatchObject({ name: 'ValidationException' });
    const unknown = new QueryCommand({ ...QUERY, ExclusiveStartKey: { userId: { S: 'user-2' } } });
    await expect(sdk.send(unknown)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('where the next page begins', () => {
  it('is found in a page without parsing it', () => {
    expect(lastEvaluatedKey(PAGES[0]?.body ?? Buffer.alloc(0))).toEqual(FIRST_END);
    expect(lastEvaluatedKey(PAGES[1]?.body ?? Buffer.alloc(0))).toBeUndefined();
    const before = Buffer.from(JSON.stringify({ LastEvaluatedKey: FIRST_END, Items: [{ a: { S: '}' } }] }));
    expect(lastEvaluatedKey(before)).toEqual(FIRST_END);
  });
});
