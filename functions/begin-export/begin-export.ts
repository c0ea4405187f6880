import { ExportClosed } from '../../shared/domain/errors.ts';
import { RUN_CHECK_MS } from '../../shared/domain/export-job.ts';
import { sectionsOf } from '../../shared/domain/export-request.ts';
import type { Clock, HouseholdSource, JobStore } from '../../shared/ports.ts';
import { isExecutionOf, type BeginInput, type ExportRun } from '../../shared/workflow/contracts.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly source: HouseholdSource;
  readonly clock: Clock;
}

/** Takes the job into processing, and makes sure before anything is read that the indexes can show everything. */
export const createBeginExport =
  ({ jobs, source, clock }: Dependencies) =>
  async ({ exportId, executionArn }: BeginInput): Promise<ExportRun> => {
    if (!isExecutionOf(executionArn, exportId))
      throw new ExportClosed('This is not the export’s own execution.');
    const startedAt = clock.now();
    const job = await jobs.begin(exportId, { executionArn, startedAt, dueAt: startedAt + RUN_CHECK_MS });
    const sections = [...sectionsOf(job)];
    await source.assertComplete(sections);
    return { exportId, userId: job.userId, sections, includeAnalytics: job.includeAnalytics };
  };
