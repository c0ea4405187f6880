import { describe, expect, it } from '@jest/globals';
import { createDeleteExport } from '../../../functions/delete-export/delete-export.ts';
import { ServiceUnavailable } from '../../../shared/domain/errors.ts';
import { FOLLOW_UP_MS, ownerHash, type ExportJob } from '../../../shared/domain/export-job.ts';
import { interimPrefix, packagePrefix } from '../../../shared/domain/package-layout.ts';
import type { ApiRequest } from '../../../shared/http.ts';
import { createPublishPendingEvents } from '../../../shared/use-cases/publish-pending-events.ts';
import {
  A_USER,
  aCompletedJob,
  aDeletingJob,
  aFailedJob,
  anApiRequest,
  anExpiredJob,
  anInitiatedJob,
  aProcessingJob,
  aTombstone,
  NOON,
} from '../../support/export-builders.ts';
import { InMemoryActiveExports } from '../../support/in-memory-active-exports.ts';
import { InMemoryArtifactStore } from '../../support/in-memory-artifact-store.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import {
  RecordingBus,
  RecordingLog,
  RecordingMetrics,
  RecordingWorkflow,
  SettableClock,
} from '../../support/recording-ports.ts';

const LATE_WRITER_MS = 960_000;

const setUp = async (job: ExportJob) => {
  const jobs = new InMemoryJobStore(job);
  const activeExports = new InMemoryActiveExports();
  await activeExports.reserve(A_USER, job.exportId, { cap: 5, now: NOON });
  const [artifacts, workflow] = [new InMemoryArtifactStore(), new RecordingWorkflow()];
  const [events, log, clock] = [new RecordingBus(), new RecordingLog(), new SettableClock()];
  const publish = createPublishPendingEvents({ jobs, events, log, metrics: new RecordingMetrics() });
  const erase = createDeleteExport({
    ...{ jobs, activeExports, artifacts, workflow, publish, clock, log },
    lateWriterMs: LATE_WRITER_MS,
  });
  const { exportId } = job;
  const own = [
    `${interimPrefix(A_USER, exportId)}accounts/1.json`,
    `${packagePrefix(A_USER, exportId)}1.zip`,
  ];
  const foreign = `${packagePrefix(A_USER, 'another')}1.zip`;
  const write = () => own.forEach((key) => artifacts.objects.set(key, Buffer.from('x')));
  write();
  artifacts.objects.set(foreign, Buffer.from('x'));
  return {
    ...{ jobs, artifacts, workflow, events, log, clock, activeExports, exportId, foreign, write },
    remove: (request: Partial<ApiRequest> = {}) => erase(anApiRequest({ path: { exportId }, ...request })),
    stored: () => jobs.find(exportId),
    members: async () => [...(await activeExports.members(A_USER)).keys()],
  };
};

const accepted = (exportId: string, seconds: number) => ({
  status: 202,
  headers: { location: `/export/${exportId}/status`, 'retry-after': String(seconds) },
  body: { exportId, status: 'deleting' },
});

describe('deleting an export that has ended', () => {
  it.each<[string, ExportJob]>([
    ['completed', aCompletedJob()],
    ['over', aCompletedJob({ expiresAt: NOON - 1 })],
    ['expired', anExpiredJob()],
    ['failed long ago', aFailedJob({ completedAt: NOON - LATE_WRITER_MS })],
  ])('(%s) leaves nothing but a tombstone', async (_, job) => {
    const { remove, artifacts, foreign, stored, events, members, exportId, workflow } = await setUp(job);
    expect(await remove()).toEqual({ status: 204 });
    expect(artifacts.keys()).toEqual([foreign]);
    expect(await stored()).toEqual({
      exportId,
      status: 'deleted',
      requestHash: job.requestHash,
      ownerHash: ownerHash(job.userId),
      requestedAt: job.requestedAt,
      pendingEvents: {},
      dueAt: expect.any(Number) as unknown,
      ttl: job.ttl,
    });
    expect(events.types()).toEqual(['export.deleted']);
    expect(await members()).toEqual([]);
    expect(workflow.stopped).toEqual([]);
    await expect(remove()).rejects.toMatchObject({ name: 'ExportNotFound' });
  });

  it('publishes what was still waiting in its outbox', async () => {
    const waiting = {
      'event-1': JSON.stringify({ type: 'export.completed', detail: { eventId: 'event-1', data: {} } }),
    };
    const { remove, events } = await setUp(aCompletedJob({ pendingEvents: waiting }));
    await remove();
    expect(events.types().sort()).toEqual(['export.completed', 'export.deleted']);
  });
});

describe('deleting an export that runs', () => {
  it.each<[string, ExportJob]>([
    ['initiated', anInitiatedJob()],
    ['processing', aProcessingJob()],
  ])('(%s) closes it to writers, stops it, and removes what is there', async (_, job) => {
    const { remove, artifacts, foreign, stored, workflow, members, exportId, events } = await setUp(job);
    expect(await remove()).toEqual(accepted(exportId, LATE_WRITER_MS / 1000));
    expect(await stored()).toMatchObject({
      status: 'deleting',
      purgeAgainAt: NOON + LATE_WRITER_MS,
      dueAt: NOON + FOLLOW_UP_MS,
    });
    expect(workflow.stopped).toEqual([exportId]);
    expect(artifacts.keys()).toEqual([foreign]);
    expect(await members()).toEqual([]);
    expect(events.types()).toEqual([]);
  });

  it('closes it before it stops it, and stops it before it purges', async () => {
    const { remove, jobs, workflow, artifacts, exportId } = await setUp(aProcessingJob());
    const order: string[] = [];
    const [startDeleting, stop, purge] = [
      jobs.startDeleting.bind(jobs),
      workflow.stop.bind(workflow),
      artifacts.purge.bind(artifacts),
    ];
    jobs.startDeleting = (job) => (order.push('close'), startDeleting(job));
    workflow.stop = (id, reason) => (order.push('stop'), stop(id, reason));
    artifacts.purge = (prefix) => (order.push(prefix.split('/')[0] ?? ''), purge(prefix));
    await remove();
    expect(order).toEqual(['close', 'stop', 'interim', 'packages']);
    expect(workflow.stopped).toEqual([exportId]);
  });

  it('is gone only when nothing can be writing any more, and what a late writer left is removed', async () => {
    const { remove, artifacts, foreign, clock, write, events, exportId } = await setUp(aProcessingJob());
    await remove();
    write();
    clock.instant = NOON + LATE_WRITER_MS - 1;
    expect(await remove()).toEqual(accepted(exportId, 1));
    expect(artifacts.keys()).toEqual([foreign]);
    write();
    clock.instant = NOON + LATE_WRITER_MS;
    expect(await remove()).toEqual({ status: 204 });
    expect(artifacts.keys()).toEqual([foreign]);
    expect(events.types()).toEqual(['export.deleted']);
  });

  it('of one that failed just now waits for those that may still be writing', async () => {
    const { remove, stored } = await setUp(aFailedJob({ completedAt: NOON - 1000 }));
    expect((await remove()).status).toBe(202);
    expect(await stored()).toMatchObject({ purgeAgainAt: NOON - 1000 + LATE_WRITER_MS });
  });

  it('does not put the end off when it is asked for again', async () => {
    const { remove, clock, stored } = await setUp(aProcessingJob());
    await remove();
    clock.instant += 1000;
    await remove();
    expect(await stored()).toMatchObject({ purgeAgainAt: NOON + LATE_WRITER_MS });
  });
});

describe('deleting an export through faults', () => {
  it('is not done while the storage does not answer, is told as such, and is done the next time', async () => {
    const { remove, artifacts, log, exportId, stored } = await setUp(aCompletedJob());
    const purge = artifacts.purge.bind(artifacts);
    artifacts.purge = () => Promise.reject(new ServiceUnavailable('The storage did not answer.'));
    expect(await remove()).toEqual(accepted(exportId, 1));
    expect((await stored())?.status).toBe('deleting');
    expect(log.lines.join()).toContain('ServiceUnavailable');
    artifacts.purge = purge;
    expect(await remove()).toEqual({ status: 204 });
  });

  it('does not claim that an execution was stopped that was not', async () => {
    const { remove, workflow, stored } = await setUp(aProcessingJob());
    workflow.failure = new ServiceUnavailable('The workflow service did not answer.');
    expect((await remove()).status).toBe(202);
    expect((await stored())?.status).toBe('deleting');
    workflow.failure = undefined;
    await remove();
    expect(workflow.stopped).toHaveLength(1);
  });

  it('looks again when the export ends between reading and closing it', async () => {
    const job = aProcessingJob();
    const { remove, jobs, stored, events } = await setUp(job);
    const find = jobs.find.bind(jobs);
    let raced = false;
    jobs.find = async (exportId) => {
      const found = await find(exportId);
      if (!raced) {
        raced = true;
        await jobs.startDeleting(aDeletingJob({ exportId, purgeAgainAt: NOON - 1 }));
      }
      return found;
    };
    expect(await remove()).toEqual({ status: 204 });
    expect((await stored())?.status).toBe('deleted');
    expect(events.types()).toEqual(['export.deleted']);
  });

  it('gives everybody who asks at once the same end, and one event', async () => {
    const { remove, events, stored } = await setUp(aCompletedJob());
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => remove()));
    for (const answer of answers) {
      if (answer.status === 'fulfilled') expect(answer.value).toEqual({ status: 204 });
      else expect(answer.reason).toMatchObject({ name: 'ExportNotFound' });
    }
    expect(new Set(events.events().map(({ detail }) => detail.eventId)).size).toBe(1);
    expect((await stored())?.status).toBe('deleted');
  });

  it.each([
    ['somebody else’s', aCompletedJob({ userId: 'somebody-else' })],
    ['deleted', aTombstone()],
  ])('is refused as not found when it is %s, and touches nothing', async (_, row) => {
    const { jobs, artifacts, remove } = await setUp(aCompletedJob());
    jobs.put(row);
    const before = artifacts.keys();
    await expect(remove({ path: { exportId: row.exportId } })).rejects.toMatchObject({
      name: 'ExportNotFound',
    });
    expect(artifacts.keys()).toEqual(before);
    expect(await jobs.find(row.exportId)).toEqual(row);
  });
});
