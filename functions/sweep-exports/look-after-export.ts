import { ExportStateConflict } from '../../shared/domain/errors.ts';
import { exportExpired, pendingEvents } from '../../shared/domain/events.ts';
import {
  FOLLOW_UP_MS,
  type CompletedJob,
  type ExpiredJob,
  type ExportJob,
  type Tombstone,
} from '../../shared/domain/export-job.ts';
import {
  isUnfinished,
  stepForEnded,
  stepForUnfinished,
  type SettledJob,
  type SweepStep,
  type UnfinishedJob,
} from '../../shared/domain/sweep-step.ts';
import type {
  ActiveExports,
  ArtifactStore,
  Clock,
  JobStore,
  Log,
  Metrics,
  Workflow,
} from '../../shared/ports.ts';
import { createEraseExport } from '../../shared/use-cases/erase-export.ts';
import { createMarkFailed } from '../../shared/use-cases/mark-failed.ts';
import type { PublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';
import { createSettleExport } from '../../shared/use-cases/settle-export.ts';
import type { Looked } from './looked.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly activeExports: ActiveExports;
  readonly artifacts: ArtifactStore;
  readonly workflow: Workflow;
  readonly publish: PublishPendingEvents;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How long after a job was closed a function of its execution may still be writing. */
  readonly lateWriterMs: number;
}

type LookAfterExport = (exportId: string) => Promise<Looked>;

/** Does for an export what is to be done for it now. All of it may be done twice, and by two at once. */
export const createLookAfterExport = (dependencies: Dependencies): LookAfterExport => {
  const { jobs, workflow, publish, clock, log, metrics, lateWriterMs } = dependencies;
  const markFailed = createMarkFailed({ ...dependencies, alsoMeasured: { StuckExports: 1 } });
  const settle = createSettleExport(dependencies);
  const erase = createEraseExport(dependencies);

  const stepFor = async (row: ExportJob | Tombstone): Promise<SweepStep> => {
    if (!isUnfinished(row)) return stepForEnded(row, { now: clock.now(), lateWriterMs });
    return stepForUnfinished(row, await workflow.executionOf(row.exportId), clock.now());
  };

  /** A failed export's execution may still run, where it was failed for having run too long. */
  const stopAndSettle = async (job: SettledJob): Promise<boolean> => {
    if (job.status === 'failed') await workflow.stop(job.exportId, 'ExportFailed');
    return settle(job);
  };

  const fail = async (job: UnfinishedJob, errorName: string): Promise<void> => {
    log.warn('An export is failed that nothing else would have ended.', {
      status: job.status,
      errorName,
    });
    const row = await markFailed(job, errorName);
    if (row?.status === 'failed') await stopAndSettle(row);
  };

  const expire = async (job: CompletedJob): Promise<void> => {
    const timestamp = clock.now();
    const expired: ExpiredJob = {
      ...job,
      status: 'expired',
      dueAt: timestamp + FOLLOW_UP_MS,
      pendingEvents: { ...job.pendingEvents, ...pendingEvents(exportExpired(job, { timestamp })) },
    };
    try {
      await jobs.expire(expired);
    } catch (error) {
      if (error instanceof ExportStateConflict) return; // deleted meanwhile, or expired by another sweep
      throw error;
    }
    await settle(expired);
  };

  const take = async (step: SweepStep): Promise<Looked> => {
    const { act, job } = step;
    switch (act) {
      case 'wait':
        return { act, complete: await publish(job), next: { at: step.lookAgainAt } };
      case 'start':
        await workflow.start(job.exportId);
        metrics.record({ StuckExports: 1 });
        return { act, complete: await publish(job), next: { at: step.lookAgainAt } };
      case 'fail':
        await fail(job, step.errorName);
        return { act, complete: true };
      case 'settle':
        return { act, complete: await stopAndSettle(job), next: { at: step.lookAgainAt } };
      case 'expire':
        await expire(job);
        return { act, complete: true };
      case 'erase':
        if (await erase(job)) return { act, complete: true };
        return { act: 'settle', complete: true, next: { at: step.lookAgainAt } };
      case 'publish':
        return { act, complete: await publish(job), next: { at: undefined } };
    }
  };

  return async (exportId) => {
    log.about({ exportId });
    const row = await jobs.find(exportId);
    if (row !== undefined) log.about(row);
    const waiting = Object.keys(row?.pendingEvents ?? {}).length;
    if (waiting > 0) metrics.record({ EventsNotPublished: waiting });
    return row === undefined
      ? { act: 'publish', complete: true, next: { at: undefined } }
      : take(await stepFor(row));
  };
};
