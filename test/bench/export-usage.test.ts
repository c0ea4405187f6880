import { describe, expect, it } from '@jest/globals';
import { dynamoDbUnits, s3RequestKind, stateTransitions, UsageCounter } from './export-usage.ts';

const unitsOf = (operation: string, asked: object, answered: object = {}) =>
  dynamoDbUnits(
    {
      headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
      body: Buffer.from(JSON.stringify(asked)),
    },
    { body: Buffer.from(JSON.stringify(answered)) },
  );

const bytes = (count: number) => ({ S: 'x'.repeat(count) });

describe('what DynamoDB charges for', () => {
  it('reads is by 4 KiB, half where they need not be consistent', () => {
    expect(unitsOf('GetItem', { ConsistentRead: true }, { Item: bytes(5000) })).toEqual({
      read: 2,
      write: 0,
    });
    expect(unitsOf('GetItem', {}, { Item: bytes(10) })).toEqual({ read: 0.5, write: 0 });
    expect(unitsOf('GetItem', { ConsistentRead: true })).toEqual({ read: 1, write: 0 });
    const Items = [bytes(8000), bytes(8000)];
    expect(unitsOf('Query', {}, { Items, Count: 2, ScannedCount: 2 })).toEqual({ read: 2, write: 0 });
  });

  it('a query counts what a filter has passed over, and a page that is only counted as a full one', () => {
    const Items = [bytes(4000)];
    expect(unitsOf('Query', {}, { Items, Count: 1, ScannedCount: 4 })).toEqual({ read: 2, write: 0 });
    expect(unitsOf('Query', {}, { Count: 9, ScannedCount: 9 })).toEqual({ read: 128, write: 0 });
  });

  it('writes is by KiB, for the table and its indexes', () => {
    expect(unitsOf('PutItem', { Item: bytes(1500) })).toEqual({ read: 0, write: 8 });
    expect(unitsOf('UpdateItem', {}, { Attributes: bytes(2500) })).toEqual({ read: 0, write: 12 });
    expect(unitsOf('UpdateItem', bytes(1), {})).toEqual({ read: 0, write: 4 });
  });

  it('looking at a table is nothing, and anything else is not guessed', () => {
    expect(unitsOf('DescribeTable', {})).toEqual({ read: 0, write: 0 });
    expect(() => unitsOf('Scan', {})).toThrow('Scan');
  });
});

describe('what S3 charges for', () => {
  it.each([
    ['PUT', '/bucket/key?partNumber=1&uploadId=u', 'write'],
    ['POST', '/bucket/key?uploads', 'write'],
    ['GET', '/bucket?list-type=2&prefix=interim', 'write'],
    ['GET', '/bucket?uploads&prefix=interim', 'write'],
    ['GET', '/bucket/key', 'read'],
    ['HEAD', '/bucket/key', 'read'],
    ['DELETE', '/bucket/key?uploadId=u', 'free'],
    ['POST', '/bucket?delete', 'free'],
  ])('%s %s is known: %s', (method, path, kind) => {
    expect(s3RequestKind({ method, path })).toBe(kind);
  });
});

describe('the state transitions of an execution', () => {
  it('are its states, their repeats, its start and its end', () => {
    const types = [
      ...['ExecutionStarted', 'ParallelStateEntered', 'ParallelStateStarted'],
      ...['TaskStateEntered', 'LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionFailed'],
      ...['LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionSucceeded', 'TaskStateExited'],
      ...['ParallelStateSucceeded', 'ParallelStateExited', 'SucceedStateEntered', 'SucceedStateExited'],
      'ExecutionSucceeded',
    ] as const;
    const history = types.map((type, index) => ({ type, id: index + 1, timestamp: new Date(0) }));
    expect(stateTransitions(history)).toBe(3 + 1 + 2);
  });
});

describe('the usage of an export', () => {
  it('is what was counted since somebody asked', async () => {
    const counter = new UsageCounter();
    for (const name of ['start-export', 'package-export']) {
      const payload = {};
      await counter.invocationHook.beforeInvoke?.(name, payload);
      await counter.invocationHook.afterInvoke?.(name, payload, {});
    }
    const request = {
      method: 'GET',
      path: '/bucket/key',
      headers: {},
      body: Buffer.from('{"Entries":[1,2]}'),
    };
    counter.s3(request);
    counter.eventBridge(request);
    const usage = counter.take();
    expect(usage).toMatchObject({ invocations: 2, apiRequests: 1, s3Reads: 1, s3Writes: 0, events: 2 });
    expect(usage.gigabyteSeconds).toBeGreaterThan(0);
    expect(counter.take()).toMatchObject({ invocations: 0, events: 0, gigabyteSeconds: 0 });
  });
});
