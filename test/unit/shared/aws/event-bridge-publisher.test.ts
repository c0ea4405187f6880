import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  startEventBridgeServer,
  type EventBridgeServer,
} from '../../../../infra/local/event-bridge/event-bridge-server.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../../../infra/local/local-identity.ts';
import { EventBridgePublisher } from '../../../../shared/aws/event-bridge-publisher.ts';
import { exportInitiated, pendingEvents } from '../../../../shared/domain/events.ts';
import { anInitiatedJob, NOON } from '../../../support/export-builders.ts';
import { awsJsonError, FaultProxy } from '../../../support/fault-proxy.ts';

const BUS = 'household-events';

let folder: string;
let server: EventBridgeServer;
let proxy: FaultProxy;
let client: EventBridgeClient;
let publisher: EventBridgePublisher;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'publisher-test-'));
  server = await startEventBridgeServer({
    dataDir: folder,
    port: 0,
    credentials: LOCAL_CREDENTIALS,
    eventBuses: [BUS],
  });
  proxy = await FaultProxy.start(server.url);
  client = new EventBridgeClient({
    endpoint: proxy.url,
    region: LOCAL_REGION,
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 1,
  });
  publisher = new EventBridgePublisher(client, BUS);
});
beforeEach(() => proxy.reset());
afterAll(async () => {
  client.destroy();
  await proxy.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const events = (count: number) =>
  Array.from({ length: count }, () =>
    exportInitiated(anInitiatedJob(), { timestamp: NOON, requestId: 'request-1' }),
  );

describe('publishing events', () => {
  it('delivers each as the design says, and tells which were accepted', async () => {
    const [event] = events(1);
    if (event === undefined) throw new Error('There is one.');
    expect(await publisher.publish(pendingEvents(event))).toEqual([event.detail.eventId]);
    expect(server.events().at(-1)).toMatchObject({
      source: 'export.service',
      'detail-type': 'export.initiated',
      detail: event.detail,
      time: '2026-11-23T12:00:00Z',
      eventBusName: BUS,
    });
  });

  it('goes in batches of ten, which is what the bus takes', async () => {
    const many = events(23);
    const before = server.events().length;
    const accepted = await publisher.publish(pendingEvents(...many));
    expect(accepted).toEqual(many.map(({ detail }) => detail.eventId));
    expect(server.events()).toHaveLength(before + 23);
    expect(proxy.requests).toHaveLength(3);
  });

  it('asks nothing of the bus when there is nothing', async () => {
    expect(await publisher.publish({})).toEqual([]);
    expect(proxy.requests).toEqual([]);
  });

  it('counts as published only what the bus has accepted', async () => {
    const two = events(2);
    const refusal = {
      FailedEntryCount: 1,
      Entries: [
        { ErrorCode: 'InternalFailure', ErrorMessage: 'Of the proxy.' },
        { EventId: 'event-of-the-bus' },
      ],
    };
    proxy.faultOf = () => ({
      answer: {
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.1' },
        body: Buffer.from(JSON.stringify(refusal)),
      },
    });
    expect(await publisher.publish(pendingEvents(...two))).toEqual([two[1]?.detail.eventId]);
  });

  it('says by its own error that the bus is down', async () => {
    proxy.faultOf = () => awsJsonError('InternalException', 500);
    await expect(publisher.publish(pendingEvents(...events(1)))).rejects.toMatchObject({
      name: 'ServiceUnavailable',
    });
  });
});
