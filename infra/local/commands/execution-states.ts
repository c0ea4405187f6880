import {
  describedExecution,
  executionHistory,
  type OperatorAccess,
} from '../operators-view/execution-reader.ts';
import { jobSummary } from '../operators-view/job-summary.ts';
import { errorText, stateVisits, visitStatus, type StateVisit } from '../operators-view/state-visits.ts';
import { CommandFailed, printable } from './command-line.ts';
import { elapsedText, instantText } from './execution-list.ts';
import { durationText } from './quantities.ts';
import { textTable } from './text-table.ts';

const LONGEST_ERROR = 160;

const shortened = (text: string): string => {
  const line = printable(text);
  return line.length > LONGEST_ERROR ? `${line.slice(0, LONGEST_ERROR)}…` : line;
};

const outcome = (visit: StateVisit): string => {
  switch (visitStatus(visit)) {
    case 'succeeded':
    case 'retried':
      return 'done';
    case 'caught':
      return visit.failure === undefined ? 'caught' : `caught ${shortened(errorText(visit.failure))}`;
    case 'failed':
      return 'failed';
    case 'aborted':
      return 'not finished';
    case 'running':
    case 'retrying':
      return 'running';
  }
};

const visitRow = (visit: StateVisit, startedAt: number): string[] => {
  const { name, depth, enteredAt, exitedAt, calls, errors } = visit;
  return [
    `${'  '.repeat(depth)}${name}`,
    `+${durationText(enteredAt - startedAt)}`,
    exitedAt === undefined ? '' : durationText(exitedAt - enteredAt),
    calls === 0 ? '' : String(calls),
    errors.length === 0 ? '' : String(errors.length),
    outcome(visit),
  ];
};

const errorLines = (visits: readonly StateVisit[]): string[] => {
  const lines = visits.flatMap(({ name, errors }) =>
    errors.map((error) => `  ${name}: ${shortened(errorText(error))}`),
  );
  return lines.length === 0 ? [] : ['', 'Errors, the first first:', ...lines];
};

/** One export's execution: its states with times, calls and errors. @throws CommandFailed when there is none */
export const executionStates = async (access: OperatorAccess, exportId: string): Promise<string[]> => {
  const execution = await describedExecution(access, exportId);
  if (execution === undefined) {
    throw new CommandFailed('There is no execution for this export. npm run status lists those there are.');
  }
  const { status = '', startDate, stopDate, error } = execution;
  const job = await jobSummary(access, exportId);
  const visits = stateVisits(await executionHistory(access, exportId, false));
  const rows = visits.map((visit) => visitRow(visit, startDate?.getTime() ?? 0));
  return [
    `Export ${exportId}`,
    `Job: ${job.status}${job.progress === '' ? '' : `, ${job.progress} %`}${job.phase === '' ? '' : `, ${job.phase}`}`,
    `Execution: ${status}${error === undefined ? '' : ` (${shortened(error)})`}, started ${instantText(startDate)}, ` +
      `took ${elapsedText(startDate, stopDate)}${status === 'RUNNING' ? ' so far' : ''}`,
    '',
    ...textTable(
      [
        { title: 'State' },
        { title: 'Entered', align: 'right' },
        { title: 'Duration', align: 'right' },
        { title: 'Calls', align: 'right' },
        { title: 'Errors', align: 'right' },
        { title: 'Outcome' },
      ],
      rows,
    ),
    ...errorLines(visits),
  ];
};
