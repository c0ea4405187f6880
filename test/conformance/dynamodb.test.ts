import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableNotExists,
  type AttributeValue,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { startDynamoDbServer } from '../../infra/local/dynamodb/dynamodb-server.ts';
import { LOCAL_CREDENTIALS } from '../../infra/local/local-identity.ts';
import {
  connect,
  createIndexedTable,
  startLocalDynamoDb,
  writeItems,
  type LocalDynamoDb,
} from './fixtures/dynamodb/local-dynamodb.ts';

const TABLE = 'export-jobs';

let local: LocalDynamoDb;
beforeAll(async () => {
  local = await startLocalDynamoDb();
  await createIndexedTable(local.client, TABLE, 'N');
});
afterAll(() => local.dispose());

const keyOf = (id: string) => ({ id: { S: id } });

const put = async (attributes: Record<string, AttributeValue> = {}): Promise<string> => {
  const id = randomUUID();
  await local.client.send(new PutItemCommand({ TableName: TABLE, Item: { ...keyOf(id), ...attributes } }));
  return id;
};

const get = async (id: string): Promise<Record<string, AttributeValue> | undefined> => {
  const input = { TableName: TABLE, Key: keyOf(id), ConsistentRead: true };
  const { Item } = await local.client.send(new GetItemCommand(input));
  return Item;
};

const update = (id: string, input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) =>
  local.client.send(new UpdateItemCommand({ TableName: TABLE, Key: keyOf(id), ...input }));

describe('an answer', () => {
  it('comes with its CRC-32, also when it is a refusal', async () => {
    const answers: { status: number; told: string | undefined; computed: string }[] = [];
    local.client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { statusCode, headers, body } = result.response as {
          statusCode: number;
          headers: Record<string, string>;
          body: Readable | Buffer;
        };
        const bytes = body instanceof Readable ? await buffer(body) : body;
        answers.push({ status: statusCode, told: headers['x-amz-crc32'], computed: String(crc32(bytes)) });
        return { ...result, response: Object.assign(result.response as object, { body: bytes }) };
      },
      { step: 'deserialize', priority: 'low', name: 'seen' },
    );
    await put({ text: { S: 'ä' } });
    await expect(local.client.send(new DescribeTableCommand({ TableName: 'none' }))).rejects.toThrow();
    local.client.middlewareStack.remove('seen');
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
    for (const { told, computed } of answers) expect(told).toBe(computed);
  });
});

const CONDITION_FAILED = { name: 'ConditionalCheckFailedException' };

describe('conditional writes', () => {
  it('puts an item once, whoever else tries at the same time', async () => {
    const id = randomUUID();
    const attempts = Array.from({ length: 20 }, (_, attempt) =>
      local.client.send(
        new PutItemCommand({
          TableName: TABLE,
          Item: { ...keyOf(id), attempt: { N: String(attempt) } },
          ConditionExpression: 'attribute_not_exists(id)',
        }),
      ),
    );
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
    for (const { reason } of failures) expect(reason).toMatchObject(CONDITION_FAILED);
  });

  it('lets the first terminal status win', async () => {
    const id = await put({ status: { S: 'processing' } });
    const become = (status: string) =>
      update(id, {
        UpdateExpression: 'SET #s = :next',
        ConditionExpression: '#s IN (:a, :b)',
        ExpressionAttributeNames: { '#s': 'status' },
        ExpressionAttributeValues: {
          ':next': { S: status },
          ':a': { S: 'initiated' },
          ':b': { S: 'processing' },
        },
      });
    const outcomes = await Promise.allSettled(['completed', 'failed', 'deleting', 'failed'].map(become));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(become('processing')).rejects.toMatchObject(CONDITION_FAILED);
  });

  it('keeps a map within its cap, and lets a member in again', async () => {
    const id = await put({ members: { M: {} } });
    const reserve = (member: string) =>
      update(id, {
        UpdateExpression: 'SET #m.#id = :at',
        ConditionExpression: 'attribute_exists(#m.#id) OR size(#m) < :cap',
        ExpressionAttributeNames: { '#m': 'members', '#id': member },
        ExpressionAttributeValues: { ':at': { N: '1' }, ':cap': { N: '2' } },
      });
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map(reserve));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    const members = Object.keys((await get(id))?.members?.M ?? {});
    expect(members).toHaveLength(2);
    await expect(reserve(String(members[0]))).resolves.toBeDefined();
    await expect(reserve('z')).rejects.toMatchObject(CONDITION_FAILED);
    await update(id, {
      UpdateExpression: 'REMOVE #m.#id',
      ExpressionAttributeNames: { '#m': 'members', '#id': String(members[0]) },
    });
    await reserve('z');
    expect(Object.keys((await get(id))?.members?.M ?? {}).sort()).toEqual([String(members[1]), 'z'].sort());
  });

  it('counts a map that is not there as no condition met, and refuses to set below it', async () => {
    const id = await put();
    const input = {
      UpdateExpression: 'SET #m.#id = :at',
      ExpressionAttributeNames: { '#m': 'members', '#id': 'a' },
      ExpressionAttributeValues: { ':at': { N: '1' } },
    };
    await expect(
      update(id, {
        ...input,
        ConditionExpression: 'size(#m) < :n',
        ExpressionAttributeValues: { ...input.ExpressionAttributeValues, ':n': { N: '2' } },
      }),
    ).rejects.toMatchObject(CONDITION_FAILED);
    await expect(update(id, input)).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The document path provided in the update expression is invalid for update',
    });
  });

  it('adds to a number and to a set, takes from a set, and sets only what is missing', async () => {
    const id = await put({ tags: { SS: ['a'] } });
    const answer = await update(id, {
      UpdateExpression: 'SET started = if_not_exists(started, :now) ADD tries :one, tags :b',
      ExpressionAttributeValues: { ':one': { N: '1' }, ':b': { SS: ['b'] }, ':now': { N: '5' } },
      ReturnValues: 'ALL_NEW',
    });
    expect(answer.Attributes).toEqual({
      ...keyOf(id),
      tags: { SS: ['a', 'b'] },
      tries: { N: '1' },
      started: { N: '5' },
    });
    await update(id, {
      UpdateExpression: 'SET started = if_not_exists(started, :now) ADD tries :one DELETE tags :a',
      ExpressionAttributeValues: { ':one': { N: '1' }, ':a': { SS: ['a'] }, ':now': { N: '6' } },
    });
    expect(await get(id)).toMatchObject({ tags: { SS: ['b'] }, tries: { N: '2' }, started: { N: '5' } });
  });

  it('loses no increment of many at once', async () => {
    const id = await put();
    const increment = () =>
      update(id, { UpdateExpression: 'ADD tries :one', ExpressionAttributeValues: { ':one': { N: '1' } } });
    await Promise.all(Array.from({ length: 50 }, increment));
    expect(await get(id)).toMatchObject({ tries: { N: '50' } });
  });

  it('deletes only what meets the condition, and answers what it was', async () => {
    const id = await put({ status: { S: 'deleting' } });
    const remove = (status: string) =>
      local.client.send(
        new DeleteItemCommand({
          TableName: TABLE,
          Key: keyOf(id),
          ConditionExpression: '#s = :s',
          ExpressionAttributeNames: { '#s': 'status' },
          ExpressionAttributeValues: { ':s': { S: status } },
          ReturnValues: 'ALL_OLD',
        }),
      );
    await expect(remove('completed')).rejects.toMatchObject(CONDITION_FAILED);
    expect((await remove('deleting')).Attributes).toEqual({ ...keyOf(id), status: { S: 'deleting' } });
    expect(await get(id)).toBeUndefined();
  });
});

describe('values', () => {
  it.each([
    '12345678901234567890123456789012345678',
    '-0.12345678901234567890123456789012345678',
    '18446744073709551615',
    '9007199254740993',
    '-12.5',
  ])('keeps the number %s to its last digit', async (number) => {
    expect((await get(await put({ amount: { N: number } })))?.amount).toEqual({ N: number });
  });

  it('refuses a number with 39 digits', async () => {
    await expect(put({ amount: { N: '9'.repeat(39) } })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('keeps text, binary, sets, lists and maps', async () => {
    const attributes: Record<string, AttributeValue> = {
      text: { S: '😀 שלום \u0000\u2028' },
      empty: { S: '' },
      bytes: { B: Uint8Array.from({ length: 256 }, (_, byte) => byte) },
      texts: { SS: ['a', 'b'] },
      numbers: { NS: ['1', '18446744073709551615'] },
      blobs: { BS: [Uint8Array.of(1), Uint8Array.of(255, 0)] },
      nothing: { NULL: true },
      yes: { BOOL: true },
      tree: { M: { list: { L: [{ N: '1' }, { M: {} }, { L: [] }] } } },
    };
    const id = await put(attributes);
    expect(await get(id)).toEqual({ ...keyOf(id), ...attributes });
  });

  it('speaks to the document client', async () => {
    const item = { id: randomUUID(), flag: true, list: [1, 'two', null], map: { deep: { deeper: 'x' } } };
    await local.documents.send(new PutCommand({ TableName: TABLE, Item: item }));
    const { Item } = await local.documents.send(new GetCommand({ TableName: TABLE, Key: { id: item.id } }));
    expect(Item).toEqual(item);
  });

  it('accepts an item of 400 KB and refuses one byte more', async () => {
    const room = 400 * 1024 - 'id'.length - randomUUID().length - 'blob'.length;
    const id = await put({ blob: { S: 'x'.repeat(room) } });
    expect((await get(id))?.blob?.S).toHaveLength(room);
    await expect(put({ blob: { S: 'x'.repeat(room + 1) } })).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Item size has exceeded the maximum allowed size',
    });
  });

  it('gets many items at once and scans all of them', async () => {
    const ids = [await put(), await put()];
    const { Responses } = await local.client.send(
      new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: [...ids, randomUUID()].map(keyOf) } } }),
    );
    expect(Responses?.[TABLE]?.map(({ id }) => id?.S).sort()).toEqual([...ids].sort());
    const { Items } = await local.client.send(
      new ScanCommand({ TableName: TABLE, ProjectionExpression: 'id' }),
    );
    expect(Items?.map(({ id }) => id?.S)).toEqual(expect.arrayContaining(ids));
  });
});

describe('tables', () => {
  it('describes a table with the keys and projection of its index', async () => {
    const { Table } = await local.client.send(new DescribeTableCommand({ TableName: TABLE }));
    expect(Table).toMatchObject({
      TableName: TABLE,
      TableStatus: 'ACTIVE',
      TableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${TABLE}`,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'UserIdIndex',
          IndexStatus: 'ACTIVE',
          KeySchema: [
            { AttributeName: 'userId', KeyType: 'HASH' },
            { AttributeName: 'date', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
  });

  it('refuses a table that exists and a table that does not', async () => {
    await expect(createIndexedTable(local.client, TABLE)).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
    await expect(
      local.client.send(new GetItemCommand({ TableName: 'absent', Key: keyOf('a') })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('keeps the time to live of a table, as strict about changes as DynamoDB', async () => {
    const TableName = 'with-time-to-live';
    await createIndexedTable(local.client, TableName);
    const change = (AttributeName: string, Enabled: boolean) =>
      local.client.send(
        new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName, Enabled } }),
      );
    const describeIt = async () =>
      (await local.client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
    expect(await describeIt()).toEqual({ TimeToLiveStatus: 'DISABLED' });
    await expect(change('ttl', false)).rejects.toThrow('TimeToLive is already disabled');
    expect((await change('ttl', true)).TimeToLiveSpecification).toEqual({
      AttributeName: 'ttl',
      Enabled: true,
    });
    expect(await describeIt()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
    await expect(change('ttl', true)).rejects.toThrow('TimeToLive is already enabled');
    await expect(change('other', true)).rejects.toThrow('TimeToLive is active on a different AttributeName');
    await local.client.send(new DeleteTableCommand({ TableName }));
    await waitUntilTableNotExists({ client: local.client, maxWaitTime: 20, minDelay: 1 }, { TableName });
    await createIndexedTable(local.client, TableName);
    expect(await describeIt()).toEqual({ TimeToLiveStatus: 'DISABLED' });
  });

  it('refuses the time to live of a table that does not exist', async () => {
    const specification = { AttributeName: 'ttl', Enabled: true };
    await expect(
      local.client.send(
        new UpdateTimeToLiveCommand({ TableName: 'absent', TimeToLiveSpecification: specification }),
      ),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(
      local.client.send(new DescribeTimeToLiveCommand({ TableName: 'absent' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('what is refused', () => {
  it.each([
    [new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName: TABLE, Key: keyOf('a') } }] })],
    [new ExecuteStatementCommand({ Statement: `SELECT * FROM "${TABLE}"` })],
    [new DescribeContinuousBackupsCommand({ TableName: TABLE })],
  ])('refuses an operation it does not have: %#', async (command) => {
    await expect(local.client.send(command as DescribeContinuousBackupsCommand)).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
  });

  it('refuses a parameter it would have to ignore', async () => {
    const item = {
      TableName: TABLE,
      Item: keyOf(randomUUID()),
      ConditionExpression: 'attribute_not_exists(id)',
    };
    const asking = (ReturnValuesOnConditionCheckFailure: 'ALL_OLD' | 'NONE') =>
      local.client.send(new PutItemCommand({ ...item, ReturnValuesOnConditionCheckFailure }));
    await expect(asking('ALL_OLD')).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        'The local DynamoDB does not support the parameter ReturnValuesOnConditionCheckFailure of PutItem.',
    });
    await expect(asking('NONE')).resolves.toBeDefined();
  });

  it('refuses another key and another secret', async () => {
    const list = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
      connect(local.server.url, credentials).send(new ListTablesCommand());
    await expect(list({ ...LOCAL_CREDENTIALS, accessKeyId: 'other' })).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    await expect(list({ ...LOCAL_CREDENTIALS, secretAccessKey: 'other' })).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
  });

  it('lives on when a client goes away in the middle of a request', async () => {
    const broken = request(local.server.url, {
      method: 'POST',
      headers: { 'content-length': '1000', 'x-amz-target': 'DynamoDB_20120810.PutItem' },
    });
    broken.on('error', () => undefined);
    await new Promise<void>((resolve) => broken.write('{"TableName"', () => resolve()));
    broken.destroy();
    await expect(put()).resolves.toEqual(expect.any(String));
  });
});

describe('restart', () => {
  it('has everything again after a stop and after the process was killed', async () => {
    const other = await startLocalDynamoDb();
    const items = Array.from({ length: 500 }, (_, index) => ({
      ...keyOf(`item-${index}`),
      userId: { S: 'user' },
      date: { N: String(index % 3) },
    }));
    const ends = [
      () => other.server.close(),
      async (processId: number) => {
        process.kill(processId, 'SIGKILL');
        await new Promise((resolve) => setTimeout(resolve, 50));
      },
    ];
    await createIndexedTable(other.client, TABLE, 'N');
    const ttl = { AttributeName: 'ttl', Enabled: true };
    await other.client.send(new UpdateTimeToLiveCommand({ TableName: TABLE, TimeToLiveSpecification: ttl }));
    await writeItems(other.client, TABLE, items);

    let { server } = other;
    for (const end of ends) {
      await end(server.processId);
      server = await startDynamoDbServer({ dataDir: other.dataDir, port: 0 });
      const client = connect(server.url);
      const { Count } = await client.send(new ScanCommand({ TableName: TABLE, Select: 'COUNT' }));
      expect(Count).toBe(items.length);
      const { TimeToLiveDescription } = await client.send(
        new DescribeTimeToLiveCommand({ TableName: TABLE }),
      );
      expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });
      client.destroy();
    }
    await server.close();
    await other.dispose();
  });

  it('refuses data that another server has open, and a port that is taken', async () => {
    const port = Number(new URL(local.server.url).port);
    await expect(startDynamoDbServer({ dataDir: local.dataDir, port: 0 })).rejects.toThrow(
      'Does another process use it?',
    );
    await expect(startDynamoDbServer({ dataDir: `${local.dataDir}/other`, port })).rejects.toThrow(
      `Port ${port} is in use`,
    );
  });
});
