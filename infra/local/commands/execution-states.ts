import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  paginateGetExecutionHistory,
  type DescribeExecutionCommandOutput,
  type HistoryEvent,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { executionArnOf } from '../local-identity.ts';
import { CommandFailed, printable } from './command-line.ts';
import { elapsedText, instantText } from './execution-list.ts';
import { jobSummary } from './job-summary.ts';
import type { OperatorAccess } from './operator-access.ts';
import { durationText } from './quantities.ts';
import { stateVisits, type StateVisit } from './state-visits.ts';
import { textTable } from './text-table.ts';

const LONGEST_ERROR = 160;

const describe = async (sfn: SFNClient, executionArn: string): Promise<DescribeExecutionCommandOutput> => {
  try {
    return await sfn.send(new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }));
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) {
      throw new CommandFailed('There is no execution for this export. npm run status lists those there are.');
    }
    throw error;
  }
};

const historyOf = async (sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> => {
  const events: HistoryEvent[] = [];
  // Inputs and outputs are not shown, so they are not fetched.
  const query = { executionArn, maxResults: 1000, includeExecutionData: false };
  for await (const page of paginateGetExecutionHistory({ client: sfn }, query)) {
    events.push(...(page.events ?? []));
  }
  return events;
};

const shortened = (text: string): string => {
  const line = printable(text);
  return line.length > LONGEST_ERROR ? `${line.slice(0, LONGEST_ERROR)}…` : line;
};

const outcome = ({ failure, exitedAt }: StateVisit, isRunning: boolean): string => {
  if (exitedAt !== undefined) return failure === undefined ? 'done' : `caught ${shortened(failure)}`;
  if (isRunning) return 'running';
  return failure === undefined ? 'not finished' : 'failed';
};

const visitRow = (visit: StateVisit, startedAt: number, isRunning: boolean): string[] => {
  const { name, depth, enteredAt, exitedAt, calls, errors } = visit;
  return [
    `${'  '.repeat(depth)}${name}`,
    `+${durationText(enteredAt - startedAt)}`,
    exitedAt === undefined ? '' : durationText(exitedAt - enteredAt),
    calls === 0 ? '' : String(calls),
    errors.length === 0 ? '' : String(errors.length),
    outcome(visit, isRunning),
  ];
};

const errorLines = (visits: readonly StateVisit[]): string[] => {
  const lines = visits.flatMap(({ name, errors }) => errors.map((error) => `  ${name}: ${shortened(error)}`));
  return lines.length === 0 ? [] : ['', 'Errors, the first first:', ...lines];
};

/** One export's execution: its states with times, calls and errors. @throws CommandFailed when there is none */
export const executionStates = async (access: OperatorAccess, exportId: string): Promise<string[]> => {
  const executionArn = executionArnOf(access.stateMachineArn, exportId);
  const execution = await describe(access.sfn, executionArn);
  const { status = '', startDate, stopDate, error } = execution;
  const job = await jobSummary(access, exportId);
  const visits = stateVisits(await historyOf(access.sfn, executionArn));
  const rows = visits.map((visit) => visitRow(visit, startDate?.getTime() ?? 0, status === 'RUNNING'));
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
