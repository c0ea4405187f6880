import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { FOLLOW_UP_MS } from '../../shared/domain/export-job.ts';
import type { ActiveExports, DueRow, DueRows, JobStore } from '../../shared/ports.ts';
import { aCompletedJob, aDeletingJob, aFailedJob, anInitiatedJob, aTombstone } from './export-builders.ts';

interface Table {
  readonly jobs: JobStore;
  readonly places: ActiveExports;
  readonly dueRows: DueRows;
}

/** Long before every other test's rows, so that those of one test are the first to be due. */
let instant = 1_000_000_000;

/** What every adapter and double of DueRows must do. */
export const describeDueRows = (name: string, open: () => Promise<Table>): void => {
  let table: Table;
  let now: number;
  beforeAll(async () => {
    table = await open();
  });

  /** A job that is due at `now`, which lies after everything that earlier tests have left. */
  const aDueJob = async () => {
    now = instant += 100 * FOLLOW_UP_MS;
    const job = anInitiatedJob({ requestedAt: now - FOLLOW_UP_MS });
    await table.jobs.create(job);
    return job;
  };
  const rowAt = async (key: string, at = now): Promise<DueRow | undefined> =>
    (await table.dueRows.find(at, 1000)).find((row) => row.key === key);
  const dueRow = async (key: string): Promise<DueRow> => {
    const row = await rowAt(key);
    if (row === undefined) throw new Error('The row is not due.');
    return row;
  };

  describe(name, () => {
    it('finds a job from the very millisecond it is due, the longest overdue first and no more than asked for', async () => {
      const [first, second, third] = [await aDueJob(), await aDueJob(), await aDueJob()];
      expect(await rowAt(third.exportId, now - 1)).toBeUndefined();
      expect(await rowAt(third.exportId)).toEqual({
        about: 'export',
        key: third.exportId,
        dueAt: now,
        setbacks: 0,
      });
      const own = [first.exportId, second.exportId, third.exportId];
      const found = (await table.dueRows.find(now, 1000)).map(({ key }) => key);
      expect(found.filter((key) => own.includes(key))).toEqual(own);
      expect(await table.dueRows.find(now, 2)).toHaveLength(2);
    });

    it('lets one of many take a row, which is due again only when its time has come', async () => {
      const { exportId } = await aDueJob();
      const row = await dueRow(exportId);
      const until = now + 5000;
      const taken = await Promise.all(Array.from({ length: 10 }, () => table.dueRows.take(row, until)));
      expect(taken.filter((one) => one !== undefined)).toEqual([{ ...row, dueAt: until, setbacks: 1 }]);
      expect(await rowAt(exportId)).toBeUndefined();
      expect(await rowAt(exportId, until)).toEqual({ ...row, dueAt: until, setbacks: 1 });
    });

    it('counts how often a row was taken and never put back', async () => {
      const { exportId } = await aDueJob();
      const first = await table.dueRows.take(await dueRow(exportId), now);
      const second = first && (await table.dueRows.take(first, now));
      expect(second?.setbacks).toBe(2);
      if (second !== undefined) await table.dueRows.putBack(second, now);
      expect(await dueRow(exportId)).toMatchObject({ setbacks: 0 });
    });

    it('puts a row back to another time, or to rest', async () => {
      const { exportId } = await aDueJob();
      const taken = await table.dueRows.take(await dueRow(exportId), now + 1);
      if (taken !== undefined) await table.dueRows.putBack(taken, now + 9);
      expect(await rowAt(exportId, now + 8)).toBeUndefined();
      const again = await rowAt(exportId, now + 9);
      const resting = again && (await table.dueRows.take(again, now + 10));
      if (resting !== undefined) await table.dueRows.putBack(resting, undefined);
      expect(await rowAt(exportId, now * 2)).toBeUndefined();
      expect((await table.jobs.find(exportId))?.dueAt).toBeUndefined();
      await table.jobs.fail(aFailedJob({ exportId, dueAt: now }));
      expect(await rowAt(exportId)).toMatchObject({ dueAt: now, setbacks: 0 });
    });

    it('leaves a row alone that was written to meanwhile, whoever has taken it', async () => {
      const { exportId } = await aDueJob();
      const row = await dueRow(exportId);
      const taken = await table.dueRows.take(row, now + 1);
      await table.jobs.fail(aFailedJob({ exportId, dueAt: now + 7 }));
      if (taken !== undefined) await table.dueRows.putBack(taken, undefined);
      expect(await rowAt(exportId, now + 7)).toMatchObject({ dueAt: now + 7 });
      expect(await table.dueRows.take(row, now + 2)).toBeUndefined();
      expect((await table.jobs.find(exportId))?.dueAt).toBe(now + 7);
    });

    it('has nothing to take of a row that is gone', async () => {
      now = instant;
      const gone: DueRow = { about: 'export', key: randomUUID(), dueAt: now, setbacks: 0 };
      expect(await table.dueRows.take(gone, now + 1)).toBeUndefined();
      await table.dueRows.putBack(gone, now + 1);
      expect(await table.jobs.find(gone.key)).toBeUndefined();
      expect(await rowAt(gone.key, now + 1)).toBeUndefined();
    });

    it('finds tombstones, and completed jobs that got another event', async () => {
      const [deleted, completed] = [await aDueJob(), await aDueJob()];
      await table.jobs.startDeleting(aDeletingJob({ exportId: deleted.exportId }));
      await table.jobs.bury(aTombstone({ exportId: deleted.exportId, dueAt: now }));
      expect(await rowAt(deleted.exportId)).toMatchObject({ about: 'export' });
      const { exportId } = completed;
      await table.jobs.begin(exportId, { executionArn: 'arn', startedAt: now, dueAt: now });
      await table.jobs.complete(aCompletedJob({ exportId, dueAt: now * 3 }));
      expect(await rowAt(exportId)).toBeUndefined();
      await table.jobs.addPendingEvents(exportId, { 'event-1': '{}' }, now);
      expect(await rowAt(exportId)).toMatchObject({ dueAt: now });
    });

    it('finds places some time after one was taken, and gives and frees them without knowing whose they are', async () => {
      await aDueJob();
      const userId = randomUUID();
      const ids = [randomUUID(), randomUUID(), randomUUID()] as const;
      for (const [at, id] of ids.entries()) {
        await table.places.reserve(userId, id, { cap: 3, now: now - FOLLOW_UP_MS + at });
      }
      const isNew = ({ about, dueAt }: DueRow) => about === 'places' && dueAt === now + 2;
      const row = (await table.dueRows.find(now + 2, 1000)).find(isNew);
      if (row === undefined) throw new Error('The places are not due.');
      expect(await table.places.membersOfRow(row)).toEqual(await table.places.members(userId));
      await table.places.dropFromRow(row, ids[0], now - FOLLOW_UP_MS);
      await table.places.dropFromRow(row, ids[1], now);
      await table.places.dropFromRow(row, randomUUID(), now);
      expect([...(await table.places.members(userId)).keys()].sort()).toEqual([ids[1], ids[2]].sort());
      const taken = await table.dueRows.take(row, now + 3);
      if (taken !== undefined) await table.dueRows.putBack(taken, undefined);
      expect((await table.dueRows.find(now * 2, 1000)).map(({ key }) => key)).not.toContain(row.key);
      await table.places.reserve(userId, ids[0], { cap: 3, now });
      expect((await table.dueRows.find(now + FOLLOW_UP_MS, 1000)).map(({ key }) => key)).toContain(row.key);
    });
  });
};
