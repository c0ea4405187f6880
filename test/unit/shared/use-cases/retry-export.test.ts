import { describe, expect, it } from '@jest/globals';
import { AccessRefused, ServiceUnavailable } from '../../../../shared/domain/errors.ts';
import { failedEventId } from '../../../../shared/domain/events.ts';
import type { ExportJob, Tombstone } from '../../../../shared/domain/export-job.ts';
import { createPublishPendingEvents } from '../../../../shared/use-cases/publish-pending-events.ts';
import { createRetryExport, retryIdOf } from '../../../../shared/use-cases/retry-export.ts';
import {
  A_USER,
  aCompletedJob,
  aCompleteRequest,
  aDeletingJob,
  aFailedJob,
  anExpiredJob,
  anInitiatedJob,
  aProcessingJob,
  aTombstone,
  HOUR_MS,
  NOON,
} from '../../../support/export-builders.ts';
import { InMemoryActiveExports } from '../../../support/in-memory-active-exports.ts';
import { InMemoryJobStore } from '../../../support/in-memory-job-store.ts';
import {
  RecordingBus,
  RecordingLog,
  RecordingMetrics,
  RecordingWorkflow,
  SettableClock,
} from '../../../support/recording-ports.ts';

const FAILED_ID = '00000000-0000-4000-8000-00000000000f';
const RETRY_ID = retryIdOf(FAILED_ID);

const setUp = (rows: readonly (ExportJob | Tombstone)[], activeExportCap = 2) => {
  const [jobs, activeExports] = [new InMemoryJobStore(...rows), new InMemoryActiveExports()];
  const [workflow, events, log, metrics, clock] = [
    new RecordingWorkflow(),
    new RecordingBus(),
    new RecordingLog(),
    new RecordingMetrics(),
    new SettableClock(),
  ];
  clock.instant = NOON + 2 * HOUR_MS;
  const publish = createPublishPendingEvents({ jobs, events, log, metrics });
  const retry = createRetryExport({
    ...{ jobs, activeExports, workflow, publish, clock, log, metrics, activeExportCap },
  });
  return { jobs, activeExports, workflow, events, clock, retry: (id = FAILED_ID) => retry(id) };
};

const aSelection = aCompleteRequest({
  exportType: 'selective',
  includeCsv: true,
  description: 'für 2026',
  accountIds: ['account-1'],
  dateRangeStart: 5,
});

describe('retrying a failed export', () => {
  it('starts the same request for the same user, and names what it retries', async () => {
    const failed = aFailedJob({
      ...anInitiatedJob({ exportId: FAILED_ID, request: aSelection, correlationId: 'correlation-9' }),
      status: 'failed',
    });
    const { jobs, workflow, events, activeExports, retry } = setUp([failed]);
    const { exportId } = await retry();
    expect(exportId).toBe(RETRY_ID);
    expect(await jobs.find(exportId)).toMatchObject({
      ...{ status: 'initiated', userId: A_USER, retryOf: FAILED_ID, correlationId: 'correlation-9' },
      ...{ parameters: aSelection, requestHash: failed.requestHash, description: 'für 2026' },
      ...{ exportType: 'selective', requestedAt: NOON + 2 * HOUR_MS },
      ...{ estimatedSize: 1200, estimatedCompletion: NOON + 2 * HOUR_MS + 5_000 },
    });
    expect(await jobs.find(FAILED_ID)).toEqual(failed);
    expect(workflow.started).toEqual([RETRY_ID]);
    expect([...(await activeExports.members(A_USER)).keys()]).toEqual([RETRY_ID]);
    expect(events.events()).toMatchObject([
      {
        type: 'export.initiated',
        detail: { causationId: failedEventId(FAILED_ID), data: { exportId: RETRY_ID, retryOf: FAILED_ID } },
      },
    ]);
  });

  it('is done once, however many ask at once', async () => {
    const { jobs, workflow, retry } = setUp([aFailedJob({ exportId: FAILED_ID })]);
    const retries = await Promise.all(Array.from({ length: 20 }, () => retry()));
    expect(new Set(retries.map(({ exportId }) => exportId))).toEqual(new Set([RETRY_ID]));
    expect([jobs.all().length, new Set(workflow.started).size]).toEqual([2, 1]);
  });

  it.each([
    aProcessingJob({ exportId: RETRY_ID }),
    aCompletedJob({ exportId: RETRY_ID }),
    anExpiredJob({ exportId: RETRY_ID }),
  ])('gives the retry that is there: $status', async (before) => {
    const { workflow, retry } = setUp([aFailedJob({ exportId: FAILED_ID }), before]);
    expect(await retry()).toEqual(before);
    expect(workflow.started).toEqual([]);
  });

  it('starts the retry whose execution could not be started before', async () => {
    const { workflow, jobs, retry } = setUp([aFailedJob({ exportId: FAILED_ID })]);
    workflow.failure = new ServiceUnavailable('The workflow service did not answer.');
    await expect(retry()).rejects.toBe(workflow.failure);
    workflow.failure = undefined;
    await retry();
    expect(workflow.started).toEqual([RETRY_ID]);
    expect(jobs.all()).toHaveLength(2);
  });

  it('whose own execution cannot be started fails as any export does, and can be retried itself', async () => {
    const { workflow, jobs, activeExports, retry } = setUp([aFailedJob({ exportId: FAILED_ID })]);
    workflow.failure = new AccessRefused('The workflow service refused access.');
    await expect(retry()).rejects.toBe(workflow.failure);
    expect(await jobs.find(RETRY_ID)).toMatchObject({ status: 'failed' });
    expect((await activeExports.members(A_USER)).size).toBe(0);
    workflow.failure = undefined;
    await expect(retry()).rejects.toMatchObject({
      name: 'ExportNotRetryable',
      message: expect.stringContaining(RETRY_ID) as unknown,
    });
    expect((await retry(RETRY_ID)).retryOf).toBe(RETRY_ID);
  });

  it('keeps to the number of exports that its user may have active', async () => {
    const { activeExports, jobs, workflow, retry } = setUp([aFailedJob({ exportId: FAILED_ID })], 1);
    const running = aProcessingJob();
    jobs.put(running);
    await activeExports.reserve(A_USER, running.exportId, { cap: 1, now: NOON });
    await expect(retry()).rejects.toMatchObject({ name: 'ActiveExportLimitReached' });
    expect([jobs.all().length, workflow.started]).toEqual([2, []]);
  });
});

describe('retrying what cannot be retried', () => {
  it.each<[string, ExportJob | Tombstone, RegExp]>([
    ['initiated', anInitiatedJob({ exportId: FAILED_ID }), /still running/],
    ['processing', aProcessingJob({ exportId: FAILED_ID }), /still running/],
    [
      'completed',
      aCompletedJob({ exportId: FAILED_ID, expiresAt: NOON + 3 * HOUR_MS }),
      /has completed: its package/,
    ],
    [
      'over, though nobody has cleaned up yet',
      aCompletedJob({ exportId: FAILED_ID, expiresAt: NOON + HOUR_MS }),
      /has expired/,
    ],
    ['expired', anExpiredJob({ exportId: FAILED_ID }), /has expired/],
    ['being deleted', aDeletingJob({ exportId: FAILED_ID }), /was deleted by its user/],
    ['deleted', aTombstone({ exportId: FAILED_ID }), /was deleted by its user/],
  ])('is refused in a sentence when it is %s', async (_, job, sentence) => {
    const { jobs, workflow, activeExports, retry } = setUp([job]);
    await expect(retry()).rejects.toMatchObject({
      name: 'ExportNotRetryable',
      message: expect.stringMatching(sentence) as unknown,
    });
    expect(await jobs.find(RETRY_ID)).toBeUndefined();
    expect([workflow.started, (await activeExports.members(A_USER)).size]).toEqual([[], 0]);
  });

  it('is refused when there is no such export', async () => {
    const { retry } = setUp([]);
    await expect(retry('no-such-export')).rejects.toMatchObject({ name: 'ExportNotFound' });
  });

  it.each([aDeletingJob({ exportId: RETRY_ID }), aTombstone({ exportId: RETRY_ID })])(
    'is refused when its user has deleted the retry: $status',
    async (retry) => {
      const world = setUp([aFailedJob({ exportId: FAILED_ID }), retry]);
      await expect(world.retry()).rejects.toMatchObject({ name: 'ExportNotRetryable' });
      expect(world.workflow.started).toEqual([]);
    },
  );
});
