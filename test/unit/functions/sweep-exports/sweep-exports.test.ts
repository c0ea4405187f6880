import { describe, expect, it } from '@jest/globals';
import { backoff } from '../../../../functions/sweep-exports/sweep-exports.ts';
import { ServiceUnavailable } from '../../../../shared/domain/errors.ts';
import { FOLLOW_UP_MS, LONGEST_RUN_MS, RUN_CHECK_MS } from '../../../../shared/domain/export-job.ts';
import {
  A_USER,
  aCompletedJob,
  aFailedJob,
  anInitiatedJob,
  aProcessingJob,
  aTombstone,
  HOUR_MS,
  NOON,
} from '../../../support/export-builders.ts';
import { AN_EXPORT_ID, ExportWorld, LATE_WRITER_MS, RETENTION_MS } from '../../../support/export-world.ts';

const NOTHING_DONE = {
  ...{ wait: 0, start: 0, fail: 0, settle: 0, expire: 0, erase: 0, publish: 0, places: 0 },
  ...{ skipped: 0, setbacks: 0, orphans: 0, finished: true },
};

const aWorld = async (...lived: ((world: ExportWorld) => unknown)[]) => {
  const world = new ExportWorld();
  for (const live of lived) await live(world);
  return world;
};
const after = (ms: number) => (world: ExportWorld) => (world.clock.instant += ms);
const started = (world: ExportWorld) => world.start();
const begun = async (world: ExportWorld) => {
  await world.start();
  await world.begin();
  world.write();
};
const completed = async (world: ExportWorld) => {
  await begun(world);
  await world.complete();
};
const executionIs = (status: 'succeeded' | 'failed' | 'aborted') => (world: ExportWorld) =>
  world.ports.workflow.executions.set(AN_EXPORT_ID, { status });

describe('a sweep', () => {
  it('has nothing to do where nothing is due, and says so in one line', async () => {
    const world = await aWorld(started);
    expect(await world.sweep()).toEqual(NOTHING_DONE);
    expect(world.log.lines).toEqual([
      JSON.stringify({ level: 'info', message: 'Sweep completed.', ...NOTHING_DONE }),
    ]);
  });

  it('starts an export whose request died before it did, and publishes the event', async () => {
    const world = new ExportWorld();
    world.ports.workflow.failure = new ServiceUnavailable('Down.');
    await expect(world.start()).rejects.toThrow();
    world.ports.workflow.failure = undefined;
    world.clock.instant += FOLLOW_UP_MS;
    expect(await world.sweep()).toEqual({ ...NOTHING_DONE, start: 1, places: 1 });
    expect(world.ports.workflow.started).toEqual([AN_EXPORT_ID]);
    expect(world.ports.events.types()).toEqual(['export.initiated']);
    expect(await world.row()).toMatchObject({ status: 'initiated', pendingEvents: {} });
  });

  it('fails at its next look one whose execution has ended though it was not yet to be seen', async () => {
    const world = await aWorld(started, executionIs('aborted'), after(FOLLOW_UP_MS));
    const { workflow } = world.ports;
    const executionOf = workflow.executionOf.bind(workflow);
    workflow.executionOf = () => Promise.resolve({ status: 'never_started' });
    expect(await world.sweep()).toMatchObject({ start: 0, setbacks: 1 });
    expect(await world.row()).toMatchObject({ status: 'initiated' });
    workflow.executionOf = executionOf;
    world.clock.instant += FOLLOW_UP_MS;
    expect(await world.sweep()).toMatchObject({ fail: 1, setbacks: 0 });
    expect(await world.row()).toMatchObject({ errorDetails: { code: 'ExecutionAborted' } });
  });

  it('fails one that could not be started for an hour', async () => {
    const world = await aWorld(started, after(HOUR_MS));
    expect(await world.sweep()).toMatchObject({ fail: 1 });
    expect(await world.row()).toMatchObject({
      status: 'failed',
      errorDetails: { code: 'ExecutionNotStarted' },
    });
    expect(world.ports.events.types()).toContain('export.failed');
  });

  it('lets one run that runs, and looks again a quarter of an hour later', async () => {
    const world = await aWorld(begun, after(RUN_CHECK_MS));
    expect(await world.sweep()).toMatchObject({ wait: 1, setbacks: 0 });
    expect(await world.row()).toMatchObject({
      status: 'processing',
      dueAt: world.clock.instant + RUN_CHECK_MS,
    });
    expect(world.ports.artifacts.keys()).toEqual([...world.interimKeys, world.packageKey].sort());
  });

  it('fails one whose execution was aborted and nobody has told, and leaves nothing of it', async () => {
    const world = await aWorld(begun, executionIs('aborted'), after(RUN_CHECK_MS));
    expect(await world.sweep()).toMatchObject({ fail: 1 });
    expect(await world.row()).toMatchObject({
      status: 'failed',
      completedAt: world.clock.instant,
      errorDetails: { code: 'ExecutionAborted' },
      error: expect.stringMatching(/stopped by our operators/) as unknown,
    });
    expect(world.ports.artifacts.keys()).toEqual([]);
    expect(world.ports.artifacts.uploads.size).toBe(0);
    expect((await world.ports.activeExports.members(A_USER)).size).toBe(0);
    expect(world.log.lines.join()).toContain('An export is failed that nothing else would have ended.');
  });

  it('stops an execution that runs longer than any may, and fails its export first', async () => {
    const world = await aWorld(begun, after(LONGEST_RUN_MS));
    expect(await world.sweep()).toMatchObject({ fail: 1 });
    expect(await world.row()).toMatchObject({ errorDetails: { code: 'States.Timeout' } });
    expect(world.ports.workflow.reasons).toEqual(['ExportFailed']);
  });

  it('loses to whoever ends the export in the same moment', async () => {
    const world = await aWorld(begun, executionIs('succeeded'), after(RUN_CHECK_MS));
    const { jobs, workflow } = world.ports;
    const executionOf = workflow.executionOf.bind(workflow);
    workflow.executionOf = async (exportId) => {
      workflow.executionOf = executionOf;
      await world.complete();
      return executionOf(exportId);
    };
    expect(await world.sweep()).toMatchObject({ setbacks: 0 });
    expect(await jobs.find(AN_EXPORT_ID)).toMatchObject({ status: 'completed' });
    expect(world.ports.artifacts.keys()).toEqual([world.packageKey]);
    expect(world.ports.events.types()).not.toContain('export.failed');
  });

  it('removes what was written after a completion, twice, and never the package', async () => {
    const world = await aWorld(completed, after(FOLLOW_UP_MS));
    world.write();
    expect(await world.sweep()).toMatchObject({ settle: 1 });
    expect(world.ports.artifacts.keys()).toEqual([world.packageKey]);
    world.write();
    world.clock.instant = NOON + LATE_WRITER_MS;
    expect(await world.sweep()).toMatchObject({ settle: 1 });
    expect(world.ports.artifacts.keys()).toEqual([world.packageKey]);
    expect(await world.row()).toMatchObject({ dueAt: NOON + RETENTION_MS });
    await world.sweepFor(23);
    expect(world.ports.artifacts.keys()).toEqual([world.packageKey]);
  });

  it('expires an export when its time is over: package, event, and then rest', async () => {
    const world = await aWorld(completed, after(RETENTION_MS - 1));
    await world.sweep();
    expect(await world.row()).toMatchObject({ status: 'completed' });
    world.clock.instant += 1;
    expect(await world.sweep()).toMatchObject({ expire: 1 });
    expect(await world.row()).toMatchObject({ status: 'expired', expiresAt: world.clock.instant });
    expect(world.ports.artifacts.keys()).toEqual([]);
    expect(world.ports.events.types().filter((type) => type === 'export.expired')).toHaveLength(1);
    await world.sweepFor(1);
    expect((await world.row())?.dueAt).toBeUndefined();
    expect(world.ports.events.types().filter((type) => type === 'export.expired')).toHaveLength(1);
    expect((await world.row())?.ttl).toBe(NOON / 1000 + 100 * 24 * 60 * 60);
  });

  it('erases what its user has deleted while it ran, when nothing can still be writing', async () => {
    const world = await aWorld(begun, (w) => w.delete());
    world.write();
    await world.sweepFor(0.25);
    expect((await world.row())?.status).toBe('deleting');
    expect(world.ports.artifacts.keys()).toEqual([]);
    world.write();
    await world.sweepFor(0.25);
    expect(await world.row()).toMatchObject({ status: 'deleted', pendingEvents: {} });
    expect(world.ports.artifacts.keys()).toEqual([]);
    expect(world.ports.events.types()).toContain('export.deleted');
  });

  it('publishes what the bus did not take, under the same id, however long it was down', async () => {
    const world = await aWorld(begun);
    world.ports.events.down = true;
    await world.complete();
    await world.sweepFor(2);
    const [eventId] = Object.keys((await world.row())?.pendingEvents ?? {});
    world.ports.events.down = false;
    await world.sweepFor(1.2);
    expect((await world.row())?.pendingEvents).toEqual({});
    const ids = world.ports.events.events().map(({ detail }) => detail.eventId);
    expect(ids.filter((id) => id === eventId)).toHaveLength(1);
    expect(await world.row()).toMatchObject({ dueAt: NOON + RETENTION_MS });
  });

  it('frees a place that was taken by a request which died, and none that is held', async () => {
    const world = await aWorld(begun);
    const { activeExports } = world.ports;
    await activeExports.reserve(A_USER, 'died', { cap: 9, now: NOON });
    await activeExports.reserve(A_USER, 'ended', { cap: 9, now: NOON });
    world.ports.jobs.put(aFailedJob({ exportId: 'ended' }));
    world.clock.instant += FOLLOW_UP_MS - 1;
    await world.sweep();
    expect((await activeExports.members(A_USER)).size).toBe(3);
    world.clock.instant += 1;
    expect(await world.sweep()).toMatchObject({ places: 1 });
    expect([...(await activeExports.members(A_USER)).keys()]).toEqual([AN_EXPORT_ID]);
  });

  it('does not free a place that is taken anew while it looks', async () => {
    const world = new ExportWorld();
    const { activeExports, jobs } = world.ports;
    await activeExports.reserve(A_USER, 'again', { cap: 2, now: NOON });
    world.clock.instant += FOLLOW_UP_MS;
    const find = jobs.find.bind(jobs);
    jobs.find = async (exportId) => {
      await activeExports.reserve(A_USER, 'again', { cap: 2, now: world.clock.instant });
      return find(exportId);
    };
    await world.sweep();
    expect([...(await activeExports.members(A_USER)).keys()]).toEqual(['again']);
  });
});

describe('a sweep that meets trouble', () => {
  const dueJobs = (count: number) =>
    Array.from({ length: count }, () => anInitiatedJob({ requestedAt: NOON - FOLLOW_UP_MS }));

  it('deals with every other row when one is broken, and with the broken one later and later', async () => {
    const world = new ExportWorld();
    const [broken, ...others] = dueJobs(5);
    for (const job of [broken, ...others]) if (job !== undefined) world.ports.jobs.put(job);
    const brokenId = broken?.exportId ?? '';
    const find = world.ports.jobs.find.bind(world.ports.jobs);
    const looks: number[] = [];
    world.ports.jobs.find = (exportId) => {
      if (exportId !== brokenId) return find(exportId);
      looks.push(world.clock.instant - NOON);
      return Promise.reject(new TypeError('It cannot be read.'));
    };
    expect(await world.sweep()).toMatchObject({ start: 4, setbacks: 1 });
    expect([...world.ports.workflow.started].sort()).toEqual(others.map(({ exportId }) => exportId).sort());
    for (let minute = 0; minute < 300; minute += 1) {
      world.clock.instant += 60_000;
      await world.sweep();
    }
    const minutes = looks.map((ms) => ms / 60_000);
    expect(minutes).toEqual([0, 2, 6, 14, 30, 62, 122, 182, 242]);
    expect(world.log.lines.join()).toContain('TypeError');
    expect(world.log.lines.join()).not.toContain('It cannot be read');
  });

  it('waits two minutes, four, eight, and never longer than an hour', () => {
    expect([0, 1, 2, 3, 4, 5, 99].map((setbacks) => backoff(setbacks) / 60_000)).toEqual([
      2, 4, 8, 16, 32, 60, 60,
    ]);
  });

  it('stops before its time is over, with what is left still due', async () => {
    const world = new ExportWorld();
    for (const job of dueJobs(10)) world.ports.jobs.put(job);
    let left = 100_000;
    const result = await world.sweep(() => (left -= 10_000));
    expect(result.finished).toBe(false);
    expect(result.start).toBeGreaterThan(0);
    expect(result.start).toBeLessThan(10);
    expect(await world.sweep()).toMatchObject({ start: 10 - result.start, finished: true });
  });

  it('deals with more rows than one page of the index holds', async () => {
    const world = new ExportWorld();
    for (const job of dueJobs(120)) world.ports.jobs.put(job);
    expect(await world.sweep()).toMatchObject({ start: 120, finished: true });
  });

  it('comes to an end although the index shows again and again what was dealt with', async () => {
    const world = new ExportWorld();
    for (const job of dueJobs(3)) world.ports.jobs.put(job);
    const stale = await world.ports.dueRows.find(NOON, 10);
    world.ports.dueRows.find = () => Promise.resolve(stale);
    expect(await world.sweep()).toMatchObject({ start: 3, skipped: 0 });
    expect(await world.sweep()).toMatchObject({ start: 0, skipped: 3 });
  });

  it('does everything once when two run at once', async () => {
    const world = new ExportWorld();
    for (const job of dueJobs(30)) world.ports.jobs.put(job);
    const results = await Promise.all([world.sweep(), world.sweep(), world.sweep()]);
    expect(results.reduce((sum, { start }) => sum + start, 0)).toBe(30);
    expect(new Set(world.ports.workflow.started).size).toBe(world.ports.workflow.started.length);
  });

  it('goes on when the storage does not let itself be searched', async () => {
    const world = await aWorld(started, after(FOLLOW_UP_MS));
    world.ports.artifacts.list = () => Promise.reject(new ServiceUnavailable('Down.'));
    expect(await world.sweep()).toMatchObject({ start: 1, setbacks: 1 });
    expect(world.log.lines.join()).toContain('broke off');
  });

  it('leaves a row that is gone', async () => {
    const world = await aWorld(started, after(FOLLOW_UP_MS));
    world.ports.jobs.find = () => Promise.resolve(undefined);
    expect(await world.sweep()).toMatchObject({ setbacks: 0 });
  });

  it('tells nothing of a user: no id of theirs, no description, no key of an object', async () => {
    const world = await aWorld(begun, executionIs('failed'), after(HOUR_MS));
    await world.sweep();
    await world.sweepFor(2);
    expect(world.log.lines.join()).not.toMatch(/user-1|interim\/|packages\//);
  });
});

describe('the search for what was left behind', () => {
  const DAY = 24 * HOUR_MS;
  const key = (exportId: string, user = A_USER) => `packages/${user}/${exportId}/attempt-9.zip`;
  const withObject = (world: ExportWorld, object: string, writtenAt = NOON) => {
    world.ports.artifacts.objects.set(object, Buffer.from('x'));
    world.ports.artifacts.writtenAt.set(object, writtenAt);
  };
  const aRow = (world: ExportWorld, row: Parameters<typeof world.ports.jobs.put>[0]) =>
    world.ports.jobs.put(row);

  it('removes what belongs to a deleted export, to one at rest without a package, and open uploads of theirs', async () => {
    const world = new ExportWorld();
    aRow(world, aTombstone({ exportId: 'deleted' }));
    aRow(world, resting(aFailedJob({ exportId: 'failed' })));
    aRow(world, resting({ ...aCompletedJob({ exportId: 'expired' }), status: 'expired' as const }));
    for (const exportId of ['deleted', 'failed', 'expired']) withObject(world, key(exportId));
    world.ports.artifacts.uploads.set(`interim/${A_USER}/deleted/accounts/1.json`, NOON);
    expect(await world.sweep()).toMatchObject({ orphans: 4 });
    expect(world.ports.artifacts.keys()).toEqual([]);
    expect(world.ports.artifacts.uploads.size).toBe(0);
  });

  it('touches nothing of an export that is active, can be downloaded, or is looked after anyway', async () => {
    const world = new ExportWorld();
    const later = NOON + DAY;
    const rows = [
      anInitiatedJob({ exportId: 'initiated', requestedAt: NOON }),
      aProcessingJob({ exportId: 'processing', dueAt: later }),
      aCompletedJob({ exportId: 'completed', dueAt: later }),
      aFailedJob({ exportId: 'failed', dueAt: later }),
    ];
    for (const row of rows) {
      aRow(world, row);
      withObject(world, key(row.exportId), 0);
    }
    expect(await world.sweep()).toMatchObject({ orphans: 0 });
    expect(world.ports.artifacts.keys()).toHaveLength(4);
  });

  it('removes what no job claims only when it is older than any package can be', async () => {
    const world = new ExportWorld();
    aRow(world, aCompletedJob({ exportId: 'somebody-elses', dueAt: NOON + DAY }));
    withObject(world, key('unknown'));
    withObject(world, key('somebody-elses', 'another'));
    world.clock.instant += RETENTION_MS + DAY - 1;
    expect(await world.sweep()).toMatchObject({ orphans: 0 });
    world.clock.instant += 1;
    expect(await world.sweep()).toMatchObject({ orphans: 2 });
  });

  it('leaves alone what is not named as this service names things', async () => {
    const world = new ExportWorld();
    const strange = ['packages/readme.txt', 'other/user/export/x', 'interim/', 'packages/u/x'];
    for (const object of strange) withObject(world, object, 0);
    world.clock.instant += 100 * DAY;
    expect(await world.sweep()).toMatchObject({ orphans: 0 });
    expect(world.ports.artifacts.keys()).toEqual([...strange].sort());
  });

  it('comes through the whole bucket in a few sweeps, and begins again after that', async () => {
    const world = new ExportWorld();
    const ids = Array.from({ length: 8 }, (_, at) => `export-${at}`);
    for (const exportId of ids) aRow(world, aTombstone({ exportId }));
    const live = aCompletedJob({ exportId: 'export-5', dueAt: NOON + DAY });
    aRow(world, live);
    for (const round of [1, 2]) {
      for (const exportId of ids) withObject(world, key(exportId));
      for (let sweep = 0; sweep < 4; sweep += 1) await world.sweep();
      expect([round, world.ports.artifacts.keys()]).toEqual([round, [key('export-5')]]);
    }
  });

  it('goes on where it is when time is over, and when one export cannot be looked at', async () => {
    const world = new ExportWorld();
    for (const exportId of ['a', 'b']) {
      aRow(world, aTombstone({ exportId }));
      withObject(world, key(exportId));
    }
    const find = world.ports.jobs.find.bind(world.ports.jobs);
    world.ports.jobs.find = (exportId) =>
      exportId === 'a' ? Promise.reject(new ServiceUnavailable('Down.')) : find(exportId);
    expect(await world.sweep()).toMatchObject({ orphans: 1 });
    world.ports.jobs.find = find;
    let asked = 0;
    expect(await world.sweep(() => (asked++ < 2 ? 100_000 : 1_000))).toMatchObject({ orphans: 0 });
    expect(world.ports.artifacts.keys()).toEqual([key('a')]);
    expect(await world.sweep()).toMatchObject({ orphans: 1 });
  });

  function resting<Row extends { dueAt?: number | undefined }>(row: Row): Row {
    const rest = { ...row };
    delete rest.dueAt;
    return rest;
  }
});
