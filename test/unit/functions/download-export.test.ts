import { describe, expect, it } from '@jest/globals';
import { createDownloadExport } from '../../../functions/download-export/download-export.ts';
import { ServiceUnavailable } from '../../../shared/domain/errors.ts';
import { FOLLOW_UP_MS, type ExportJob } from '../../../shared/domain/export-job.ts';
import type { ApiRequest } from '../../../shared/http.ts';
import { createPublishPendingEvents } from '../../../shared/use-cases/publish-pending-events.ts';
import {
  aCompletedJob,
  aDeletingJob,
  anExpiredJob,
  aFailedJob,
  anApiRequest,
  anInitiatedJob,
  aProcessingJob,
  aTombstone,
  HOUR_MS,
  NOON,
} from '../../support/export-builders.ts';
import { InMemoryArtifactStore } from '../../support/in-memory-artifact-store.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import {
  RecordingBus,
  RecordingLog,
  RecordingMetrics,
  SettableClock,
} from '../../support/recording-ports.ts';

const setUp = (job: ExportJob | ReturnType<typeof aTombstone> = aCompletedJob()) => {
  const jobs = new InMemoryJobStore(job);
  const artifacts = new InMemoryArtifactStore();
  if (job.status === 'completed') artifacts.objects.set(job.s3Key, Buffer.from('PK'));
  const [events, log, clock] = [new RecordingBus(), new RecordingLog(), new SettableClock()];
  const metrics = new RecordingMetrics();
  const publish = createPublishPendingEvents({ jobs, events, log, metrics });
  const download = createDownloadExport({ jobs, artifacts, publish, clock, metrics });
  const get = (request: Partial<ApiRequest> = {}) =>
    download(anApiRequest({ path: { exportId: job.exportId }, ...request }));
  return { job, jobs, artifacts, events, log, clock, metrics, get };
};

const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'given',
    (reason: unknown) => (reason as Error).name,
  );

describe('downloading an export', () => {
  it.each([
    ['initiated', anInitiatedJob(), 'ExportNotCompleted'],
    ['processing', aProcessingJob(), 'ExportNotCompleted'],
    ['failed', aFailedJob(), 'ExportNotCompleted'],
    ['over', aCompletedJob({ expiresAt: NOON }), 'ExportExpired'],
    ['expired', anExpiredJob(), 'ExportExpired'],
    ['deleting', aDeletingJob(), 'ExportNotFound'],
    ['deleted', aTombstone(), 'ExportNotFound'],
    ['somebody else’s', aCompletedJob({ userId: 'somebody-else' }), 'ExportNotFound'],
  ])('that is %s is refused, without a link and without an event', async (_, job, name) => {
    const { get, artifacts, events } = setUp(job);
    expect(await refusal(get())).toBe(name);
    expect([artifacts.signed, events.types()]).toEqual([[], []]);
  });

  it('is expired when the package is no longer there, whatever the job says', async () => {
    const { get, artifacts, events } = setUp();
    artifacts.objects.clear();
    expect(await refusal(get())).toBe('ExportExpired');
    expect([artifacts.signed, events.types()]).toEqual([[], []]);
  });

  it('redirects to a link that saves under the day of the request', async () => {
    const { get, job, artifacts } = setUp();
    const reply = await get();
    const completed = job as ReturnType<typeof aCompletedJob>;
    const downloadUrl = `https://storage.example/${completed.s3Key}?signature=secret`;
    expect(reply).toEqual({
      status: 302,
      headers: { location: downloadUrl },
      body: {
        downloadUrl,
        expiresAt: new Date(NOON + 15 * 60 * 1000).toISOString(),
        fileName: 'household-export-2026-11-23.zip',
        packageSize: completed.packageSize,
        sha256: completed.sha256,
        sha256Omitted: null,
        crc64nvme: null,
      },
    });
    expect(artifacts.signed).toEqual([
      { key: completed.s3Key, fileName: 'household-export-2026-11-23.zip', seconds: 900 },
    ]);
  });

  it('says why a package has no SHA-256, and what stands in for it', async () => {
    const { get } = setUp(aCompletedJob({ sha256: null, crc64nvme: 'AAAAAAAAAAA=' }));
    expect((await get()).body).toMatchObject({
      sha256: null,
      sha256Omitted: expect.stringContaining('100 GiB'),
      crc64nvme: 'AAAAAAAAAAA=',
    });
  });

  it('gives the same as JSON to who accepts that, because a browser’s redirect would carry its token along', async () => {
    const { get } = setUp();
    const redirect = await get({ headers: { accept: '*/*' } });
    const json = await get({ headers: { accept: 'application/json, text/plain' } });
    expect(redirect.status).toBe(302);
    expect(json).toEqual({ status: 200, body: redirect.body });
  });

  it.each([
    [HOUR_MS, 900],
    [900_000, 900],
    [899_999, 899],
    [10_500, 10],
    [1_000, 1],
  ])('with %d ms left gives a link of %d seconds', async (left, seconds) => {
    const { get, artifacts } = setUp(aCompletedJob({ expiresAt: NOON + left }));
    const { body } = await get();
    expect(artifacts.signed[0]?.seconds).toBe(seconds);
    const { expiresAt } = body as { expiresAt: string };
    expect(Date.parse(expiresAt)).toBe(NOON + seconds * 1000);
    expect(Date.parse(expiresAt)).toBeLessThanOrEqual(NOON + left);
  });

  it('says so in one event for each link, which holds no link', async () => {
    const { get, events, jobs, job, metrics } = setUp();
    await get({ requestId: 'request-1' });
    await get({ requestId: 'request-2' });
    expect(metrics.of('Downloads')).toEqual([1, 1]);
    expect(events.types()).toEqual(['export.downloaded', 'export.downloaded']);
    const ids = events.events().map(({ detail }) => detail.eventId);
    expect(new Set(ids).size).toBe(2);
    expect(events.accepted.join()).not.toMatch(/signature|https:/);
    expect((await jobs.find(job.exportId))?.pendingEvents).toEqual({});
  });

  it('keeps the link out of the job and the log, also when the bus is down', async () => {
    const { get, events, jobs, log } = setUp();
    events.down = true;
    expect((await get()).status).toBe(302);
    expect(JSON.stringify(jobs.all())).not.toMatch(/signature|https:/);
    expect(Object.keys(jobs.all()[0]?.pendingEvents ?? {})).toHaveLength(1);
    expect(log.lines.join()).not.toMatch(/signature|https:/);
  });

  it.each([
    ['expired', 'ExportExpired'],
    ['deleting', 'ExportNotFound'],
  ] as const)('gives no link when the export becomes %s in the same moment', async (status, name) => {
    const { get, jobs, artifacts, job, events } = setUp();
    const sign = artifacts.signDownload.bind(artifacts);
    artifacts.signDownload = (key, link) => {
      const { exportId } = job;
      jobs.put(status === 'expired' ? anExpiredJob({ exportId }) : aDeletingJob({ exportId }));
      return sign(key, link);
    };
    expect(await refusal(get())).toBe(name);
    expect(events.types()).toEqual([]);
  });

  it('has its event looked after soon when the bus is down', async () => {
    const { get, events, jobs } = setUp(aCompletedJob({ dueAt: NOON + HOUR_MS }));
    events.down = true;
    await get();
    expect(jobs.all()[0]?.dueAt).toBe(NOON + FOLLOW_UP_MS);
  });

  it('says that it cannot be done now when the storage does not answer', async () => {
    const { get, artifacts } = setUp();
    artifacts.exists = () => Promise.reject(new ServiceUnavailable('The storage did not answer.'));
    expect(await refusal(get())).toBe('ServiceUnavailable');
  });
});
