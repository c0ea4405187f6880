import type { EventPublisher, JobStore, Log } from '../ports.ts';

export interface OutboxDependencies {
  readonly jobs: Pick<JobStore, 'removePendingEvents'>;
  readonly events: EventPublisher;
  readonly log: Log;
}

/**
 * Publishes what a status write left in the outbox. It never fails its caller: the events stay in the outbox until they
 * are published, and whoever looks at the job next publishes the rest under the same ids. Tells whether none is left.
 */
export const createPublishPendingEvents =
  ({ jobs, events, log }: OutboxDependencies) =>
  async ({ exportId, pendingEvents }: PendingEvents): Promise<boolean> => {
    try {
      const published = await events.publish(pendingEvents);
      if (published.length > 0) await jobs.removePendingEvents(exportId, published);
      return published.length === Object.keys(pendingEvents).length;
    } catch (error) {
      log.failure('Events of the export remain in its outbox.', error, { exportId });
      return false;
    }
  };

export interface PendingEvents {
  readonly exportId: string;
  readonly pendingEvents: Readonly<Record<string, string>>;
}

export type PublishPendingEvents = ReturnType<typeof createPublishPendingEvents>;
