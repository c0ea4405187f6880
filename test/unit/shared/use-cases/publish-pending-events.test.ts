import { describe, expect, it } from '@jest/globals';
import { exportDeleted, exportInitiated, pendingEvents } from '../../../../shared/domain/events.ts';
import { createPublishPendingEvents } from '../../../../shared/use-cases/publish-pending-events.ts';
import { anInitiatedJob, NOON } from '../../../support/export-builders.ts';
import { InMemoryJobStore } from '../../../support/in-memory-job-store.ts';
import { RecordingBus, RecordingLog, RecordingMetrics } from '../../../support/recording-ports.ts';

const setUp = () => {
  const occasion = { timestamp: NOON, requestId: 'request-1' };
  const bare = anInitiatedJob();
  const outbox = pendingEvents(exportInitiated(bare, occasion), exportDeleted(bare, occasion));
  const job = { ...bare, pendingEvents: outbox };
  const jobs = new InMemoryJobStore(job);
  const [events, log, metrics] = [new RecordingBus(), new RecordingLog(), new RecordingMetrics()];
  return {
    ...{ job, events, log, metrics, outbox, jobs },
    publish: createPublishPendingEvents({ jobs, events, log, metrics }),
    left: async () => Object.keys((await jobs.find(job.exportId))?.pendingEvents ?? {}),
  };
};

describe('publishing what is in the outbox', () => {
  it('empties the outbox of what was accepted', async () => {
    const { publish, job, events, left, log } = setUp();
    await publish(job);
    expect(events.types()).toEqual(['export.initiated', 'export.deleted']);
    expect(await left()).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it('keeps what was not accepted, and publishes it the next time under the same id', async () => {
    const { publish, job, events, left, outbox, metrics } = setUp();
    events.refusedTypes.add('export.deleted');
    await publish(job);
    expect(await left()).toEqual([Object.keys(outbox)[1]]);
    expect(metrics.recorded).toEqual([['EventsNotPublished', 1]]);
    events.refusedTypes.clear();
    await publish({ exportId: job.exportId, pendingEvents: { ...outbox } });
    expect(events.events().at(-1)?.detail.eventId).toBe(Object.keys(outbox)[1]);
    expect(await left()).toEqual([]);
  });

  it('never fails its caller when the bus is down: the events stay, and operators are told', async () => {
    const { publish, job, events, left, log, metrics } = setUp();
    events.down = true;
    await publish(job);
    expect(await left()).toHaveLength(2);
    expect(metrics.recorded).toEqual([['EventsNotPublished', 2]]);
    expect(log.lines).toEqual([expect.stringContaining('ServiceUnavailable')]);
    expect(log.lines.join()).toContain(job.exportId);
  });

  it('never fails its caller when the job is gone', async () => {
    const { job, events, log, metrics } = setUp();
    const publish = createPublishPendingEvents({ jobs: new InMemoryJobStore(), events, log, metrics });
    await publish(job);
    expect(events.types()).toHaveLength(2);
    expect(log.lines).toHaveLength(1);
    expect(metrics.recorded).toEqual([]);
  });

  it('does nothing when there is nothing to publish', async () => {
    const { publish, events, log, jobs, job } = setUp();
    jobs.removePendingEvents = () => Promise.reject(new Error('Nothing was published.'));
    await publish({ exportId: job.exportId, pendingEvents: {} });
    expect(events.accepted).toEqual([]);
    expect(log.lines).toEqual([]);
  });
});
