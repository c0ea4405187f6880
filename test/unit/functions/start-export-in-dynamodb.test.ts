import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createStartExport } from '../../../functions/start-export/start-export.ts';
import { DynamoActiveExports } from '../../../shared/aws/dynamo-active-exports.ts';
import { DynamoHouseholdSource } from '../../../shared/aws/dynamo-household-source.ts';
import { DynamoJobStore } from '../../../shared/aws/dynamo-job-store.ts';
import { LONGEST_RUN_MS } from '../../../shared/domain/export-job.ts';
import { createEstimateExport, type EstimateExport } from '../../../shared/use-cases/estimate-export.ts';
import { createPublishPendingEvents } from '../../../shared/use-cases/publish-pending-events.ts';
import { EmbeddedDynamoDb, SECTION_TABLES } from '../../support/embedded-dynamodb.ts';
import { anApiRequest, NOON } from '../../support/export-builders.ts';
import {
  RecordingBus,
  RecordingLog,
  RecordingMetrics,
  RecordingWorkflow,
  SettableClock,
} from '../../support/recording-ports.ts';

const JOBS = 'export-jobs';

let dynamodb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamodb = await EmbeddedDynamoDb.start({
    TRANSACTIONS_TABLE: SECTION_TABLES.transactions,
    FILES_TABLE: SECTION_TABLES.transactionFiles,
    EXPORT_JOBS_TABLE: JOBS,
  });
});
afterAll(() => dynamodb.close());

const putFile = async (userId: string, fileSize: string): Promise<void> => {
  const Item = { fileId: { S: randomUUID() }, userId: { S: userId }, fileSize: { N: fileSize } };
  await dynamodb.client.send(new PutItemCommand({ TableName: SECTION_TABLES.transactionFiles, Item }));
};

const setUp = (estimate?: EstimateExport) => {
  const jobs = new DynamoJobStore(dynamodb.client, JOBS);
  const activeExports = new DynamoActiveExports(dynamodb.client, JOBS);
  const source = new DynamoHouseholdSource(dynamodb.client, SECTION_TABLES);
  const [log, metrics] = [new RecordingLog(), new RecordingMetrics()];
  const userId = randomUUID();
  const exportId = randomUUID();
  const start = createStartExport({
    ...{ jobs, activeExports, log, metrics, clock: new SettableClock() },
    ...{ activeExportCap: 1, newId: () => exportId },
    workflow: new RecordingWorkflow(),
    estimate: estimate ?? createEstimateExport({ jobs, source }),
    publish: createPublishPendingEvents({ jobs, events: new RecordingBus(), log, metrics }),
  });
  const storedJob = async () => {
    const Key = { exportId: { S: exportId } };
    return (await dynamodb.client.send(new GetItemCommand({ TableName: JOBS, Key, ConsistentRead: true })))
      .Item;
  };
  return { userId, activeExports, storedJob, post: () => start(anApiRequest({ userId })) };
};

describe('a job in DynamoDB', () => {
  it.each([['9007199254740993'], ['9'.repeat(38)], ['-9007199254740993'], ['-1'], ['1E-130'], ['0.5']])(
    'is accepted with the sizes that are some when a file is said to have %s bytes',
    async (fileSize) => {
      const { userId, post, storedJob } = setUp();
      await putFile(userId, fileSize);
      await putFile(userId, '1000');
      expect((await post()).body).toMatchObject({ estimatedSize: 1000 });
      expect(await storedJob()).toMatchObject({
        estimatedSize: { N: '1000' },
        estimatedCompletion: { N: String(NOON + 5000 + 1) },
      });
    },
  );

  it('ends, as far as anybody can tell, when the longest run does, however large its files', async () => {
    const { userId, post, storedJob } = setUp();
    await putFile(userId, String(Number.MAX_SAFE_INTEGER));
    await post();
    expect(await storedJob()).toMatchObject({
      estimatedSize: { N: String(Number.MAX_SAFE_INTEGER) },
      estimatedCompletion: { N: String(NOON + LONGEST_RUN_MS) },
    });
  });

  it('has no estimate when its files together are larger than a number can say', async () => {
    const { userId, post, storedJob } = setUp();
    await putFile(userId, String(Number.MAX_SAFE_INTEGER));
    await putFile(userId, '1');
    await post();
    expect(await storedJob()).toMatchObject({
      estimatedSize: { NULL: true },
      estimatedCompletion: { NULL: true },
    });
  });

  it('that cannot be written takes no place', async () => {
    const { userId, post, storedJob, activeExports } = setUp(() =>
      Promise.resolve({ size: Number.MAX_SAFE_INTEGER + 1, duration: 5 }),
    );
    await expect(post()).rejects.toThrow('MAX_SAFE_INTEGER');
    expect(await storedJob()).toBeUndefined();
    expect((await activeExports.members(userId)).size).toBe(0);
  });
});
