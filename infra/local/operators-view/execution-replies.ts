import type { DescribeExecutionCommandOutput, ExecutionListItem, HistoryEvent } from '@aws-sdk/client-sfn';
import {
  statesOf,
  type EventReport,
  type EventsPage,
  type ExecutionReply,
  type ExecutionReport,
  type ExecutionsReply,
  type StateError,
} from '../../web/browser/executions/replies.ts';
import {
  describedExecution,
  executionDefinition,
  executionHistory,
  listedExecutions,
  type OperatorAccess,
  type WantedExecutions,
} from './execution-reader.ts';
import { jobSummary } from './job-summary.ts';
import { stateReport } from './state-reports.ts';
import { bytesOf, causeMessage, errorText, executionTrace, failureOf } from './state-visits.ts';
import { workflowOf } from './workflow-of.ts';

/** Events on one page of them. */
export const EVENTS_PAGE = 100;

type Described = Partial<Pick<ExecutionListItem, 'name' | 'status' | 'startDate' | 'stopDate'>>;

const executionReport = async (access: OperatorAccess, execution: Described): Promise<ExecutionReport> => {
  const { name = '', status = '', startDate, stopDate } = execution;
  return {
    exportId: name,
    status,
    startedAt: startDate?.getTime() ?? 0,
    endedAt: stopDate?.getTime() ?? null,
    job: await jobSummary(access, name),
  };
};

/** A page of the executions, the newest first; undefined where the token is none. */
export const executionsReply = async (
  access: OperatorAccess,
  wanted: WantedExecutions,
): Promise<ExecutionsReply | undefined> => {
  const page = await listedExecutions(access, wanted);
  if (page === undefined) return undefined;
  const { executions = [], nextToken = null } = page;
  return {
    executions: await Promise.all(executions.map((execution) => executionReport(access, execution))),
    nextToken,
    now: Date.now(),
  };
};

const dataOf = (event: HistoryEvent): string | undefined =>
  event.executionStartedEventDetails?.input ??
  event.executionSucceededEventDetails?.output ??
  event.stateEnteredEventDetails?.input ??
  event.stateExitedEventDetails?.output ??
  event.lambdaFunctionScheduledEventDetails?.input ??
  event.lambdaFunctionSucceededEventDetails?.output ??
  event.taskScheduledEventDetails?.parameters ??
  event.taskSucceededEventDetails?.output;

const eventReport = (event: HistoryEvent, state = ''): EventReport => {
  const failure = failureOf(event);
  return {
    id: event.id ?? 0,
    type: event.type ?? '',
    state,
    at: event.timestamp?.getTime() ?? 0,
    bytes: bytesOf(dataOf(event)) ?? null,
    error: failure === undefined ? '' : errorText(failure),
  };
};

/** The page that event number `first` begins. */
const eventsPage = (
  events: readonly HistoryEvent[],
  stateOfEvent: ReadonlyMap<number, string>,
  first: number,
): EventsPage => ({
  total: events.length,
  first,
  items: events
    .slice(first - 1, first - 1 + EVENTS_PAGE)
    .map((event) => eventReport(event, stateOfEvent.get(event.id ?? 0))),
});

/** What ended an execution that did not end well. */
const endingError = (execution: DescribeExecutionCommandOutput): StateError | null => {
  const { status, error, cause, stopDate } = execution;
  if (error === undefined && cause === undefined) return null;
  return { at: stopDate?.getTime() ?? 0, error: error ?? String(status), message: causeMessage(cause) };
};

/**
 * One execution: its workflow, how each state of it stands, and a page of its events.
 * @param firstEvent number of the page's first event, from 1
 * @returns undefined where there is no such execution
 */
export const executionReply = async (
  access: OperatorAccess,
  exportId: string,
  firstEvent: number,
): Promise<ExecutionReply | undefined> => {
  const execution = await describedExecution(access, exportId);
  if (execution === undefined) return undefined;
  const [report, definition, events] = await Promise.all([
    executionReport(access, execution),
    executionDefinition(access, exportId),
    executionHistory(access, exportId, true),
  ]);
  const { visits, stateOfEvent, taken } = executionTrace(events);
  const workflow = workflowOf(definition);
  const visitsByState = Map.groupBy(visits, ({ name }) => name);
  return {
    execution: report,
    error: endingError(execution),
    workflow,
    states: statesOf(workflow).map(({ name }) =>
      stateReport(name, visitsByState.get(name) ?? [], execution.status === 'RUNNING'),
    ),
    taken,
    events: eventsPage(events, stateOfEvent, firstEvent),
    now: Date.now(),
  };
};
