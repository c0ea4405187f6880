import { describe, expect, it } from '@jest/globals';
import { createStartExport } from '../../../functions/start-export/start-export.ts';
import {
  AccessRefused,
  ExecutionEnded,
  ExportAlreadyExists,
  ServiceUnavailable,
} from '../../../shared/domain/errors.ts';
import { FOLLOW_UP_MS, type ExportJob } from '../../../shared/domain/export-job.ts';
import type { ApiReply, ApiRequest } from '../../../shared/http.ts';
import { createPublishPendingEvents } from '../../../shared/use-cases/publish-pending-events.ts';
import {
  A_USER,
  aCompletedJob,
  aDeletingJob,
  anApiRequest,
  aProcessingJob,
  aTombstone,
  NOON,
} from '../../support/export-builders.ts';
import { InMemoryActiveExports } from '../../support/in-memory-active-exports.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import {
  RecordingBus,
  RecordingLog,
  RecordingMetrics,
  RecordingWorkflow,
  SettableClock,
} from '../../support/recording-ports.ts';

const ESTIMATE = { size: 1200, duration: 5000 };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Accepted {
  readonly exportId: string;
}

const setUp = (activeExportCap = 2) => {
  const jobs = new InMemoryJobStore();
  const activeExports = new InMemoryActiveExports();
  const workflow = new RecordingWorkflow();
  const [events, log, clock] = [new RecordingBus(), new RecordingLog(), new SettableClock()];
  const metrics = new RecordingMetrics();
  const made: string[] = [];
  const estimating = {
    estimate: () => Promise.resolve<typeof ESTIMATE | { size: null; duration: null }>(ESTIMATE),
  };
  const start = createStartExport({
    ...{ jobs, activeExports, workflow, clock, log, metrics, activeExportCap },
    estimate: () => estimating.estimate(),
    publish: createPublishPendingEvents({ jobs, events, log, metrics }),
    newId: () => {
      const exportId = `00000000-0000-4000-8000-${String(made.length).padStart(12, '0')}`;
      made.push(exportId);
      return exportId;
    },
  });
  const post = (body?: unknown, request: Partial<ApiRequest> = {}) =>
    start(anApiRequest({ body, ...request }));
  const withKey = (key: string, body?: unknown, request: Partial<ApiRequest> = {}) =>
    post(body, { headers: { 'idempotency-key': key }, ...request });
  const membersOf = async (userId = A_USER) => [...(await activeExports.members(userId)).keys()];
  return {
    ...{ jobs, activeExports, workflow, events, log, metrics, clock, estimating },
    ...{ post, withKey, membersOf },
  };
};

const idOf = ({ body }: ApiReply): string => (body as Accepted).exportId;
const nameOf = (reason: unknown): string => (reason as Error).name;

describe('asking for an export', () => {
  it('is accepted with a place to look, a time to wait, and what it will be', async () => {
    const { post } = setUp();
    const reply = await post();
    expect(reply).toEqual({
      status: 202,
      headers: { location: `/export/${idOf(reply)}/status`, 'retry-after': '2' },
      body: {
        exportId: idOf(reply),
        status: 'initiated',
        estimatedSize: 1200,
        estimatedCompletion: '2026-11-23T12:00:05.000Z',
      },
    });
  });

  it('makes one job, one execution and one event', async () => {
    const { post, jobs, workflow, events, membersOf } = setUp();
    const exportId = idOf(await post({ exportType: 'accounts_only', description: 'für 2026' }));
    const [job] = jobs.all();
    expect(job).toMatchObject({
      exportId,
      userId: A_USER,
      status: 'initiated',
      exportType: 'accounts_only',
      description: 'für 2026',
      requestedAt: NOON,
      correlationId: 'correlation-1',
      pendingEvents: {},
      dueAt: NOON + FOLLOW_UP_MS,
    });
    expect(workflow.started).toEqual([exportId]);
    expect(events.types()).toEqual(['export.initiated']);
    expect(await membersOf()).toEqual([exportId]);
  });

  it('writes the job before it starts the execution, and the event with the job', async () => {
    const { post, jobs, workflow, events } = setUp();
    workflow.failure = new ServiceUnavailable('The workflow service did not answer.');
    await expect(post()).rejects.toBe(workflow.failure);
    expect(jobs.all()).toHaveLength(1);
    expect(Object.keys(jobs.all()[0]?.pendingEvents ?? {})).toHaveLength(1);
    expect(events.types()).toEqual([]);
  });

  it('says that size and time are not known when they are not', async () => {
    const { post, estimating } = setUp();
    estimating.estimate = () => Promise.resolve({ size: null, duration: null });
    expect((await post()).body).toMatchObject({ estimatedSize: null, estimatedCompletion: null });
    estimating.estimate = () => Promise.reject(new ServiceUnavailable('No answer.'));
    expect((await post()).body).toMatchObject({ estimatedSize: null, estimatedCompletion: null });
  });

  it('is accepted although the bus is down: the event waits in the outbox', async () => {
    const { post, jobs, events } = setUp();
    events.down = true;
    expect((await post()).status).toBe(202);
    expect(Object.keys(jobs.all()[0]?.pendingEvents ?? {})).toHaveLength(1);
  });

  it.each<[string, unknown, Record<string, string>]>([
    ['a bad field', { exportType: 'x' }, {}],
    ['a bad field, with a key', { exportType: 'x' }, { 'idempotency-key': 'key-1' }],
    ['an empty key', {}, { 'idempotency-key': '' }],
    ['a key of 256 characters', {}, { 'idempotency-key': 'x'.repeat(256) }],
    ['a key with a space', {}, { 'idempotency-key': 'a b' }],
    ['a key that is not ASCII', {}, { 'idempotency-key': 'schlüssel' }],
  ])('with %s changes nothing', async (_, body, headers) => {
    const { post, jobs, workflow, membersOf } = setUp();
    await expect(post(body, { headers })).rejects.toMatchObject({ name: 'InvalidRequest' });
    expect([jobs.all(), workflow.started, await membersOf()]).toEqual([[], [], []]);
  });

  it('is accepted when the answer of the job’s write was lost and the write was sent again', async () => {
    const { post, jobs, workflow } = setUp();
    const create = jobs.create.bind(jobs);
    jobs.create = async (job) => {
      await create(job);
      throw new ExportAlreadyExists('An export with this id exists.');
    };
    const reply = await post();
    expect(reply.status).toBe(202);
    expect(workflow.started).toEqual([idOf(reply)]);
  });
});

describe('asking again with the same Idempotency-Key', () => {
  it('gives the same answer and makes nothing new', async () => {
    const { withKey, jobs, workflow, events, clock } = setUp();
    const first = await withKey('key-1', { description: 'x' });
    clock.instant += 1000;
    expect(await withKey('key-1', { description: 'x' })).toEqual(first);
    expect(idOf(first)).toMatch(UUID);
    expect([jobs.all().length, new Set(workflow.started).size, events.types()]).toEqual([
      1,
      1,
      ['export.initiated'],
    ]);
  });

  it('makes one job, however many ask at once', async () => {
    const { withKey, jobs, workflow, membersOf } = setUp(1);
    const replies = await Promise.all(Array.from({ length: 50 }, () => withKey('key-1')));
    expect(new Set(replies.map(idOf)).size).toBe(1);
    expect([jobs.all().length, new Set(workflow.started).size]).toEqual([1, 1]);
    expect(await membersOf()).toHaveLength(1);
  });

  it('takes defaults that are written out for the same request', async () => {
    const { withKey } = setUp();
    const first = await withKey('key-1');
    const spelled = { includeAnalytics: false, exportType: 'complete', exportFormat: 'zip' };
    expect(idOf(await withKey('key-1', spelled))).toBe(idOf(first));
  });

  it('for another request is refused, and changes nothing', async () => {
    const { withKey, jobs, workflow } = setUp();
    await withKey('key-1');
    const before = jobs.all();
    for (const body of [{ exportType: 'accounts_only' }, { includeAnalytics: true }, { description: '' }])
      await expect(withKey('key-1', body)).rejects.toMatchObject({ name: 'IdempotencyKeySpent' });
    expect(jobs.all()).toEqual(before);
    expect(workflow.started).toHaveLength(1);
  });

  it.each<[string, (exportId: string) => Parameters<InMemoryJobStore['put']>[0]]>([
    ['is being deleted', (exportId) => aDeletingJob({ exportId })],
    ['was deleted', (exportId) => aTombstone({ exportId })],
  ])('for an export that %s is refused: send a new key', async (_, then) => {
    const { withKey, jobs, workflow } = setUp();
    const exportId = idOf(await withKey('key-1'));
    jobs.put(then(exportId));
    await expect(withKey('key-1')).rejects.toMatchObject({
      name: 'IdempotencyKeySpent',
      message: expect.stringContaining('new key') as unknown,
    });
    expect(workflow.started).toHaveLength(1);
  });

  it('starts the execution that a request which died did not start', async () => {
    const { withKey, workflow, jobs } = setUp();
    workflow.failure = new ServiceUnavailable('The workflow service did not answer.');
    await expect(withKey('key-1')).rejects.toBe(workflow.failure);
    workflow.failure = undefined;
    const reply = await withKey('key-1');
    expect(workflow.started).toEqual([idOf(reply)]);
    expect(jobs.all()).toHaveLength(1);
  });

  it('starts nothing for a job that is on its way or done', async () => {
    const { withKey, jobs, workflow } = setUp();
    const exportId = idOf(await withKey('key-1'));
    const { requestHash } = jobs.all()[0] as ExportJob;
    for (const job of [aProcessingJob({ exportId, requestHash }), aCompletedJob({ exportId, requestHash })]) {
      jobs.put(job);
      expect((await withKey('key-1')).body).toMatchObject({ exportId, status: 'initiated' });
    }
    expect(workflow.started).toHaveLength(1);
  });

  it('means another export for another user', async () => {
    const { withKey } = setUp();
    const mine = await withKey('key-1');
    const theirs = await withKey('key-1', { exportType: 'accounts_only' }, { userId: 'somebody-else' });
    expect(idOf(theirs)).not.toBe(idOf(mine));
  });
});

describe('an export whose execution cannot be started', () => {
  const refused = new AccessRefused('The workflow service refused access.');
  const ended = new ExecutionEnded('The execution of this export is ABORTED.');

  it('is refused, failed for its user to see, and takes no place', async () => {
    const { post, jobs, workflow, events, membersOf } = setUp(1);
    workflow.failure = refused;
    await expect(post()).rejects.toBe(refused);
    expect(jobs.all()).toMatchObject([
      {
        status: 'failed',
        completedAt: NOON,
        error: expect.stringContaining('could not be started') as unknown,
        errorDetails: { code: 'ExecutionNotStarted' },
        pendingEvents: {},
      },
    ]);
    expect(events.types()).toEqual(['export.initiated', 'export.failed']);
    expect(await membersOf()).toEqual([]);
    workflow.failure = undefined;
    expect((await post()).status).toBe(202);
  });

  it('is told by its status when the execution ended before the job began', async () => {
    const { withKey, jobs, workflow, membersOf } = setUp();
    workflow.failure = new ServiceUnavailable('The workflow service did not answer.');
    await expect(withKey('key-1')).rejects.toBe(workflow.failure);
    expect(jobs.all()).toMatchObject([{ status: 'initiated' }]);
    workflow.failure = ended;
    const reply = await withKey('key-1');
    expect([reply.status, reply.headers?.['location']]).toEqual([202, `/export/${idOf(reply)}/status`]);
    expect(jobs.all()).toMatchObject([{ exportId: idOf(reply), status: 'failed' }]);
    expect(await membersOf()).toEqual([]);
  });

  it.each([[aProcessingJob], [aCompletedJob], [aDeletingJob]])(
    'is left as it is when it got further meanwhile: %#',
    async (further) => {
      const { withKey, jobs, workflow, events, membersOf } = setUp();
      const exportId = idOf(await withKey('key-1'));
      const published = events.types();
      const now = further({ exportId });
      workflow.start = () => {
        jobs.put(now);
        return Promise.reject(ended);
      };
      expect((await withKey('key-1')).status).toBe(202);
      expect(jobs.all()).toEqual([now]);
      expect(events.types()).toEqual(published);
      expect(await membersOf()).toEqual([exportId]);
    },
  );
});

describe('an export whose job cannot be written', () => {
  const broken = new Error('Too large a number.');
  const refused = new AccessRefused('The table of export jobs refused access.');

  it.each([[broken], [refused]])('takes no place: %s', async (failure) => {
    const { post, jobs, membersOf } = setUp(1);
    const create = jobs.create.bind(jobs);
    jobs.create = () => Promise.reject(failure);
    await expect(post()).rejects.toBe(failure);
    expect(await membersOf()).toEqual([]);
    jobs.create = create;
    expect((await post()).status).toBe(202);
  });

  it('keeps its place when the write may still arrive', async () => {
    const { post, jobs, membersOf } = setUp(1);
    const failure = new ServiceUnavailable('The table of export jobs did not answer.');
    jobs.create = () => Promise.reject(failure);
    await expect(post()).rejects.toBe(failure);
    expect(await membersOf()).toHaveLength(1);
  });

  it('keeps its place when the job is there after all', async () => {
    const { post, jobs, membersOf } = setUp(1);
    const create = jobs.create.bind(jobs);
    jobs.create = async (job) => {
      await create(job);
      throw refused;
    };
    await expect(post()).rejects.toBe(refused);
    expect(await membersOf()).toEqual(jobs.all().map(({ exportId }) => exportId));
    expect(await membersOf()).toHaveLength(1);
  });

  it('keeps its place when nobody can tell whether the job is there', async () => {
    const { post, jobs, log, membersOf } = setUp(1);
    jobs.create = () => Promise.reject(broken);
    jobs.find = () => Promise.reject(refused);
    await expect(post()).rejects.toBe(broken);
    expect(await membersOf()).toHaveLength(1);
    expect(log.lines).toEqual([expect.stringContaining('AccessRefused')]);
  });

  it('says what went wrong first when the place cannot be given back either', async () => {
    const { post, jobs, activeExports } = setUp(1);
    jobs.create = () => Promise.reject(broken);
    activeExports.release = () => Promise.reject(refused);
    await expect(post()).rejects.toBe(broken);
  });
});

describe('asking for more exports than may be active', () => {
  it('is refused, and leaves no trace', async () => {
    const { post, jobs, workflow, membersOf } = setUp();
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => post()));
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [nameOf(answer.reason)] : [],
    );
    expect(refused).toEqual(Array<string>(8).fill('ActiveExportLimitReached'));
    expect([jobs.all().length, workflow.started.length, (await membersOf()).length]).toEqual([2, 2, 2]);
  });

  it('is refused before anything is read of the household, however often somebody asks', async () => {
    const { post, estimating } = setUp(1);
    await post();
    let estimates = 0;
    estimating.estimate = () => {
      estimates += 1;
      return Promise.resolve(ESTIMATE);
    };
    await expect(post()).rejects.toMatchObject({ name: 'ActiveExportLimitReached' });
    expect(estimates).toBe(0);
  });

  it('does not keep a user from repeating a request that was accepted', async () => {
    const { post, withKey } = setUp();
    const first = await withKey('key-1');
    await post();
    expect(await withKey('key-1')).toEqual(first);
  });

  it('does not concern other users', async () => {
    const { post } = setUp(1);
    await post();
    expect((await post(undefined, { userId: 'somebody-else' })).status).toBe(202);
  });

  it('is accepted again when an export has ended, even where its place was not given back', async () => {
    const { post, jobs, membersOf } = setUp(1);
    const first = idOf(await post());
    jobs.put(aCompletedJob({ exportId: first }));
    const second = idOf(await post());
    expect(await membersOf()).toEqual([second]);
    jobs.put(aTombstone({ exportId: second }));
    expect((await post()).status).toBe(202);
  });

  it('is refused while one is being erased, because its functions may still run', async () => {
    const { post, jobs } = setUp(1);
    jobs.put(aDeletingJob({ exportId: idOf(await post()) }));
    await expect(post()).rejects.toMatchObject({ name: 'ActiveExportLimitReached' });
  });

  it('takes a place that was reserved without a job only after two minutes', async () => {
    const { post, activeExports, clock, membersOf } = setUp(1);
    await activeExports.reserve(A_USER, 'died-before-its-job', { cap: 1, now: NOON });
    clock.instant = NOON + FOLLOW_UP_MS - 1;
    await expect(post()).rejects.toMatchObject({ name: 'ActiveExportLimitReached' });
    clock.instant = NOON + FOLLOW_UP_MS;
    const exportId = idOf(await post());
    expect(await membersOf()).toEqual([exportId]);
  });
});
