import { ExportClosed } from '../../shared/domain/errors.ts';
import { RUN_CHECK_MS } from '../../shared/domain/export-job.ts';
import { sectionsOf } from '../../shared/domain/export-request.ts';
import { selectionOf } from '../../shared/domain/selection.ts';
import type { Clock, HouseholdSource, JobStore, Log, Metrics } from '../../shared/ports.ts';
import { isExecutionOf, type BeginInput, type ExportRun } from '../../shared/workflow/contracts.ts';
import { transactionParts } from './transaction-parts.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly source: HouseholdSource;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** About so many a part; as many parts as that makes. */
  readonly transactionsPerPart: number;
}

/**
 * Takes the job into processing, makes sure before anything is read that the indexes can show everything, and cuts the
 * transactions into the parts in which they are collected.
 */
export const createBeginExport =
  ({ jobs, source, clock, log, metrics, transactionsPerPart }: Dependencies) =>
  async ({ exportId, executionArn }: BeginInput): Promise<ExportRun> => {
    if (!isExecutionOf(executionArn, exportId))
      throw new ExportClosed('This is not the export’s own execution.');
    const startedAt = clock.now();
    const job = await jobs.begin(exportId, { executionArn, startedAt, dueAt: startedAt + RUN_CHECK_MS });
    log.about(job);
    // A repeated attempt finds the start of the first one.
    const isFirst = 'startedAt' in job && job.startedAt === startedAt;
    if (isFirst) metrics.record({ TimeToStart: startedAt - job.requestedAt });
    const sections = [...sectionsOf(job)];
    await source.assertComplete(sections);
    const { userId, correlationId, includeAnalytics } = job;
    const parts = sections.includes('transactions')
      ? transactionParts(
          await source.transactionEnds(userId, selectionOf(job.parameters)),
          transactionsPerPart,
        )
      : [];
    return { exportId, userId, correlationId, sections, includeAnalytics, transactionParts: parts };
  };
