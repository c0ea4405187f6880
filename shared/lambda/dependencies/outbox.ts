import { EventBridgePublisher } from '../../aws/event-bridge-publisher.ts';
import { eventbridge } from '../../aws/eventbridge-client.ts';
import type { JobStore, Log } from '../../ports.ts';
import { createPublishPendingEvents } from '../../use-cases/publish-pending-events.ts';

/** Publishes to the environment's bus what status writes have left in the outbox. */
export const outbox = ({ EVENT_BUS_NAME }: { readonly EVENT_BUS_NAME: string }, jobs: JobStore, log: Log) =>
  createPublishPendingEvents({ jobs, events: new EventBridgePublisher(eventbridge, EVENT_BUS_NAME), log });
