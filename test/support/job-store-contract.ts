import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ExportAlreadyExists, ExportClosed, ExportStateConflict } from '../../shared/domain/errors.ts';
import {
  exportJob,
  progressOf,
  type CompletedJob,
  type ExportJob,
  type InitiatedJob,
} from '../../shared/domain/export-job.ts';
import { progressBySection } from '../../shared/domain/section-progress.ts';
import type { JobStore } from '../../shared/ports.ts';
import {
  aCompletedJob,
  aDeletingJob,
  aFailedJob,
  anExpiredJob,
  anInitiatedJob,
  aTombstone,
  executionArnOf,
  NOON,
} from './export-builders.ts';

const STATUSES_TO_REACH = [
  'initiated',
  'processing',
  'completed',
  'expired',
  'failed',
  'deleting',
  'deleted',
] as const;
type ReachedStatus = (typeof STATUSES_TO_REACH)[number];

const settled = async (writes: readonly Promise<unknown>[]) => {
  const results = await Promise.allSettled(writes);
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  return { won: results.length - reasons.length, reasons };
};

/** What every job store must do; each adapter and each double runs it. */
export const describeJobStore = (name: string, open: () => Promise<JobStore>): void => {
  let store: JobStore;
  beforeAll(async () => {
    store = await open();
  });

  const run = (exportId: string) => ({
    executionArn: executionArnOf(exportId),
    startedAt: NOON + 1,
    dueAt: NOON + 2,
  });

  const stored = async (exportId: string): Promise<ExportJob> => exportJob.parse(await store.find(exportId));

  const ENDS = {
    completed: (job: ExportJob) => store.complete(aCompletedJob({ ...kept(job) })),
    expired: async (job: ExportJob) => {
      await store.complete(aCompletedJob({ ...kept(job) }));
      await store.expire(anExpiredJob({ ...kept(job) }));
    },
    failed: (job: ExportJob) => store.fail(aFailedJob({ ...kept(job) })),
    deleting: (job: ExportJob) => store.startDeleting(aDeletingJob({ ...kept(job) })),
  };
  const kept = ({ exportId, userId, pendingEvents }: ExportJob) => ({ exportId, userId, pendingEvents });

  const aJobThatIs = async (
    status: ReachedStatus,
    overrides: Partial<InitiatedJob> = {},
  ): Promise<ExportJob> => {
    const job = { ...anInitiatedJob({ userId: randomUUID() }), ...overrides };
    await store.create(job);
    if (status === 'initiated') return job;
    const processing = await store.begin(job.exportId, run(job.exportId));
    if (status === 'processing') return processing;
    if (status !== 'deleted') await ENDS[status](job);
    else {
      await ENDS.deleting(job);
      await store.bury(aTombstone({ exportId: job.exportId }));
      return job;
    }
    return stored(job.exportId);
  };

  const outcome = async (write: Promise<unknown>): Promise<string> => {
    try {
      await write;
      return 'done';
    } catch (error) {
      return (error as Error).name;
    }
  };

  describe(`${name} keeps a job`, () => {
    it('as it was created, and knows nothing of an id that was never used', async () => {
      const job = anInitiatedJob({
        request: {
          exportType: 'selective',
          exportFormat: 'zip',
          includeAnalytics: true,
          includeCsv: true,
          description: 'für 😀',
          accountIds: [randomUUID(), randomUUID()],
          categoryIds: [randomUUID()],
          dateRangeStart: 0,
          dateRangeEnd: Number.MAX_SAFE_INTEGER,
        },
        estimatedSize: null,
        estimatedCompletion: null,
        pendingEvents: { 'event-1': '{"type":"x"}' },
      });
      await store.create(job);
      expect(await store.find(job.exportId)).toEqual(job);
      expect(await store.find(randomUUID())).toBeUndefined();
      expect(await store.find('')).toBeUndefined();
      expect(await store.find('x'.repeat(5000))).toBeUndefined();
    });

    it('only once under an id, also when it is deleted by then', async () => {
      const job = await aJobThatIs('initiated');
      await expect(store.create(anInitiatedJob({ exportId: job.exportId }))).rejects.toBeInstanceOf(
        ExportAlreadyExists,
      );
      expect(await store.find(job.exportId)).toEqual(job);
      const { exportId } = await aJobThatIs('deleted');
      await expect(store.create(anInitiatedJob({ exportId }))).rejects.toBeInstanceOf(ExportAlreadyExists);
    });

    it('of the first of many who create it at once', async () => {
      const exportId = randomUUID();
      const { won, reasons } = await settled(
        Array.from({ length: 20 }, () => store.create(anInitiatedJob({ exportId }))),
      );
      expect(won).toBe(1);
      expect(new Set(reasons.map((reason) => reason.name))).toEqual(new Set(['ExportAlreadyExists']));
    });
  });

  describe(`${name} moves a job`, () => {
    /** What each write answers from each status, in the order of STATUSES_TO_REACH. */
    const MATRIX: Readonly<Record<string, readonly string[]>> = {
      begin: ['done', 'done', ...Array<string>(5).fill('ExportClosed')],
      recordSection: ['ExportClosed', 'done', ...Array<string>(5).fill('ExportClosed')],
      recordProgress: ['ExportClosed', 'done', ...Array<string>(5).fill('ExportClosed')],
      complete: ['ExportClosed', 'done', 'done', ...Array<string>(4).fill('ExportClosed')],
      fail: ['done', 'done', ...Array<string>(5).fill('ExportStateConflict')],
      expire: [
        ...['ExportStateConflict', 'ExportStateConflict', 'done'],
        ...Array<string>(4).fill('ExportStateConflict'),
      ],
      startDeleting: [...Array<string>(5).fill('done'), 'ExportStateConflict', 'ExportStateConflict'],
      bury: [...Array<string>(5).fill('ExportStateConflict'), 'done', 'ExportStateConflict'],
      addPendingEvents: [
        ...['ExportStateConflict', 'ExportStateConflict', 'done'],
        ...Array<string>(4).fill('ExportStateConflict'),
      ],
    };

    const write = (method: string, job: ExportJob): Promise<unknown> => {
      const { exportId } = job;
      switch (method) {
        case 'begin':
          return store.begin(exportId, run(exportId));
        case 'recordSection':
          return store.recordSection(exportId, 'accounts', { count: 1, bytes: 2, done: true });
        case 'recordProgress':
          return store.recordProgress(exportId, 60, 'building_package');
        case 'complete':
          return ENDS.completed(job);
        case 'fail':
          return ENDS.failed(job);
        case 'expire':
          return store.expire(anExpiredJob({ ...kept(job) }));
        case 'startDeleting':
          return ENDS.deleting(job);
        case 'bury':
          return store.bury(aTombstone({ exportId }));
        default:
          return store.addPendingEvents(exportId, { 'event-1': '{}' }, NOON);
      }
    };

    const cases = Object.entries(MATRIX).flatMap(([method, outcomes]) =>
      STATUSES_TO_REACH.map((status, at) => [method, status, outcomes[at]] as const),
    );

    it.each(cases)(
      'by %s from %s: %s, and a refused write changes nothing',
      async (method, status, expected) => {
        const job = await aJobThatIs(status);
        const before = await store.find(job.exportId);
        expect(await outcome(write(method, job))).toBe(expected);
        if (expected !== 'done') expect(await store.find(job.exportId)).toEqual(before);
      },
    );

    it('and refuses each of them for an id that was never used', async () => {
      for (const method of Object.keys(MATRIX))
        expect(await outcome(write(method, anInitiatedJob()))).toMatch(/^Export(?:Closed|StateConflict)$/);
    });

    it('into processing once, however often the same execution begins it', async () => {
      const { exportId } = await aJobThatIs('initiated');
      const first = await store.begin(exportId, run(exportId));
      const again = await store.begin(exportId, {
        ...run(exportId),
        startedAt: NOON + 500,
        dueAt: NOON + 900,
      });
      expect(first).toMatchObject({
        status: 'processing',
        ...run(exportId),
        currentPhase: 'collecting_data',
      });
      expect(again).toEqual({ ...first, dueAt: NOON + 900 });
    });

    it('into processing for no other execution', async () => {
      const { exportId } = await aJobThatIs('processing');
      const other = { ...run(exportId), executionArn: executionArnOf('another') };
      await expect(store.begin(exportId, other)).rejects.toBeInstanceOf(ExportClosed);
    });

    it('to one end only when many writers race for it', async () => {
      const job = await aJobThatIs('processing');
      const { won, reasons } = await settled(
        Array.from({ length: 16 }, (_, at) =>
          at % 2 === 0
            ? store.complete(aCompletedJob({ ...kept(job), s3Key: `packages/${at}` }))
            : store.fail(aFailedJob({ ...kept(job), errorDetails: { code: String(at) } })),
        ),
      );
      expect(won).toBe(1);
      for (const reason of reasons) expect(reason.name).toMatch(/^Export(?:Closed|StateConflict)$/);
    });

    it('to completed with its package, its event and what was recorded before, all in one', async () => {
      const job = await aJobThatIs('processing', { pendingEvents: { 'event-0': '{"first":1}' } });
      await store.recordSection(job.exportId, 'accounts', { count: 3, bytes: 4, done: true });
      const completed = aCompletedJob({
        ...kept(job),
        pendingEvents: { 'event-1': '{"a":1}' },
        dueAt: NOON + 9,
      });
      await store.complete(completed);
      const { s3Key, packageSize, sha256, completeness, counts, warnings, completedAt, expiresAt } =
        completed;
      expect(await store.find(job.exportId)).toEqual({
        ...job,
        ...{ s3Key, packageSize, sha256, completeness, counts, warnings, completedAt, expiresAt },
        ...{ status: 'completed', progress: 100, currentPhase: 'completed', dueAt: NOON + 9 },
        sections: { accounts: { count: 3, bytes: 4, done: true } },
        pendingEvents: { 'event-0': '{"first":1}', 'event-1': '{"a":1}' },
      });
    });

    it('to completed with a package that has no SHA-256 but another checksum', async () => {
      const job = await aJobThatIs('processing');
      const completed = aCompletedJob({ ...kept(job), sha256: null, crc64nvme: 'AAAAAAAAAAA=' });
      await store.complete(completed);
      expect(await store.find(job.exportId)).toMatchObject({ sha256: null, crc64nvme: 'AAAAAAAAAAA=' });
    });

    it('to completed again with the same package without a change, with another one never', async () => {
      const job = await aJobThatIs('processing');
      const completed: CompletedJob = aCompletedJob(kept(job));
      await store.complete(completed);
      const first = await store.find(job.exportId);
      await store.complete({ ...completed, completedAt: NOON + 99_999 });
      expect(await store.find(job.exportId)).toEqual(first);
      await expect(store.complete({ ...completed, s3Key: 'packages/other' })).rejects.toBeInstanceOf(
        ExportClosed,
      );
    });

    it('to failed with its reason and its event', async () => {
      const job = await aJobThatIs('initiated');
      await store.fail(
        aFailedJob({ ...kept(job), error: 'Sorry.', pendingEvents: { 'event-1': '{}' }, dueAt: NOON + 9 }),
      );
      expect(await store.find(job.exportId)).toEqual({
        ...job,
        ...{ status: 'failed', completedAt: NOON + 10_000, error: 'Sorry.' },
        ...{
          errorDetails: { code: 'ServiceUnavailable' },
          pendingEvents: { 'event-1': '{}' },
          dueAt: NOON + 9,
        },
      });
    });

    it('to expired with its event, and forgets nothing of what it was', async () => {
      const job = await aJobThatIs('completed');
      await store.expire(
        anExpiredJob({ ...kept(job), s3Key: 'another', pendingEvents: { 'event-1': '{}' }, dueAt: NOON + 9 }),
      );
      expect(await store.find(job.exportId)).toEqual({
        ...job,
        ...{ status: 'expired', pendingEvents: { 'event-1': '{}' }, dueAt: NOON + 9 },
      });
    });

    it('to a tombstone of which nothing but the tombstone is left', async () => {
      const job = await aJobThatIs('deleting');
      const grave = aTombstone({
        exportId: job.exportId,
        pendingEvents: { 'event-9': '{}' },
        dueAt: NOON + 3,
      });
      await store.bury(grave);
      expect(await store.find(job.exportId)).toEqual(grave);
      expect((await store.findByUser(job.userId, { limit: 10 })).jobs).toEqual([]);
      await expect(store.bury(grave)).rejects.toBeInstanceOf(ExportStateConflict);
    });
  });

  describe(`${name} records progress`, () => {
    it('that never goes back, without refusing who reports it again', async () => {
      const { exportId } = await aJobThatIs('processing');
      await store.recordProgress(exportId, 80, 'verifying_package');
      await store.recordProgress(exportId, 60, 'building_package');
      await store.recordProgress(exportId, 80, 'building_package');
      expect(await stored(exportId)).toMatchObject({ progress: 80, currentPhase: 'verifying_package' });
      await store.recordProgress(exportId, 81, 'verifying_package');
      expect(await stored(exportId)).toMatchObject({ progress: 81 });
    });

    it('of a section that was done and is collected again, without taking it for undone', async () => {
      const { exportId } = await aJobThatIs('processing');
      await store.recordSection(exportId, 'accounts', { count: 1, bytes: 1, done: false });
      await store.recordSection(exportId, 'accounts', { count: 9, bytes: 90, done: true });
      const shown = progressOf(await stored(exportId));
      await store.recordSection(exportId, 'accounts', { count: 2, bytes: 20, done: false });
      expect(progressOf(await stored(exportId))).toBe(shown);
      await store.recordSection(exportId, 'accounts', { count: 10, bytes: 95, done: true });
      expect((await stored(exportId)).sections).toEqual({ accounts: { count: 10, bytes: 95, done: true } });
    });

    it('of a section that begins anew, without going back before it is past where it was', async () => {
      const { exportId } = await aJobThatIs('processing');
      for (const count of [5, 9, 2, 8]) {
        await store.recordSection(exportId, 'accounts', { count, bytes: 10 * count, done: false });
      }
      const kept9 = { accounts: { count: 9, bytes: 90, done: false } };
      expect(progressBySection((await stored(exportId)).sections)).toEqual(kept9);
      await store.recordSection(exportId, 'accounts', { count: 7, bytes: 70, done: true });
      const ended = { accounts: { count: 7, bytes: 70, done: true } };
      expect(progressBySection((await stored(exportId)).sections)).toEqual(ended);
    });

    it('of the parts of a section, all at once and told again, as their sum that never goes back', async () => {
      const { exportId } = await aJobThatIs('processing');
      const shown = async () => {
        const job = await stored(exportId);
        return { of: progressOf(job), transactions: progressBySection(job.sections).transactions };
      };
      const tell = (index: number, count: number, done: boolean) =>
        store.recordSection(
          exportId,
          'transactions',
          { count, bytes: 10 * count, done },
          { index, of: PARTS },
        );
      const PARTS = 12;
      const indexes = Array.from({ length: PARTS }, (_, index) => index);
      const before = (await shown()).of;
      await Promise.all(indexes.map((index) => tell(index, 5, false)));
      expect((await shown()).transactions).toEqual({ count: 60, bytes: 600, done: false });
      await Promise.all(indexes.slice(1).flatMap((index) => [tell(index, 10, true), tell(index, 3, false)]));
      expect(await shown()).toEqual({ of: before, transactions: { count: 115, bytes: 1150, done: false } });
      await tell(0, 10, true);
      const done = { count: 120, bytes: 1200, done: true };
      expect((await shown()).transactions).toEqual(done);
      expect((await shown()).of).toBeGreaterThan(before);
      for (const again of [false, true]) await tell(4, 10, again);
      expect((await shown()).transactions).toEqual(done);
    });

    it('of a part only while the export runs', async () => {
      const { exportId } = await aJobThatIs('failed');
      const before = await stored(exportId);
      for (const done of [false, true]) {
        const telling = store.recordSection(
          exportId,
          'transactions',
          { count: 1, bytes: 1, done },
          { index: 1, of: 2 },
        );
        await expect(telling).rejects.toBeInstanceOf(ExportClosed);
      }
      expect(await stored(exportId)).toEqual(before);
    });

    it('of several sections at once, each kept', async () => {
      const { exportId } = await aJobThatIs('processing');
      const sections = ['accounts', 'transactions', 'categories', 'fileMaps', 'transactionFiles'] as const;
      const progress = { count: 5, bytes: 50, done: true };
      await Promise.all(sections.map((section) => store.recordSection(exportId, section, progress)));
      expect(Object.keys((await stored(exportId)).sections).sort()).toEqual([...sections].sort());
    });
  });

  describe(`${name} lists a user’s jobs`, () => {
    it('newest first and page by page, no one else’s, and none that is being deleted', async () => {
      const userId = randomUUID();
      const at = (minutes: number) =>
        aJobThatIs('initiated', { userId, requestedAt: NOON + minutes * 60_000 });
      const [third, first, second] = [await at(1), await at(3), await at(2)];
      await aJobThatIs('deleting', { userId, requestedAt: NOON + 150_000 });
      await aJobThatIs('initiated');
      const ids = async (page: { limit: number; after?: ExportJob }) => {
        const { jobs, hasMore } = await store.findByUser(userId, page);
        return [...jobs.map(({ exportId }) => exportId), hasMore];
      };
      expect(await ids({ limit: 2 })).toEqual([first.exportId, second.exportId, true]);
      expect(await ids({ limit: 3 })).toEqual([first.exportId, second.exportId, third.exportId, false]);
      expect(await ids({ limit: 2, after: second })).toEqual([third.exportId, false]);
      expect(await ids({ limit: 1, after: first })).toEqual([second.exportId, true]);
      expect(await ids({ limit: 2, after: third })).toEqual([false]);
    });

    it('that were requested in the same millisecond, each exactly once over the pages', async () => {
      const userId = randomUUID();
      const made = await Promise.all(Array.from({ length: 7 }, () => aJobThatIs('initiated', { userId })));
      const listed: string[] = [];
      let page = await store.findByUser(userId, { limit: 2 });
      listed.push(...page.jobs.map(({ exportId }) => exportId));
      for (let after = page.jobs.at(-1); page.hasMore && after !== undefined; after = page.jobs.at(-1)) {
        page = await store.findByUser(userId, { limit: 2, after });
        listed.push(...page.jobs.map(({ exportId }) => exportId));
      }
      expect(listed.sort()).toEqual(made.map(({ exportId }) => exportId).sort());
    });

    it('even when the page begins after one that is deleted meanwhile', async () => {
      const userId = randomUUID();
      const older = await aJobThatIs('initiated', { userId, requestedAt: NOON });
      const newer = await aJobThatIs('initiated', { userId, requestedAt: NOON + 1 });
      await ENDS.deleting(newer);
      const { jobs } = await store.findByUser(userId, { limit: 5, after: newer });
      expect(jobs.map(({ exportId }) => exportId)).toEqual([older.exportId]);
    });
  });

  describe(`${name} keeps an outbox`, () => {
    it('that events are put into and taken from one by one', async () => {
      const job = await aJobThatIs('completed', { pendingEvents: { 'event-1': '{"n":1}' } });
      await store.addPendingEvents(job.exportId, { 'event-2': '{"n":2}', 'event-3': '{"n":3}' }, NOON + 3);
      await store.removePendingEvents(job.exportId, ['event-1', 'event-3', 'event-unknown']);
      expect(await stored(job.exportId)).toMatchObject({ dueAt: NOON + 3 });
      expect((await stored(job.exportId)).pendingEvents).toEqual({ 'event-2': '{"n":2}' });
      await store.removePendingEvents(job.exportId, []);
      expect((await stored(job.exportId)).pendingEvents).toEqual({ 'event-2': '{"n":2}' });
    });

    it('also in a tombstone', async () => {
      const job = await aJobThatIs('deleting');
      await store.bury(aTombstone({ exportId: job.exportId, pendingEvents: { 'event-1': '{}' } }));
      await store.removePendingEvents(job.exportId, ['event-1']);
      expect(await store.find(job.exportId)).toMatchObject({ status: 'deleted', pendingEvents: {} });
    });

    it('but puts nothing into the one of a job that does not exist', async () => {
      const exportId = randomUUID();
      await expect(store.removePendingEvents(exportId, ['event-1'])).rejects.toBeInstanceOf(
        ExportStateConflict,
      );
      expect(await store.find(exportId)).toBeUndefined();
    });
  });
};
