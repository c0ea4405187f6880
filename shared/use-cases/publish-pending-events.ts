import type { EventPublisher, JobStore, Log, Metrics } from '../ports.ts';

export interface OutboxDependencies {
  readonly jobs: Pick<JobStore, 'removePendingEvents'>;
  readonly events: EventPublisher;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Publishes what a status write left in the outbox. It never fails its caller: the events stay in the outbox until they
 * are published, and whoever looks at the job next publishes the rest under the same ids. Tells whether none is left.
 */
export const createPublishPendingEvents =
  ({ jobs, events, log, metrics }: OutboxDependencies) =>
  async ({ exportId, pendingEvents }: PendingEvents): Promise<boolean> => {
    let left = Object.keys(pendingEvents).length;
    try {
      const published = await events.publish(pendingEvents);
      left -= published.length;
      if (published.length > 0) await jobs.removePendingEvents(exportId, published);
      return left === 0;
    } catch (error) {
      log.failure('Events of the export remain in its outbox.', error, { exportId });
      return false;
    } finally {
      if (left > 0) metrics.record({ EventsNotPublished: left });
    }
  };

export interface PendingEvents {
  readonly exportId: string;
  readonly pendingEvents: Readonly<Record<string, string>>;
}

export type PublishPendingEvents = ReturnType<typeof createPublishPendingEvents>;
