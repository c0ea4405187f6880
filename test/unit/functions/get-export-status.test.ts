import { describe, expect, it } from '@jest/globals';
import { createGetExportStatus } from '../../../functions/get-export-status/get-export-status.ts';
import type { ExportJob } from '../../../shared/domain/export-job.ts';
import {
  aCompletedJob,
  aDeletingJob,
  aFailedJob,
  anApiRequest,
  anInitiatedJob,
  aProcessingJob,
  NOON,
} from '../../support/export-builders.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import { SettableClock } from '../../support/recording-ports.ts';

const KEYS = [
  'exportId',
  'status',
  'progress',
  'currentPhase',
  'downloadUrl',
  'expiresAt',
  'error',
  'packageSize',
  'completedAt',
  'sections',
  'completeness',
  'warnings',
  'sha256',
  'sha256Omitted',
  'crc64nvme',
  'counts',
  'retryOf',
];

const setUp = (job: ExportJob) => {
  const [jobs, clock] = [new InMemoryJobStore(job), new SettableClock()];
  const status = createGetExportStatus({ jobs, clock });
  const get = async (headers: Record<string, string> = {}, userId = job.userId) => {
    const reply = await status(anApiRequest({ userId, path: { exportId: job.exportId }, headers }));
    return {
      ...reply,
      headers: reply.headers ?? {},
      body: reply.body as Record<string, unknown> | undefined,
    };
  };
  return { jobs, clock, get };
};

const EVERY: readonly (readonly [string, ExportJob])[] = [
  ['initiated', anInitiatedJob()],
  ['processing', aProcessingJob()],
  ['completed', aCompletedJob()],
  ['failed', aFailedJob()],
  ['deleting', aDeletingJob()],
];

describe('the status of an export', () => {
  it.each(EVERY)('that is %s has all keys, none undefined', async (status, job) => {
    const { get } = setUp(job);
    const { body } = await get();
    expect(body?.['status']).toBe(status);
    for (const key of KEYS) expect([key, JSON.stringify(body?.[key])]).not.toEqual([key, undefined]);
    expect(Object.keys(JSON.parse(JSON.stringify(body)) as object)).toEqual(Object.keys(body ?? {}));
  });

  it('tells which failed export an operator has repeated by it', async () => {
    const { get } = setUp(anInitiatedJob({ retryOf: 'export-1' }));
    expect((await get()).body).toMatchObject({ retryOf: 'export-1' });
  });

  it('tells of a running export how far it is and when to ask again', async () => {
    const sections = { accounts: { count: 3, bytes: 30, done: true } };
    const { get } = setUp(aProcessingJob({ sections, progress: 0 }));
    const { body, headers } = await get();
    expect(body).toMatchObject({
      progress: 16,
      currentPhase: 'collecting_data',
      sections,
      downloadUrl: null,
      error: null,
    });
    expect(headers['retry-after']).toBe('2');
  });

  it('tells of transactions that are collected in parts as of one section', async () => {
    const job = aProcessingJob({
      sections: {
        transactions_1of2: { count: 4, bytes: 40, done: true },
        accounts: { count: 3, bytes: 30, done: true },
        transactions_0of2: { count: 5, bytes: 50, done: false },
      },
    });
    const { get, jobs } = setUp(job);
    expect((await get()).body).toMatchObject({ progress: 16 });
    expect((await get()).body?.['sections']).toEqual({
      accounts: { count: 3, bytes: 30, done: true },
      transactions: { count: 9, bytes: 90, done: false },
    });
    const last = { count: 6, bytes: 60, done: true };
    await jobs.recordSection(job.exportId, 'transactions', last, { index: 0, of: 2 });
    expect((await get()).body).toMatchObject({
      progress: 27,
      sections: { transactions: { count: 10, bytes: 100, done: true } },
    });
  });

  it('tells of a completed export what was made, in ISO times', async () => {
    const job = aCompletedJob();
    const { body, headers } = await setUp(job).get();
    expect(body).toMatchObject({
      progress: 100,
      currentPhase: 'completed',
      downloadUrl: `/export/${job.exportId}/download`,
      expiresAt: '2026-11-24T12:00:00.000Z',
      completedAt: '2026-11-23T12:00:10.000Z',
      requestedAt: '2026-11-23T12:00:00.000Z',
      packageSize: job.packageSize,
      sha256: job.sha256,
      completeness: 'complete',
      counts: job.counts,
    });
    expect(headers).not.toHaveProperty('retry-after');
  });

  it('says why a completed export has no SHA-256, and what stands in for it', async () => {
    const { body } = await setUp(aCompletedJob({ sha256: null, crc64nvme: 'AAAAAAAAAAA=' })).get();
    expect(body).toMatchObject({
      sha256: null,
      sha256Omitted: expect.stringMatching(/^The package is larger than 100 GiB.*\.$/),
      crc64nvme: 'AAAAAAAAAAA=',
    });
  });

  it('is expired on the very millisecond, without anybody having written so', async () => {
    const { get, clock, jobs } = setUp(aCompletedJob({ expiresAt: NOON + 5 }));
    clock.instant = NOON + 4;
    expect((await get()).body).toMatchObject({ status: 'completed' });
    clock.instant = NOON + 5;
    expect((await get()).body).toMatchObject({ status: 'expired', downloadUrl: null, packageSize: 4711 });
    expect(jobs.all()[0]?.status).toBe('completed');
  });

  it('tells of a failed export why, in words for its user', async () => {
    const { body } = await setUp(
      aFailedJob({ error: 'Sorry.', errorDetails: { code: 'AccessRefused' } }),
    ).get();
    expect(body).toMatchObject({
      error: 'Sorry.',
      errorCode: 'AccessRefused',
      errorCategory: 'refused',
      retryable: false,
      completedAt: '2026-11-23T12:00:10.000Z',
    });
    expect(body?.['downloadUrl']).toBeNull();
  });

  it.each(EVERY)(
    'that is %s says nothing of keys, executions, events or hashes of the request',
    async (_, job) => {
      const text = JSON.stringify((await setUp(job).get()).body);
      expect(text).not.toMatch(/arn:|s3Key|packages\/|pendingEvents|requestHash|dueAt|ttl|correlation/);
    },
  );

  it('is not found for somebody else', async () => {
    await expect(setUp(aCompletedJob()).get({}, 'somebody-else')).rejects.toMatchObject({
      name: 'ExportNotFound',
    });
  });
});

describe('asking whether the status has changed', () => {
  it('costs nothing when it has not', async () => {
    const { get } = setUp(aProcessingJob());
    const { etag = '' } = (await get()).headers;
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const reply = await get({ 'if-none-match': header });
      expect([reply.status, reply.body, reply.headers['etag'], reply.headers['retry-after']]).toEqual([
        304,
        undefined,
        etag,
        '2',
      ]);
    }
  });

  it('gives the new one when it has', async () => {
    const { get, jobs, clock } = setUp(aCompletedJob({ expiresAt: NOON + 5 }));
    const { etag = '' } = (await get()).headers;
    clock.instant = NOON + 5;
    expect(await get({ 'if-none-match': etag })).toMatchObject({ status: 200, body: { status: 'expired' } });
    const [job] = jobs.all();
    if (job !== undefined) jobs.put({ ...job, pendingEvents: {} });
    expect((await get({ 'if-none-match': '"something-else"' })).status).toBe(200);
    expect((await get({ 'if-none-match': etag.slice(1, -1) })).status).toBe(200);
  });

  it('gives the same answer to the same question, and every change another tag', async () => {
    const { get, jobs } = setUp(aProcessingJob());
    const [first, again] = [await get(), await get()];
    expect(again).toEqual(first);
    const job = jobs.all()[0] as ExportJob;
    await jobs.recordProgress(job.exportId, 61, 'building_package');
    expect((await get()).headers['etag']).not.toBe(first.headers['etag']);
  });
});
