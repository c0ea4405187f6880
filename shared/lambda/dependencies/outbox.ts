import { EventBridgePublisher } from '../../aws/event-bridge-publisher.ts';
import { eventbridge } from '../../aws/eventbridge-client.ts';
import {
  createPublishPendingEvents,
  type OutboxDependencies,
} from '../../use-cases/publish-pending-events.ts';

/** Publishes to the environment's bus what status writes have left in the outbox. */
export const outbox = (
  { EVENT_BUS_NAME }: { readonly EVENT_BUS_NAME: string },
  dependencies: Omit<OutboxDependencies, 'events'>,
) =>
  createPublishPendingEvents({
    ...dependencies,
    events: new EventBridgePublisher(eventbridge, EVENT_BUS_NAME),
  });
