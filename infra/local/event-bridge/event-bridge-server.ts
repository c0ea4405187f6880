import { createAwsJsonServer, type AwsOperation } from '../aws-json-endpoint.ts';
import type { LocalCredentials } from '../local-identity.ts';
import { listenOnLoopback, type LocalServer } from '../local-server.ts';
import type { DeliveredEvent } from './delivered-event.ts';
import { eventBusOperations } from './event-bus-operations.ts';
import { EventBuses } from './event-buses.ts';
import { EventLog } from './event-log.ts';
import { EventRouter, type EventRule } from './event-router.ts';
import { MAX_ENTRIES_BYTES, readEntries, readEntry, type PutEvent } from './put-events.ts';

export type { DeliveredEvent, EventBridgeEvent } from './delivered-event.ts';
export { InvalidEventPattern } from './event-pattern.ts';
export type { EventRule } from './event-router.ts';
export type { PutEvent } from './put-events.ts';

// A detail is JSON inside of JSON, whose quotation marks are escaped, and characters may be written as \uXXXX.
const MAX_BODY_BYTES = 6 * MAX_ENTRIES_BYTES;

export interface EventBridgeServerOptions {
  /** Folder for the log and the list of buses; made when missing. */
  readonly dataDir: string;
  readonly port: number;
  readonly credentials: LocalCredentials;
  /** Buses to create when missing; `default` is always there. */
  readonly eventBuses: readonly string[];
  readonly rules?: readonly EventRule[];
}

export interface EventBridgeServer extends LocalServer {
  /** Every event a bus has accepted so far, earlier runs included, oldest first. */
  events(): readonly DeliveredEvent[];
  /** Puts an event from inside the process, `aws.` sources included. Returns its id. */
  put(event: PutEvent): string;
}

const putEvents =
  (router: EventRouter): AwsOperation =>
  (request) => {
    const results = readEntries(request).map((entry) => {
      const read = readEntry(entry);
      return 'ErrorCode' in read ? read : { EventId: router.put(read) };
    });
    return {
      FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length,
      Entries: results,
    };
  };

/**
 * EventBridge on this machine, for unmodified AWS clients: PutEvents and event buses over the wire, rules and their targets in the
 * process. What was delivered can be read at `GET /_local/events` without a signature.
 * Rejects with InvalidEventPattern, or when the port is taken.
 */
export const startEventBridgeServer = async (
  options: EventBridgeServerOptions,
): Promise<EventBridgeServer> => {
  const buses = new EventBuses(options.dataDir, options.eventBuses);
  const log = new EventLog(options.dataDir);
  const router = new EventRouter(buses, log, options.rules ?? []);
  const server = createAwsJsonServer({
    signingName: 'events',
    targetPrefix: 'AWSEvents',
    jsonVersion: '1.1',
    credentials: options.credentials,
    maxBodyBytes: MAX_BODY_BYTES,
    operations: { PutEvents: putEvents(router), ...eventBusOperations(buses) },
    localPages: { '/_local/events': () => ({ events: log.events() }) },
  });
  const listening = await listenOnLoopback(server, options.port);
  return { ...listening, events: () => log.events(), put: (event) => router.put(event) };
};
