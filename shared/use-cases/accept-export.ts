import {
  ActiveExportLimitReached,
  ExecutionEnded,
  ExportAlreadyExists,
  ServiceUnavailable,
} from '../domain/errors.ts';
import { exportInitiated, pendingEvents } from '../domain/events.ts';
import { initiateJob, type ExportJob, type InitiatedJob, type Tombstone } from '../domain/export-job.ts';
import type { ExportRequest } from '../domain/export-request.ts';
import type { ActiveExports, Clock, JobStore, Log, Metrics, Workflow } from '../ports.ts';
import type { Estimate } from './estimate-export.ts';
import { createFindStalePlaces } from './find-stale-places.ts';
import { createMarkFailed } from './mark-failed.ts';
import type { PublishPendingEvents } from './publish-pending-events.ts';

export interface AcceptExportDependencies {
  readonly jobs: JobStore;
  readonly activeExports: ActiveExports;
  readonly workflow: Workflow;
  readonly publish: PublishPendingEvents;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How many exports of one user may be active at a time. */
  readonly activeExportCap: number;
}

export interface WantedExport {
  readonly exportId: string;
  readonly userId: string;
  readonly request: ExportRequest;
  readonly correlationId: string;
  /** What asks for it: the id of a request or of an event. */
  readonly causationId: string;
  /** The failed export that this one repeats. */
  readonly retryOf?: string;
  /** Asked when the export has its place, and not before. */
  readonly estimate: () => Promise<Estimate>;
  /** Judges what is there under this id already: the same export, or an error that says why not. */
  readonly recognize: (known: ExportJob | Tombstone) => ExportJob;
}

/** Accepts an export once, however often and from wherever the same one is wanted, and starts its one execution. */
export const createAcceptExport = (dependencies: AcceptExportDependencies) => {
  const { jobs, activeExports, workflow, publish, clock, log, metrics, activeExportCap } = dependencies;
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
      await workflow.start(job.exportId);
    } catch (error) {
      // The execution may run all the same; whoever repeats the request finds out.
      if (error instanceof ServiceUnavailable) throw error;
      log.failure('The execution of an export cannot be started.', error);
      await giveUp(job);
      if (!(error instanceof ExecutionEnded)) throw error;
    }
  };

  const create = async (wanted: WantedExport): Promise<ExportJob> => {
    const { exportId, userId, request, correlationId, causationId, retryOf, estimate } = wanted;
    const about = { exportId, userId, correlationId, ...(retryOf === undefined ? {} : { retryOf }) };
    // First, so that a user who asks a thousand times is refused without reading the application's tables as often.
    await reserve(userId, exportId);
    const { size, duration } = await estimate();
    const requestedAt = clock.now();
    const job = initiateJob({
      ...about,
      request,
      requestedAt,
      estimatedSize: size,
      estimatedCompletion: duration === null ? null : requestedAt + duration,
      pendingEvents: pendingEvents(
        exportInitiated({ ...about, ...request }, { timestamp: requestedAt, requestId: causationId }),
      ),
    });
    await write(job);
    metrics.record({ ExportsStarted: 1 });
    await startExecution(job);
    await publish(job);
    return job;
  };

  /** Whoever died between the two writes left a job that was never started; whoever wants the same starts it. */
  const resume = async (job: ExportJob): Promise<ExportJob> => {
    if (job.status === 'initiated') await startExecution(job);
    return job;
  };

  /** @throws ActiveExportLimitReached, and what `recognize` throws */
  const accept = async (wanted: WantedExport): Promise<ExportJob> => {
    try {
      return await create(wanted);
    } catch (error) {
      // Somebody else who wants the same was first, or the SDK has sent a write again whose answer was lost.
      const winner = error instanceof ExportAlreadyExists ? await jobs.find(wanted.exportId) : undefined;
      if (winner === undefined) throw error;
      return resume(wanted.recognize(winner));
    }
  };

  return { accept, resume };
};
