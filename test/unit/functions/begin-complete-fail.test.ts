import { describe, expect, it } from '@jest/globals';
import { createBeginExport } from '../../../functions/begin-export/begin-export.ts';
import { createCompleteExport } from '../../../functions/complete-export/complete-export.ts';
import { createFailExport } from '../../../functions/fail-export/fail-export.ts';
import { ServiceUnavailable } from '../../../shared/domain/errors.ts';
import { RUN_CHECK_MS, type ExportJob, type Tombstone } from '../../../shared/domain/export-job.ts';
import { interimPrefix, packageKey, packagePrefix } from '../../../shared/domain/package-layout.ts';
import { createPublishPendingEvents } from '../../../shared/use-cases/publish-pending-events.ts';
import type { VerifyResult } from '../../../shared/workflow/contracts.ts';
import {
  A_USER,
  aCompletedJob,
  aCompleteRequest,
  aDeletingJob,
  aFailedJob,
  anExportRun,
  anInitiatedJob,
  aPackageSummary,
  aProcessingJob,
  aRecord,
  aTombstone,
  executionArnOf,
  HOUR_MS,
  NOON,
} from '../../support/export-builders.ts';
import { InMemoryActiveExports } from '../../support/in-memory-active-exports.ts';
import { InMemoryArtifactStore } from '../../support/in-memory-artifact-store.ts';
import { InMemoryHousehold } from '../../support/in-memory-household.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import {
  RecordingBus,
  RecordingLog,
  RecordingMetrics,
  SettableClock,
} from '../../support/recording-ports.ts';

/** How many transactions a part has here. */
const PER_PART = 4;

const setUp = async (row: ExportJob | Tombstone, source = new InMemoryHousehold()) => {
  const { exportId } = row;
  const jobs = new InMemoryJobStore(row);
  const activeExports = new InMemoryActiveExports();
  await activeExports.reserve(A_USER, exportId, { cap: 5, now: NOON });
  const artifacts = new InMemoryArtifactStore();
  const [events, log, clock] = [new RecordingBus(), new RecordingLog(), new SettableClock()];
  const metrics = new RecordingMetrics();
  const identity = { userId: A_USER, exportId };
  const keys = {
    interim: `${interimPrefix(A_USER, exportId)}accounts/1.json`,
    kept: packageKey(identity, 'attempt-1', 'zip'),
    earlier: packageKey(identity, 'attempt-0', 'zip'),
    foreign: `${packagePrefix(A_USER, 'another')}1.zip`,
  };
  for (const key of Object.values(keys)) artifacts.objects.set(key, Buffer.from('x'));
  const publish = createPublishPendingEvents({ jobs, events, log, metrics });
  const shared = { jobs, activeExports, artifacts, publish, clock, metrics };
  const complete = createCompleteExport({ ...shared, retentionMs: 24 * HOUR_MS, packagesBucket: 'packages' });
  const fail = createFailExport({ ...shared, log });
  const begin = createBeginExport({ jobs, source, clock, log, metrics, transactionsPerPart: PER_PART });
  const summary = aPackageSummary({ s3Key: keys.kept });
  const { version } = await artifacts.open(keys.kept);
  return {
    ...{ exportId, jobs, artifacts, source, events, log, clock, metrics, keys, summary },
    begin: (executionArn = executionArnOf(exportId)) => begin({ exportId, executionArn }),
    complete: (made = summary, verified: Partial<VerifyResult> = {}) => {
      const { packageSize: bytes, sha256 } = made;
      const whole = { done: true, bytes, entries: 3, records: 2, sha256, version };
      return complete({ run: anExportRun(identity), package: made, verified: { ...whole, ...verified } });
    },
    fail: (Error: string, { Cause = '{}', executionArn = executionArnOf(exportId) } = {}) =>
      fail({ exportId, executionArn, failure: { Error, Cause } }),
    stored: () => jobs.find(exportId),
    places: async () => [...(await activeExports.members(A_USER)).keys()],
  };
};

describe('an execution that is not the export’s own', () => {
  const twin = executionArnOf('started-by-hand');

  it('cannot begin it, not even before its own execution has', async () => {
    const { begin, stored } = await setUp(anInitiatedJob());
    await expect(begin(twin)).rejects.toMatchObject({ name: 'ExportClosed' });
    expect(await stored()).toMatchObject({ status: 'initiated' });
  });

  it.each([[anInitiatedJob()], [aProcessingJob()]])('leaves it as it is when it fails: %#', async (job) => {
    const { fail, stored, artifacts, keys } = await setUp(job);
    expect(await fail('ExportClosed', { executionArn: twin })).toEqual({ outcome: 'not_ours' });
    expect(await stored()).toEqual(job);
    expect([...artifacts.objects.keys()]).toEqual(Object.values(keys));
  });
});

describe('beginning an export', () => {
  it('takes the job into processing and tells the steps what to do', async () => {
    const { begin, stored, exportId } = await setUp(anInitiatedJob());
    expect(await begin()).toEqual({
      exportId,
      userId: A_USER,
      correlationId: 'correlation-1',
      sections: ['accounts', 'transactions', 'categories', 'fileMaps', 'transactionFiles'],
      includeAnalytics: false,
      transactionParts: [{ index: 0 }],
    });
    expect(await stored()).toMatchObject({
      status: 'processing',
      executionArn: executionArnOf(exportId),
      startedAt: NOON,
      dueAt: NOON + RUN_CHECK_MS,
    });
  });

  it('asks for analytics only when they were asked for', async () => {
    const { begin } = await setUp(anInitiatedJob({ request: aCompleteRequest({ includeAnalytics: true }) }));
    const { sections, includeAnalytics } = await begin();
    expect([sections.at(-1), includeAnalytics]).toEqual(['analytics', true]);
  });

  it('gives the same run when it is tried again by the same execution', async () => {
    const { begin, clock, stored } = await setUp(anInitiatedJob());
    const first = await begin();
    clock.instant += 5000;
    expect(await begin()).toEqual(first);
    expect(await stored()).toMatchObject({ startedAt: NOON });
  });

  it.each<[string, ExportJob | Tombstone]>([
    ['completed', aCompletedJob()],
    ['failed', aFailedJob()],
    ['being deleted', aDeletingJob()],
    ['deleted', aTombstone()],
  ])('is refused when it is %s', async (_, row) => {
    const { begin, stored } = await setUp(row);
    await expect(begin()).rejects.toMatchObject({ name: 'ExportClosed' });
    expect(await stored()).toEqual(row);
  });

  it('fails before anything is read when an index cannot show everything', async () => {
    const { begin, source } = await setUp(anInitiatedJob());
    source.incomplete = 'categories';
    await expect(begin()).rejects.toMatchObject({ name: 'IndexIncomplete' });
    expect(source.pagesRead).toEqual({});
  });

  it('looks only at the indexes it needs', async () => {
    const { begin, source } = await setUp(
      anInitiatedJob({ request: aCompleteRequest({ exportType: 'accounts_only' }) }),
    );
    source.incomplete = 'transactions';
    expect(await begin()).toMatchObject({ sections: ['accounts'], transactionParts: [] });
    expect([...source.usersAsked]).toEqual([]);
  });

  const DAY_MS = 24 * HOUR_MS;
  /** One transaction a day, three on an index page. */
  const twelveDays = () => {
    const onDay = (day: number) => aRecord(`t${day}`, String(day * DAY_MS), { date: day * DAY_MS });
    const pages = [0, 3, 6, 9].map((day) => [onDay(day), onDay(day + 1), onDay(day + 2)]);
    return new InMemoryHousehold({ transactions: pages });
  };

  it('cuts many transactions into ranges of dates that meet', async () => {
    const { begin, source } = await setUp(anInitiatedJob(), twelveDays());
    const { transactionParts } = await begin();
    expect(transactionParts.length).toBeGreaterThan(1);
    expect(transactionParts.slice(1).map(({ from }) => from)).toEqual(
      transactionParts.slice(0, -1).map(({ before }) => before),
    );
    expect(source.pagesRead).toEqual({});
    expect((await begin()).transactionParts).toEqual(transactionParts);
  });

  it('cuts only the dates that are selected', async () => {
    const filters = { dateRangeStart: 4 * DAY_MS, dateRangeEnd: 7 * DAY_MS };
    const request = aCompleteRequest({ exportType: 'selective', ...filters });
    const { begin } = await setUp(anInitiatedJob({ request }), twelveDays());
    expect((await begin()).transactionParts).toEqual([{ index: 0 }]);
  });
});

describe('completing an export', () => {
  it('makes the package the result, tells the world, frees the place and removes the rest', async () => {
    const { complete, stored, exportId, summary, events, places, artifacts, keys } =
      await setUp(aProcessingJob());
    expect(await complete()).toEqual({ exportId });
    expect(await stored()).toMatchObject({
      ...summary,
      status: 'completed',
      progress: 100,
      currentPhase: 'completed',
      completedAt: NOON,
      expiresAt: NOON + 24 * HOUR_MS,
      pendingEvents: {},
    });
    expect(events.events()).toMatchObject([
      {
        type: 'export.completed',
        detail: { data: { bucket: 'packages', s3Key: keys.kept, sha256: summary.sha256 } },
      },
    ]);
    expect(await places()).toEqual([]);
    expect(artifacts.keys()).toEqual([keys.foreign, keys.kept].sort());
  });

  it('takes the hash that the verifier has found', async () => {
    const { complete, stored, events, summary } = await setUp(aProcessingJob());
    const sha256 = 'cd'.repeat(32);
    await complete({ ...summary, sha256: null, crc64nvme: 'AAAAAAAAAAA=' }, { sha256 });
    expect(await stored()).toMatchObject({ status: 'completed', sha256 });
    expect(await stored()).not.toHaveProperty('crc64nvme');
    expect(events.events()).toMatchObject([{ detail: { data: { sha256, sha256Omitted: null } } }]);
  });

  it('takes the other checksum of a package that is too large for a hash', async () => {
    const { complete, stored, events, summary } = await setUp(aProcessingJob());
    const crc64nvme = 'AAAAAAAAAAA=';
    await complete({ ...summary, sha256: null, crc64nvme });
    expect(await stored()).toMatchObject({ status: 'completed', sha256: null, crc64nvme });
    expect(events.events()).toMatchObject([
      { detail: { data: { sha256: null, crc64nvme, sha256Omitted: expect.stringContaining('100 GiB') } } },
    ]);
  });

  it('is refused before anything happens when the package is not verified to its end', async () => {
    const { complete, stored, events, summary, artifacts, keys } = await setUp(aProcessingJob());
    await expect(complete(summary, { done: false })).rejects.toMatchObject({ name: 'InvalidStepInput' });
    expect([(await stored())?.status, events.types()]).toEqual(['processing', []]);
    expect(artifacts.keys()).toEqual(Object.values(keys).sort());
  });

  it('is refused when the package is not the one that was verified', async () => {
    const { complete, stored, events, artifacts, keys } = await setUp(aProcessingJob());
    artifacts.objects.set(keys.kept, Buffer.from('another'));
    await expect(complete()).rejects.toMatchObject({ name: 'PackageCorrupted', reason: 'PACKAGE_BYTES' });
    expect([(await stored())?.status, events.types()]).toEqual(['processing', []]);
  });

  it('can be tried again after it was half done: nothing changes but what was left', async () => {
    const { complete, stored, events, artifacts, keys, clock, places } = await setUp(aProcessingJob());
    const purge = artifacts.purge.bind(artifacts);
    artifacts.purge = () => Promise.reject(new ServiceUnavailable('The storage did not answer.'));
    await expect(complete()).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    const first = await stored();
    artifacts.purge = purge;
    clock.instant += 5000;
    await complete();
    expect(await stored()).toEqual(first);
    expect(events.types()).toEqual(['export.completed']);
    expect([artifacts.keys(), await places()]).toEqual([[keys.foreign, keys.kept].sort(), []]);
  });

  it('publishes under the same id what the bus did not take the first time', async () => {
    const { complete, events, stored } = await setUp(aProcessingJob());
    events.down = true;
    await complete();
    const [waiting] = Object.keys((await stored())?.pendingEvents ?? {});
    events.down = false;
    await complete();
    expect(events.events().map(({ detail }) => detail.eventId)).toEqual([waiting]);
    expect((await stored())?.pendingEvents).toEqual({});
  });

  it.each<[string, ExportJob | Tombstone]>([
    ['completed with another package', aCompletedJob()],
    ['failed', aFailedJob()],
    ['being deleted', aDeletingJob()],
    ['deleted', aTombstone()],
  ])('is refused when it is %s, and tells nobody', async (_, row) => {
    const { complete, stored, events, summary } = await setUp(row);
    await expect(complete({ ...summary, s3Key: 'packages/other.zip' })).rejects.toMatchObject({
      name: 'ExportClosed',
    });
    expect(await stored()).toEqual(row);
    expect(events.types()).toEqual([]);
  });

  it('is refused when somebody deletes it between reading and writing', async () => {
    const { complete, jobs, exportId, stored, events } = await setUp(aProcessingJob());
    const find = jobs.find.bind(jobs);
    jobs.find = async (id) => {
      const found = await find(id);
      jobs.find = find;
      jobs.put(aDeletingJob({ exportId }));
      return found;
    };
    await expect(complete()).rejects.toMatchObject({ name: 'ExportClosed' });
    expect([(await stored())?.status, events.types()]).toEqual(['deleting', []]);
  });
});

describe('failing an export', () => {
  it.each<[string, ExportJob]>([
    ['initiated', anInitiatedJob()],
    ['processing', aProcessingJob()],
  ])('that is %s ends it, tells why, and leaves nothing', async (_, job) => {
    const { fail, stored, events, places, artifacts, keys } = await setUp(job);
    expect(await fail('AccessRefused')).toEqual({ outcome: 'failed' });
    const failed = await stored();
    expect(failed).toMatchObject({
      status: 'failed',
      completedAt: NOON,
      errorDetails: { code: 'AccessRefused' },
    });
    expect(events.events()).toMatchObject([
      { type: 'export.failed', detail: { data: { errorCode: 'AccessRefused' } } },
    ]);
    expect([await places(), artifacts.keys(), failed?.pendingEvents]).toEqual([[], [keys.foreign], {}]);
  });

  it('can be tried again, and tells the reason that was first, once', async () => {
    const { fail, stored, events, artifacts, keys, clock } = await setUp(aProcessingJob());
    const purge = artifacts.purge.bind(artifacts);
    artifacts.purge = () => Promise.reject(new ServiceUnavailable('The storage did not answer.'));
    await expect(fail('IndexIncomplete')).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    artifacts.purge = purge;
    clock.instant += 5000;
    expect(await fail('States.Timeout')).toEqual({ outcome: 'failed' });
    expect(await stored()).toMatchObject({ completedAt: NOON, errorDetails: { code: 'IndexIncomplete' } });
    expect([events.types(), artifacts.keys()]).toEqual([['export.failed'], [keys.foreign]]);
  });

  it('leaves an export that was completed as it is, package included', async () => {
    const { fail, stored, events, artifacts, keys } = await setUp(aCompletedJob());
    const before = await stored();
    expect(await fail('ServiceUnavailable')).toEqual({ outcome: 'completed' });
    expect(await stored()).toEqual(before);
    expect(events.types()).toEqual([]);
    expect(artifacts.keys()).toContain(keys.kept);
  });

  it('removes what an export that is being deleted has written meanwhile', async () => {
    const { fail, stored, artifacts, keys, events } = await setUp(aDeletingJob());
    expect(await fail('ExportClosed')).toEqual({ outcome: 'erased' });
    expect([(await stored())?.status, artifacts.keys(), events.types()]).toEqual([
      'deleting',
      [keys.foreign],
      [],
    ]);
  });

  it('has nothing to do for an export that is gone, or never was', async () => {
    const { fail, stored, events } = await setUp(aTombstone());
    const before = await stored();
    expect(await fail('ExportClosed')).toEqual({ outcome: 'erased' });
    expect([await stored(), events.types()]).toEqual([before, []]);
    const fresh = await setUp(anInitiatedJob());
    const { exportId } = fresh;
    fresh.jobs.find = () => Promise.resolve(undefined);
    expect(await fresh.fail('X')).toEqual({ outcome: 'erased' });
    expect(exportId).not.toBe('');
  });

  it('lets the first writer win when the export completes in the same moment', async () => {
    const job = aProcessingJob();
    const { fail, jobs, stored, events, artifacts, keys } = await setUp(job);
    const find = jobs.find.bind(jobs);
    jobs.find = async (id) => {
      const found = await find(id);
      jobs.find = find;
      jobs.put(aCompletedJob({ exportId: job.exportId }));
      return found;
    };
    expect(await fail('States.Timeout')).toEqual({ outcome: 'completed' });
    expect([(await stored())?.status, events.types()]).toEqual(['completed', []]);
    expect(artifacts.keys()).toContain(keys.kept);
  });

  it('says nothing of the cause: it may hold a user’s data', async () => {
    const { fail, stored, events, log } = await setUp(aProcessingJob());
    await fail('TypeError', { Cause: '{"errorMessage":"secret"}' });
    expect(JSON.stringify([await stored(), events.accepted, log.lines])).not.toContain('secret');
    expect(log.lines.join()).toContain('TypeError');
    expect(await stored()).toMatchObject({
      errorDetails: { code: 'UnexpectedError', errorName: 'TypeError' },
    });
    expect(events.accepted.join()).not.toContain('TypeError');
  });
});
