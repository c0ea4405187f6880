import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoActiveExports } from '../../../../shared/aws/dynamo-active-exports.ts';
import { DynamoDueRows } from '../../../../shared/aws/dynamo-due-rows.ts';
import { DynamoJobStore } from '../../../../shared/aws/dynamo-job-store.ts';
import { DynamoOrphanSearch } from '../../../../shared/aws/dynamo-orphan-search.ts';
import { describeActiveExports } from '../../../support/active-exports-contract.ts';
import { describeDueRows } from '../../../support/due-rows-contract.ts';
import { EmbeddedDynamoDb } from '../../../support/embedded-dynamodb.ts';
import { aDeletingJob, anInitiatedJob, aTombstone, HOUR_MS, NOON } from '../../../support/export-builders.ts';
import { describeJobStore } from '../../../support/job-store-contract.ts';

const TABLE = 'export-jobs';

let dynamodb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamodb = await EmbeddedDynamoDb.start({ EXPORT_JOBS_TABLE: TABLE });
});
afterAll(() => dynamodb.close());

const openStore = () => Promise.resolve(new DynamoJobStore(dynamodb.client, TABLE));
const openPlaces = () => Promise.resolve(new DynamoActiveExports(dynamodb.client, TABLE));

describeJobStore('the job store in DynamoDB', openStore);
describeActiveExports('the active exports in DynamoDB', openPlaces);
describeDueRows('the due rows in DynamoDB', async () => ({
  jobs: await openStore(),
  places: await openPlaces(),
  dueRows: new DynamoDueRows(dynamodb.client, TABLE),
}));

describe('the table of export jobs', () => {
  it('holds places and jobs side by side without taking one for the other', async () => {
    const [store, places] = [await openStore(), await openPlaces()];
    await places.reserve('user-x', 'export-1', { cap: 2, now: NOON });
    const { Items = [] } = await dynamodb.client.send(
      new QueryCommand({
        TableName: TABLE,
        KeyConditionExpression: 'exportId = :id',
        ExpressionAttributeValues: {
          // sha256 of "user-x"
          ':id': { S: 'active#100e513d7cdce8179685d3f16c2dc7492c6c4ea8433d5a6e6e73a3c5ef13e079' },
        },
      }),
    );
    expect(Items).toHaveLength(1);
    expect(Items[0]?.['ttl']).toEqual({ N: String((NOON + 100 * 24 * HOUR_MS) / 1000) });
    expect(
      await store.find('active#100e513d7cdce8179685d3f16c2dc7492c6c4ea8433d5a6e6e73a3c5ef13e079'),
    ).toBeUndefined();
    expect(await store.findByUser('user-x', { limit: 5 })).toEqual({ jobs: [], hasMore: false });
  });

  it('lets whoever looks for work find a job by when it is due, in one of eight shards', async () => {
    const store = await openStore();
    const jobs = Array.from({ length: 40 }, () => anInitiatedJob({ userId: 'user-due' }));
    for (const job of jobs) await store.create(job);
    const shards = await Promise.all(
      Array.from({ length: 8 }, async (_, shard) => {
        const { Items = [] } = await dynamodb.client.send(
          new QueryCommand({
            TableName: TABLE,
            IndexName: 'DueIndex',
            KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
            FilterExpression: 'userId = :user',
            ExpressionAttributeValues: {
              ':shard': { S: `due#${shard}` },
              ':now': { N: String(NOON + HOUR_MS) },
              ':user': { S: 'user-due' },
            },
          }),
        );
        return Items.map((item) => item['exportId']?.S ?? '');
      }),
    );
    expect(shards.flat().sort()).toEqual(jobs.map(({ exportId }) => exportId).sort());
    expect(shards.filter((shard) => shard.length > 0).length).toBeGreaterThan(3);
  });

  it('keeps nothing of a deleted job but its tombstone', async () => {
    const store = await openStore();
    const job = anInitiatedJob({ userId: 'user-gone' });
    await store.create(job);
    await store.startDeleting(aDeletingJob({ exportId: job.exportId, userId: 'user-gone' }));
    await store.bury(aTombstone({ exportId: job.exportId }));
    const { Item } = await dynamodb.client.send(
      new GetItemCommand({ TableName: TABLE, Key: { exportId: { S: job.exportId } } }),
    );
    expect(Object.keys(Item ?? {}).sort()).toEqual([
      ...[
        'dueShard',
        'exportId',
        'ownerHash',
        'pendingEvents',
        'requestHash',
        'requestedAt',
        'status',
        'ttl',
      ],
    ]);
    expect(JSON.stringify(Item)).not.toContain('user-gone');
  });

  it('says of a row that cannot be read which attributes are wrong, and quotes none', async () => {
    const store = await openStore();
    const { exportId } = anInitiatedJob();
    await dynamodb.client.send(
      new PutItemCommand({
        TableName: TABLE,
        Item: { exportId: { S: exportId }, status: { S: 'initiated' }, userId: { S: 'secret' } },
      }),
    );
    const reading = store.find(exportId);
    await expect(reading).rejects.toMatchObject({ name: 'JobUnreadable' });
    await expect(reading).rejects.toThrow(/requestedAt/);
    await expect(reading).rejects.not.toThrow(/secret/);
  });

  it('keeps how far the search for orphans has come, beside jobs and places', async () => {
    const search = new DynamoOrphanSearch(dynamodb.client, TABLE);
    expect(await search.position()).toBeUndefined();
    await search.moveTo('packages/u/e/a.zip');
    expect(await search.position()).toBe('packages/u/e/a.zip');
    await search.moveTo(undefined);
    expect(await search.position()).toBeUndefined();
    expect(await (await openStore()).find('sweep#orphans')).toBeUndefined();
  });
});
