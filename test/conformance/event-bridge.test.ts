import { afterEach, describe, expect, it } from '@jest/globals';
import {
  CreateEventBusCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  PutEventsCommand,
  PutRuleCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startEventBridgeServer,
  type EventBridgeEvent,
  type EventBridgeServer,
  type EventBridgeServerOptions,
} from '../../infra/local/event-bridge/event-bridge-server.ts';
import { LOCAL_CREDENTIALS } from '../../infra/local/local-identity.ts';

const folders: string[] = [];
const servers: EventBridgeServer[] = [];
const clients: EventBridgeClient[] = [];

afterEach(async () => {
  clients.splice(0).forEach((client) => client.destroy());
  await Promise.all(servers.splice(0).map((server) => server.close()));
  folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});

const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'local-event-bridge-'));
  folders.push(folder);
  return folder;
};

const clientOf = ({ url }: EventBridgeServer, secretAccessKey = LOCAL_CREDENTIALS.secretAccessKey) => {
  const credentials = { ...LOCAL_CREDENTIALS, secretAccessKey };
  const client = new EventBridgeClient({ endpoint: url, region: 'us-east-1', credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
};

const aServer = async (options: Partial<EventBridgeServerOptions> = {}) => {
  const dataDir = options.dataDir ?? aFolder();
  const server = await startEventBridgeServer({
    port: 0,
    credentials: LOCAL_CREDENTIALS,
    eventBuses: ['export-events'],
    ...options,
    dataDir,
  });
  servers.push(server);
  const client = clientOf(server);
  return { server, client, dataDir };
};

const stop = async (server: EventBridgeServer) => {
  servers.splice(servers.indexOf(server), 1);
  await server.close();
};

const anEntry = (overrides: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  Source: 'export.service',
  DetailType: 'export.completed',
  Detail: '{"exportId":"e1"}',
  EventBusName: 'export-events',
  ...overrides,
});

const put = (client: EventBridgeClient, ...entries: PutEventsRequestEntry[]) =>
  client.send(new PutEventsCommand({ Entries: entries }));

const named = (name: string) => expect.objectContaining({ name });

describe('PutEvents', () => {
  it('delivers an event as targets of EventBridge get it, and to matching rules of that bus only', async () => {
    const got: [rule: string, event: EventBridgeEvent][] = [];
    const rule = (name: string, eventBusName: string, eventPattern: unknown) => ({
      name,
      eventBusName,
      eventPattern,
      target: (event: EventBridgeEvent) => void got.push([name, event]),
    });
    const { server, client } = await aServer({
      rules: [
        rule('completed', 'export-events', {
          'detail-type': ['export.completed'],
          detail: { exportId: ['e1'] },
        }),
        rule('failed', 'export-events', { 'detail-type': ['export.failed'] }),
        rule('other-bus', 'default', { source: ['export.service'] }),
      ],
    });
    const Time = new Date('2026-11-23T08:00:00.750Z');
    const { Entries, FailedEntryCount } = await put(client, anEntry({ Time, Resources: ['arn:a'] }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const event = {
      version: '0',
      id: Entries?.[0]?.EventId,
      'detail-type': 'export.completed',
      source: 'export.service',
      account: '000000000000',
      time: '2026-11-23T08:00:00Z',
      region: 'us-east-1',
      resources: ['arn:a'],
      detail: { exportId: 'e1' },
    };
    expect([FailedEntryCount, got]).toEqual([0, [['completed', event]]]);
    expect(server.events()).toEqual([
      { ...event, eventBusName: 'export-events', matchedRules: ['completed'] },
    ]);
  });

  it('takes the bus by name or ARN, and the default one when none is named', async () => {
    const { server, client } = await aServer();
    const arn = 'arn:aws:events:us-east-1:000000000000:event-bus/export-events';
    await put(client, anEntry(), anEntry({ EventBusName: arn }), anEntry({ EventBusName: undefined }));
    const buses = server.events().map(({ eventBusName }) => eventBusName);
    expect(buses).toEqual(['export-events', 'export-events', 'default']);
  });

  it('refuses single entries by name and delivers the others', async () => {
    const { server, client } = await aServer();
    const { FailedEntryCount, Entries } = await put(
      client,
      anEntry({ Source: undefined }),
      anEntry({ DetailType: '' }),
      anEntry({ Detail: '' }),
      anEntry({ Detail: '{' }),
      anEntry({ Detail: '[1]' }),
      anEntry({ Detail: '"text"' }),
      anEntry({ Source: 'aws.states' }),
      anEntry({ Detail: '{"last":true}' }),
    );
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      'InvalidArgument',
      'InvalidArgument',
      'InvalidArgument',
      'MalformedDetail',
      'MalformedDetail',
      'MalformedDetail',
      'NotAuthorizedForSource',
      undefined,
    ]);
    expect(FailedEntryCount).toBe(7);
    expect(server.events().map(({ detail }) => detail)).toEqual([{ last: true }]);
  });

  it('takes 1 to 10 entries of less than 1 MB together', async () => {
    const { server, client } = await aServer();
    const fixed = Buffer.byteLength('export.serviceexport.completed{"x":""}');
    const ofSize = (bytes: number) => anEntry({ Detail: `{"x":"${'y'.repeat(bytes - fixed)}"}` });
    const half = 512 * 1024;
    expect((await put(client, ofSize(half), ofSize(half - 1))).FailedEntryCount).toBe(0);
    await expect(put(client, ofSize(half), ofSize(half))).rejects.toEqual(named('ValidationException'));
    await expect(put(client)).rejects.toEqual(named('ValidationException'));
    const eleven = Array.from({ length: 11 }, () => anEntry());
    await expect(put(client, ...eleven)).rejects.toEqual(named('ValidationException'));
    await expect(put(client, ...eleven.slice(1))).resolves.toMatchObject({ FailedEntryCount: 0 });
    expect(server.events()).toHaveLength(12);
  });

  it('accepts and loses an event for a bus that does not exist, as AWS does', async () => {
    const { server, client } = await aServer();
    const { FailedEntryCount, Entries } = await put(client, anEntry({ EventBusName: 'nowhere' }));
    expect([FailedEntryCount, typeof Entries?.[0]?.EventId]).toEqual([0, 'string']);
    expect(server.events()).toEqual([]);
  });

  it('is not harmed by a target that fails, and gives each target its own copy', async () => {
    const seen: unknown[] = [];
    const everything = { eventBusName: 'export-events', eventPattern: { source: [{ exists: true }] } };
    const { server, client } = await aServer({
      rules: [
        {
          ...everything,
          name: 'broken',
          target: (event) => {
            event.detail.exportId = 'spoiled';
            return Promise.reject(new Error('the target is broken'));
          },
        },
        { ...everything, name: 'working', target: ({ detail }) => void seen.push(detail.exportId) },
      ],
    });
    await put(client, anEntry());
    await new Promise((resolve) => setTimeout(resolve, 5));
    await put(client, anEntry({ Detail: '{"exportId":"e2"}' }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen).toEqual(['e1', 'e2']);
    expect(server.events().map(({ detail }) => detail.exportId)).toEqual(['e1', 'e2']);
  });

  it('takes events of AWS itself from inside the process', async () => {
    const got: string[] = [];
    const { server } = await aServer({
      rules: [
        {
          name: 'ended',
          eventBusName: 'default',
          eventPattern: { source: ['aws.states'], detail: { status: ['FAILED', 'ABORTED', 'TIMED_OUT'] } },
          target: ({ detail }) => void got.push(String(detail.status)),
        },
      ],
    });
    const detailType = 'Step Functions Execution Status Change';
    server.put({ source: 'aws.states', detailType, detail: { status: 'RUNNING' } });
    const id = server.put({ source: 'aws.states', detailType, detail: { status: 'ABORTED' } });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(got).toEqual(['ABORTED']);
    expect(server.events().at(-1)?.id).toBe(id);
  });
});

describe('the log of events', () => {
  it('is a file of JSON lines and a page that can be read without a signature', async () => {
    const { server, client, dataDir } = await aServer();
    await put(client, anEntry(), anEntry({ DetailType: 'export.failed' }));
    const lines = readFileSync(join(dataDir, 'events.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(server.events());
    const page = await fetch(`${server.url}/_local/events`);
    expect([page.status, await page.json()]).toEqual([200, { events: server.events() }]);
  });

  it('is still there after a restart, also when the last line was cut off', async () => {
    const { server, client, dataDir } = await aServer();
    await put(client, anEntry());
    const before = server.events();
    await stop(server);
    appendFileSync(join(dataDir, 'events.jsonl'), '{"version":"0","id":"cut');
    const again = await aServer({ dataDir });
    expect(again.server.events()).toEqual(before);
    await put(again.client, anEntry());
    await stop(again.server);
    expect((await aServer({ dataDir })).server.events()).toHaveLength(2);
  });
});

describe('event buses', () => {
  it('are created, described and listed, and survive a restart', async () => {
    const { server, client, dataDir } = await aServer();
    const { EventBusArn } = await client.send(new CreateEventBusCommand({ Name: 'mine' }));
    expect(EventBusArn).toBe('arn:aws:events:us-east-1:000000000000:event-bus/mine');
    const again = client.send(new CreateEventBusCommand({ Name: 'mine' }));
    await expect(again).rejects.toEqual(named('ResourceAlreadyExistsException'));
    await expect(client.send(new CreateEventBusCommand({ Name: 'a/b' }))).rejects.toEqual(
      named('ValidationException'),
    );
    await stop(server);
    const { client: later } = await aServer({ dataDir });
    const described = await later.send(new DescribeEventBusCommand({ Name: EventBusArn }));
    expect(described).toMatchObject({ Name: 'mine', Arn: EventBusArn });
    const { EventBuses, NextToken } = await later.send(new ListEventBusesCommand({ Limit: 2 }));
    const rest = await later.send(new ListEventBusesCommand({ NextToken }));
    const names = [...(EventBuses ?? []), ...(rest.EventBuses ?? [])].map(({ Name }) => Name);
    expect([EventBuses?.length, names]).toEqual([2, ['default', 'export-events', 'mine']]);
    const absent = later.send(new DescribeEventBusCommand({ Name: 'absent' }));
    await expect(absent).rejects.toEqual(named('ResourceNotFoundException'));
  });
});

describe('refusals', () => {
  it('refuses operations it does not have and wrong keys', async () => {
    const { server, client } = await aServer();
    const rule = client.send(new PutRuleCommand({ Name: 'x', EventPattern: '{}' }));
    await expect(rule).rejects.toEqual(named('UnknownOperationException'));
    await expect(put(clientOf(server, 'wrong'), anEntry())).rejects.toEqual(
      named('InvalidSignatureException'),
    );
    expect(server.events()).toEqual([]);
  });

  it('refuses to start with a pattern that it cannot match', async () => {
    const rule = { name: 'x', eventBusName: 'default', eventPattern: { source: [{ cidr: '10.0.0.0/8' }] } };
    const starting = aServer({ rules: [{ ...rule, target: () => undefined }] });
    await expect(starting).rejects.toThrow('Unrecognized match type cidr');
  });
});
