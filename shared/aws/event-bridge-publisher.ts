import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import * as z from 'zod/mini';
import { EVENT_SOURCE } from '../domain/events.ts';
import type { EventPublisher } from '../ports.ts';
import { translated } from './translated.ts';

/** PutEvents takes at most ten entries (EventBridge quotas). */
const BATCH = 10;

const outboxEvent = z.object({ type: z.string(), detail: z.looseObject({ timestamp: z.number() }) });

const entryOf = (event: string, bus: string) => {
  const { type, detail } = outboxEvent.parse(JSON.parse(event));
  return {
    EventBusName: bus,
    Source: EVENT_SOURCE,
    DetailType: type,
    Detail: JSON.stringify(detail),
    Time: new Date(detail.timestamp),
  };
};

export class EventBridgePublisher implements EventPublisher {
  readonly #client: EventBridgeClient;
  readonly #bus: string;

  constructor(client: EventBridgeClient, bus: string) {
    this.#client = client;
    this.#bus = bus;
  }

  async publish(events: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const published: string[] = [];
    const waiting = Object.entries(events);
    for (let start = 0; start < waiting.length; start += BATCH) {
      const batch = waiting.slice(start, start + BATCH);
      const Entries = batch.map(([, event]) => entryOf(event, this.#bus));
      const { Entries: results = [] } = await translated('The event bus', () =>
        this.#client.send(new PutEventsCommand({ Entries })),
      );
      published.push(
        ...batch.filter((_, index) => results[index]?.EventId !== undefined).map(([eventId]) => eventId),
      );
    }
    return published;
  }
}
