import { describe, expect, it } from '@jest/globals';
import { DynamoDBClient, ResourceInUseException, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import type {
  BatchWriteItemCommandInput,
  CreateTableCommandInput,
  WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { createMissingTables, tableNamesFrom } from '../../../../infra/local/application-tables.ts';
import { generateSampleHousehold } from '../../../../infra/local/sample-household/sample-household.ts';
import type { SampleHousehold } from '../../../../infra/local/sample-household/sample-household.ts';
import {
  sampleHouseholdIsSeeded,
  seedSampleHousehold,
} from '../../../../infra/local/sample-household/seed-sample-household.ts';

const client = { region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };
const names = tableNamesFrom({});

type Answers = Record<string, (input: never) => unknown>;

/** A client of which every call ends in the given answers instead of on a wire; an unknown call fails. */
const answering = <C extends DynamoDBClient | S3Client>(sdkClient: C, answers: Answers): C => {
  const stack = sdkClient.middlewareStack as DynamoDBClient['middlewareStack'];
  stack.add(
    (_, { commandName = '' }) =>
      ({ input }) => {
        const answer = answers[commandName];
        if (answer === undefined) throw new Error(`${commandName} is not expected.`);
        return Promise.resolve({
          response: {},
          output: { $metadata: {}, ...(answer(input as never) as object) },
        });
      },
    { step: 'initialize' },
  );
  return sdkClient;
};

const missing = () => new ResourceNotFoundException({ message: 'missing', $metadata: {} });

/** Tables as DynamoDB has them: what is described before it is created is missing, and creating it twice is refused. */
const tablesOf = (
  existing: readonly string[],
  created: CreateTableCommandInput[],
  timesToLive: unknown[],
) => {
  const present = new Set(existing);
  return answering(new DynamoDBClient(client), {
    DescribeTableCommand: ({ TableName = '' }: { TableName?: string }) => {
      if (!present.has(TableName)) throw missing();
      return { Table: { TableName, TableStatus: 'ACTIVE' } };
    },
    CreateTableCommand: (input: CreateTableCommandInput) => {
      if (present.has(String(input.TableName)))
        throw new ResourceInUseException({ message: '', $metadata: {} });
      present.add(String(input.TableName));
      created.push(input);
    },
    UpdateTimeToLiveCommand: (input: unknown) => {
      timesToLive.push(input);
    },
  });
};

const smallHousehold = async (): Promise<SampleHousehold> => {
  const { items, files } = await generateSampleHousehold();
  return {
    items: { ...items, TRANSACTIONS_TABLE: items.TRANSACTIONS_TABLE.slice(0, 60) },
    files: files.slice(0, 5),
  };
};

const recordingS3 = (written: PutObjectCommandInput[]) =>
  answering(new S3Client(client), {
    PutObjectCommand: (input: PutObjectCommandInput) => {
      written.push(input);
    },
  });

const requestsOf = ({ RequestItems = {} }: BatchWriteItemCommandInput): [string, WriteRequest[]] => {
  const [[table, requests] = ['', []]] = Object.entries(RequestItems);
  return [table, requests];
};

describe('the tables of the household application', () => {
  it('take their names from the environment and the application’s own where it names none', () => {
    expect(tableNamesFrom({ ACCOUNTS_TABLE: 'mine', FILES_TABLE: '' })).toEqual({
      ACCOUNTS_TABLE: 'mine',
      TRANSACTIONS_TABLE: 'housef3-dev-transactions',
      CATEGORIES_TABLE_NAME: 'housef3-dev-categories',
      FILE_MAPS_TABLE: 'housef3-dev-file-maps',
      FILES_TABLE: 'housef3-dev-transaction-files',
      ANALYTICS_DATA_TABLE: 'housef3-dev-analytics-data',
      EXPORT_JOBS_TABLE: 'housef3-dev-export-jobs',
    });
  });

  it('are created where missing, and left as they are where present', async () => {
    const created: CreateTableCommandInput[] = [];
    const dynamodb = tablesOf([names.ACCOUNTS_TABLE, names.EXPORT_JOBS_TABLE], created, []);
    const variables = await createMissingTables(dynamodb, names);
    expect(variables.sort()).toEqual([
      'ANALYTICS_DATA_TABLE',
      'CATEGORIES_TABLE_NAME',
      'FILES_TABLE',
      'FILE_MAPS_TABLE',
      'TRANSACTIONS_TABLE',
    ]);
    expect(created.find(({ TableName }) => TableName === names.TRANSACTIONS_TABLE)).toEqual({
      TableName: names.TRANSACTIONS_TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'transactionId', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'transactionId', AttributeType: 'S' },
        { AttributeName: 'userId', AttributeType: 'S' },
        { AttributeName: 'date', AttributeType: 'N' },
        { AttributeName: 'accountId', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'UserIdIndex',
          KeySchema: [
            { AttributeName: 'userId', KeyType: 'HASH' },
            { AttributeName: 'date', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
        {
          IndexName: 'AccountDateIndex',
          KeySchema: [
            { AttributeName: 'accountId', KeyType: 'HASH' },
            { AttributeName: 'date', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
  });

  it('let rows of the jobs table expire, but only where that table was created here', async () => {
    const timesToLive: unknown[] = [];
    await createMissingTables(tablesOf([names.EXPORT_JOBS_TABLE], [], timesToLive), names);
    expect(timesToLive).toEqual([]);
    await createMissingTables(tablesOf([], [], timesToLive), names);
    expect(timesToLive).toEqual([
      {
        TableName: names.EXPORT_JOBS_TABLE,
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      },
    ]);
  });

  it('are used as they are when somebody else creates them at the same time', async () => {
    let described = 0;
    const dynamodb = answering(new DynamoDBClient(client), {
      DescribeTableCommand: () => {
        if (described++ === 0) throw missing();
        return { Table: { TableStatus: 'ACTIVE' } };
      },
      CreateTableCommand: () => {
        throw new ResourceInUseException({ message: 'theirs', $metadata: {} });
      },
    });
    expect(await createMissingTables(dynamodb, { EXPORT_JOBS_TABLE: 'jobs' })).toEqual([]);
  });
});

describe('seeding the sample household', () => {
  it('writes every record and every file once, in batches DynamoDB takes, accounts last', async () => {
    const household = await smallHousehold();
    const batches: [string, WriteRequest[]][] = [];
    const objects: PutObjectCommandInput[] = [];
    const dynamodb = answering(new DynamoDBClient(client), {
      BatchWriteItemCommand: (input: BatchWriteItemCommandInput) => {
        batches.push(requestsOf(input));
      },
    });
    await seedSampleHousehold({
      dynamodb,
      s3: recordingS3(objects),
      tables: names,
      bucket: 'files',
      household,
    });
    const written = batches.flatMap(([table, requests]) =>
      requests.map(({ PutRequest }) => [table, PutRequest?.Item]),
    );
    const expected = Object.entries(household.items).flatMap(([variable, items]) =>
      items.map((item) => [names[variable as keyof typeof names], item]),
    );
    expect(new Set(written.map((record) => JSON.stringify(record)))).toEqual(
      new Set(expected.map((record) => JSON.stringify(record))),
    );
    expect(written).toHaveLength(expected.length);
    expect(Math.max(...batches.map(([, requests]) => requests.length))).toBe(25);
    expect(batches.at(-1)?.[0]).toBe(names.ACCOUNTS_TABLE);
    expect(objects.map(({ Bucket, Key, Body }) => [Bucket, Key, Body]).sort()).toEqual(
      household.files.map(({ s3Key, bytes }) => ['files', s3Key, bytes]).sort(),
    );
  });

  it('sends again what DynamoDB left unprocessed', async () => {
    const household = await smallHousehold();
    const taken = new Set<string>();
    let calls = 0;
    const dynamodb = answering(new DynamoDBClient(client), {
      BatchWriteItemCommand: (input: BatchWriteItemCommandInput) => {
        const [table, requests] = requestsOf(input);
        const accepted = calls++ === 0 ? 10 : requests.length;
        for (const { PutRequest } of requests.slice(0, accepted)) taken.add(JSON.stringify(PutRequest?.Item));
        const left = requests.slice(accepted);
        return { UnprocessedItems: left.length === 0 ? {} : { [table]: left } };
      },
    });
    await seedSampleHousehold({ dynamodb, s3: recordingS3([]), tables: names, bucket: 'files', household });
    expect(taken.size).toBe(Object.values(household.items).flat().length);
  });

  it('writes no record when a file cannot be written, and says why', async () => {
    const household = await smallHousehold();
    const s3 = answering(new S3Client(client), {
      PutObjectCommand: () => {
        throw new Error('no such bucket');
      },
    });
    const dynamodb = answering(new DynamoDBClient(client), {});
    await expect(
      seedSampleHousehold({ dynamodb, s3, tables: names, bucket: 'files', household }),
    ).rejects.toThrow('no such bucket');
  });

  it('is known to be done by the accounts of the main user', async () => {
    const holding = (owner: string) =>
      answering(new DynamoDBClient(client), {
        QueryCommand: ({
          ExpressionAttributeValues,
        }: {
          ExpressionAttributeValues: Record<string, unknown>;
        }) => ({
          Count: Object.values(ExpressionAttributeValues).some(
            (value) => JSON.stringify(value) === `{"S":"${owner}"}`,
          )
            ? 1
            : 0,
        }),
      });
    expect(await sampleHouseholdIsSeeded(holding('sample-user'), names)).toBe(true);
    expect(await sampleHouseholdIsSeeded(holding('sample-user-2'), names)).toBe(false);
  });
});
