import {
  ActiveExportLimitReached,
  ExecutionEnded,
  ExportAlreadyExists,
  IdempotencyKeySpent,
  InvalidRequest,
  ServiceUnavailable,
} from '../../shared/domain/errors.ts';
import { exportInitiated, pendingEvents } from '../../shared/domain/events.ts';
import {
  initiateJob,
  requestHash,
  type ExportJob,
  type InitiatedJob,
  type Tombstone,
} from '../../shared/domain/export-job.ts';
import { parseExportRequest, type ExportRequest } from '../../shared/domain/export-request.ts';
import { nameBasedUuid } from '../../shared/domain/name-based-uuid.ts';
import { POLL_SECONDS, type ApiReply, type ApiRequest } from '../../shared/http.ts';
import type { ActiveExports, Clock, JobStore, Log, Metrics, Workflow } from '../../shared/ports.ts';
import type { Estimate, EstimateExport } from '../../shared/use-cases/estimate-export.ts';
import { createFindStalePlaces } from '../../shared/use-cases/find-stale-places.ts';
import { createMarkFailed } from '../../shared/use-cases/mark-failed.ts';
import type { PublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly activeExports: ActiveExports;
  readonly workflow: Workflow;
  readonly estimate: EstimateExport;
  readonly publish: PublishPendingEvents;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly newId: () => string;
  /** How many exports of one user may be active at a time. */
  readonly activeExportCap: number;
}

/** 1 to 255 visible ASCII characters, as the Idempotency-Key draft and common practice have it. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

const idempotencyKeyOf = ({ headers }: ApiRequest): string | undefined => {
  const key = headers['idempotency-key'];
  if (key !== undefined && !IDEMPOTENCY_KEY.test(key)) {
    throw new InvalidRequest([], 'The header Idempotency-Key must hold 1 to 255 visible ASCII characters.');
  }
  return key;
};

/** The job behind a key that was used before, when it was used for the same request. */
const replayed = (job: ExportJob | Tombstone, request: ExportRequest): ExportJob => {
  if (job.status === 'deleted' || job.status === 'deleting') {
    throw new IdempotencyKeySpent('The export with this Idempotency-Key was deleted. Send a new key.');
  }
  if (job.requestHash !== requestHash(request)) {
    throw new IdempotencyKeySpent('This Idempotency-Key was used for another request. Send a new key.');
  }
  return job;
};

const accepted = ({ exportId, estimatedSize, estimatedCompletion }: ExportJob): ApiReply => ({
  status: 202,
  headers: { location: `/export/${exportId}/status`, 'retry-after': String(POLL_SECONDS) },
  body: {
    exportId,
    status: 'initiated',
    estimatedSize,
    estimatedCompletion: estimatedCompletion === null ? null : new Date(estimatedCompletion).toISOString(),
  },
});

/** Accepts an export once, however often and from wherever the same request arrives, and starts its one execution. */
export const createStartExport = (dependencies: Dependencies) => {
  const { jobs, activeExports, workflow, estimate, publish } = dependencies;
  const { clock, log, metrics, newId, activeExportCap } = dependencies;
  const findStalePlaces = createFindStalePlaces({ jobs, clock });

  /** Refusing costs a user's every further request a few reads, and no write. */
  const mayHavePlace = async (userId: string, exportId: string): Promise<boolean> => {
    const members = await activeExports.members(userId);
    if (members.size < activeExportCap || members.has(exportId)) return true;
    const stale = await findStalePlaces(members);
    await activeExports.release(userId, stale);
    return stale.length > 0;
  };

  const reserve = async (userId: string, exportId: string): Promise<void> => {
    const limits = { cap: activeExportCap, now: clock.now() };
    const reserved =
      (await mayHavePlace(userId, exportId)) && (await activeExports.reserve(userId, exportId, limits));
    if (reserved) return;
    throw new ActiveExportLimitReached(
      `At most ${activeExportCap} exports can be active at a time. Wait for one to finish, or delete one.`,
    );
  };

  /** An estimate is a courtesy: when the application's tables do not answer now, they may when the export reads them. */
  const estimateIfPossible = async (userId: string, wanted: ExportRequest): Promise<Estimate> => {
    try {
      return await estimate(userId, wanted);
    } catch (error) {
      log.failure('An export starts without an estimate.', error);
      return { size: null, duration: null };
    }
  };

  /** A place without a job would keep its user out for minutes; one whose job may be there after all stays taken. */
  const giveBackPlace = async ({ exportId, userId }: ExportJob): Promise<void> => {
    try {
      if ((await jobs.find(exportId)) === undefined) await activeExports.release(userId, [exportId]);
    } catch (error) {
      log.failure('The place of an export without a job may not have been given back.', error);
    }
  };

  const write = async (job: InitiatedJob): Promise<void> => {
    try {
      await jobs.create(job);
    } catch (error) {
      // After this one the write may still arrive, even when the job is not there yet.
      if (!(error instanceof ServiceUnavailable)) await giveBackPlace(job);
      throw error;
    }
  };

  const markFailed = createMarkFailed({ jobs, clock, metrics });

  /** Nothing can run this export any more: its job says so, and takes nobody's place. */
  const giveUp = async ({ exportId, userId }: ExportJob): Promise<void> => {
    const job = await jobs.find(exportId);
    if (job?.status !== 'initiated') return;
    const ended = await markFailed(job, 'ExecutionNotStarted');
    if (ended?.status !== 'failed') return;
    await publish(ended);
    await activeExports.release(userId, [exportId]);
  };

  /** An execution that ended before the job began is told by the job's status, like any other that fails. */
  const startExecution = async (job: ExportJob): Promise<void> => {
    try {
      await workflow.start(job);
    } catch (error) {
      // The execution may run all the same; whoever repeats the request finds out.
      if (error instanceof ServiceUnavailable) throw error;
      log.failure('The execution of an export cannot be started.', error);
      await giveUp(job);
      if (!(error instanceof ExecutionEnded)) throw error;
    }
  };

  const create = async (request: ApiRequest, wanted: ExportRequest, exportId: string): Promise<ExportJob> => {
    const { userId, correlationId, requestId } = request;
    // First, so that a user who asks a thousand times is refused without reading the application's tables as often.
    await reserve(userId, exportId);
    const { size, duration } = await estimateIfPossible(userId, wanted);
    const requestedAt = clock.now();
    const job = initiateJob({
      exportId,
      userId,
      request: wanted,
      requestedAt,
      correlationId,
      estimatedSize: size,
      estimatedCompletion: duration === null ? null : requestedAt + duration,
      pendingEvents: pendingEvents(
        exportInitiated(
          { exportId, userId, correlationId, ...wanted },
          { timestamp: requestedAt, requestId },
        ),
      ),
    });
    await write(job);
    metrics.record({ ExportsStarted: 1 });
    await startExecution(job);
    await publish(job);
    return job;
  };

  /** A request that died between its two writes left a job that was never started; whoever repeats it starts it. */
  const replay = async (known: ExportJob | Tombstone, wanted: ExportRequest): Promise<ExportJob> => {
    const job = replayed(known, wanted);
    if (job.status === 'initiated') await startExecution(job);
    return job;
  };

  return async (request: ApiRequest): Promise<ApiReply> => {
    const wanted = parseExportRequest(request.body);
    const key = idempotencyKeyOf(request);
    const exportId = key === undefined ? newId() : nameBasedUuid('export', request.userId, key);
    log.about({ exportId, userId: request.userId, correlationId: request.correlationId });
    const known = key === undefined ? undefined : await jobs.find(exportId);
    if (known !== undefined) return accepted(await replay(known, wanted));
    try {
      return accepted(await create(request, wanted, exportId));
    } catch (error) {
      // Another request with this key was first, or the SDK has sent a write again whose answer was lost.
      const winner = error instanceof ExportAlreadyExists ? await jobs.find(exportId) : undefined;
      if (winner === undefined) throw error;
      return accepted(await replay(winner, wanted));
    }
  };
};
