import { DynamoDBClient, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { createCollectTransactions } from '../../../functions/collect-transactions/collect-transactions.ts';
import { dynamodb } from '../../../shared/aws/dynamodb-client.ts';
import { s3 } from '../../../shared/aws/s3-client.ts';
import type { ProcessingJob } from '../../../shared/domain/export-job.ts';
import { householdSource } from '../../../shared/lambda/dependencies/household.ts';
import { artifactStore } from '../../../shared/lambda/dependencies/storage.ts';
import { systemClock } from '../../../shared/lambda/system-clock.ts';
import type { ExportRun } from '../../../shared/workflow/contracts.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import { BareClient } from '../bare-client.ts';
import { barePages } from '../bare-query.ts';
import { credentialsFound } from '../credentials-found.ts';
import type { Stage } from '../stage.ts';

interface ReadSettings {
  /** Of DynamoDB. */
  readonly url: string;
  readonly query: QueryCommandInput;
}

interface CollectSettings {
  readonly table: string;
  readonly bucket: string;
  readonly job: ProcessingJob;
  readonly run: ExportRun;
}

/** The pages' bytes, and nothing done with them. */
export const bareRead: Stage<ReadSettings> = ({ url, query }) =>
  Promise.resolve(async () => {
    const client = new BareClient(url, 'dynamodb');
    const told = { bytes: 0, pages: 0 };
    for await (const { body } of barePages(client, query)) {
      told.bytes += body.length;
      told.pages += 1;
    }
    client.close();
    return told;
  });

export const bareReadAndParse: Stage<ReadSettings> = ({ url, query }) =>
  Promise.resolve(async () => {
    const client = new BareClient(url, 'dynamodb');
    let records = 0;
    for await (const { body } of barePages(client, query)) {
      const { Items } = JSON.parse(body.toString()) as { Items: unknown[] };
      records += Items.length;
    }
    client.close();
    return { records };
  });

/** As one would write it who has not thought of digits: Sets and long numbers would come out wrong. */
export const libDynamodb: Stage<{ query: QueryCommandInput; userId: string }> = async ({ query, userId }) => {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  await credentialsFound(client);
  const unmarshalled = { ...query, ExpressionAttributeValues: { ':partition': userId } };
  return async () => {
    const told = { bytes: 0, records: 0 };
    let start: Record<string, unknown> | undefined;
    do {
      const page = await client.send(new QueryCommand({ ...unmarshalled, ExclusiveStartKey: start }));
      for (const item of page.Items ?? []) told.bytes += Buffer.byteLength(JSON.stringify(item));
      told.records += page.Items?.length ?? 0;
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return told;
  };
};

/** The product's reader alone: records as JSON text. */
export const productRead: Stage<{ table: string; userId: string }> = async ({ table, userId }) => {
  const source = householdSource({ TRANSACTIONS_TABLE: table });
  await credentialsFound(dynamodb);
  return async () => {
    const told = { bytes: 0, records: 0 };
    for await (const records of source.pages('transactions', userId, {})) {
      for (const { json } of records) told.bytes += Buffer.byteLength(json);
      told.records += records.length;
    }
    return told;
  };
};

/** The product's collector, to the last byte in S3. */
export const productCollect: Stage<CollectSettings> = async ({ table, bucket, job, run }) => {
  const collect = createCollectTransactions({
    source: householdSource({ TRANSACTIONS_TABLE: table }),
    artifacts: artifactStore({ EXPORT_PACKAGES_BUCKET: bucket }),
    jobs: new InMemoryJobStore(job),
    clock: systemClock,
  });
  await credentialsFound(dynamodb, s3);
  return async () => {
    const result = await collect({ run, part: { index: 0 } }, { attemptId: crypto.randomUUID() });
    if (!result.requested) throw new Error('Nothing was collected.');
    return { bytes: result.bytes, records: result.count };
  };
};
