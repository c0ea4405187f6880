import type { ExecutionListItem } from '@aws-sdk/client-sfn';
import { listedExecutions, type OperatorAccess } from '../operators-view/execution-reader.ts';
import { jobSummary } from '../operators-view/job-summary.ts';
import { durationText } from './quantities.ts';
import { textTable } from './text-table.ts';

/** 2026-11-23 08:15:02 UTC. */
export const instantText = (instant: Date | undefined): string =>
  instant === undefined ? '' : `${instant.toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** From start to stop, or till now while it runs. */
export const elapsedText = (start: Date | undefined, stop: Date | undefined): string =>
  start === undefined ? '' : durationText((stop?.getTime() ?? Date.now()) - start.getTime());

const row = async (access: OperatorAccess, execution: ExecutionListItem): Promise<string[]> => {
  const { name = '', status = '', startDate, stopDate } = execution;
  const job = await jobSummary(access, name);
  return [
    name,
    status,
    instantText(startDate),
    elapsedText(startDate, stopDate),
    job.status,
    job.progress,
    job.phase,
  ];
};

/** The newest executions with their jobs, as a table. */
export const executionList = async (access: OperatorAccess, limit: number): Promise<string[]> => {
  const { executions = [], nextToken } = (await listedExecutions(access, { limit })) ?? {};
  if (executions.length === 0) return ['No export has been started yet.'];
  const table = textTable(
    [
      { title: 'Export' },
      { title: 'Execution' },
      { title: 'Started' },
      { title: 'Duration', align: 'right' },
      { title: 'Job' },
      { title: '%', align: 'right' },
      { title: 'Phase' },
    ],
    await Promise.all(executions.map((execution) => row(access, execution))),
  );
  return nextToken === undefined ? table : [...table, `Older ones are not shown; --limit shows more.`];
};
