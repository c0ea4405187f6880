import type { HistoryEvent } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';

/** One passage of an execution through one state. */
export interface StateVisit {
  readonly name: string;
  /** How many states it lies within. */
  readonly depth: number;
  /** Epoch ms. */
  readonly enteredAt: number;
  /** Epoch ms; absent when the state was never left. */
  exitedAt?: number;
  /** How often its function was called. */
  calls: number;
  /** What went wrong, the first first; calls that were tried again included. */
  readonly errors: string[];
  /** The error that ended the state; absent when it ended well or has not ended. */
  failure?: string | undefined;
}

/** Lambda tells a failure as JSON in `cause`. */
const lambdaFailure = z.object({ errorMessage: z.string() });

const causeText = (cause: string | undefined): string => {
  if (cause === undefined || cause === '') return '';
  try {
    return `: ${lambdaFailure.parse(JSON.parse(cause)).errorMessage}`;
  } catch {
    return `: ${cause}`;
  }
};

/** The failure an event tells of, whatever kind of event it is. */
const failureText = (event: HistoryEvent): string | undefined => {
  const details =
    event.lambdaFunctionFailedEventDetails ??
    event.lambdaFunctionTimedOutEventDetails ??
    event.lambdaFunctionScheduleFailedEventDetails ??
    event.lambdaFunctionStartFailedEventDetails ??
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails ??
    event.executionAbortedEventDetails;
  if (details === undefined) return undefined;
  const { error = event.type, cause } = details;
  return `${error ?? 'unknown'}${causeText(cause)}`;
};

const CALLED: readonly (string | undefined)[] = ['LambdaFunctionScheduled', 'TaskScheduled'];
const OPENS_BRANCHES = /^(?:Parallel|Map)State(?:Started|Entered)$|^MapIterationStarted$/;

/** Adds to a visit what one of its events tells. */
const tell = (event: HistoryEvent, visit: StateVisit): void => {
  if (CALLED.includes(event.type)) {
    visit.calls += 1;
    delete visit.failure;
  }
  const failure = failureText(event);
  if (failure === undefined) return;
  visit.errors.push(failure);
  visit.failure = failure;
};

interface Place {
  readonly visit: StateVisit | undefined;
  /** The states around, the outermost first. */
  readonly around: readonly StateVisit[];
}

const OUTSIDE: Place = { visit: undefined, around: [] };

const visitFrom = (name: string, event: HistoryEvent, around: readonly StateVisit[]): StateVisit => ({
  name,
  depth: around.length,
  enteredAt: event.timestamp?.getTime() ?? 0,
  calls: 0,
  errors: [],
});

/**
 * The states an execution went through, in the order in which it entered them. An event belongs to the state of the
 * event before it; branches run at the same time, so only `previousEventId` tells which that is.
 */
export const stateVisits = (events: readonly HistoryEvent[]): StateVisit[] => {
  const visits: StateVisit[] = [];
  const places = new Map<number, Place>();

  const entered = (name: string, event: HistoryEvent, { visit, around }: Place, opens: boolean): Place => {
    const outer = opens && visit !== undefined ? [...around, visit] : around;
    const next = visitFrom(name, event, outer);
    visits.push(next);
    return { visit: next, around: outer };
  };

  /** A Parallel state is left right after one of its branches, so the state that is left may be one around. */
  const exited = (name: string, event: HistoryEvent, { visit, around }: Place): Place => {
    const all = visit === undefined ? around : [...around, visit];
    const left = all.findLastIndex((candidate) => candidate.name === name);
    const found = all[left];
    if (found === undefined) return OUTSIDE;
    found.exitedAt = event.timestamp?.getTime() ?? found.enteredAt;
    if (visit !== found) found.failure = visit?.failure;
    return { visit: found, around: all.slice(0, left) };
  };

  const placeOf = (event: HistoryEvent, before: Place, opens: boolean): Place => {
    const enters = event.stateEnteredEventDetails?.name;
    if (enters !== undefined) return entered(enters, event, before, opens);
    const exits = event.stateExitedEventDetails?.name;
    if (exits !== undefined) return exited(exits, event, before);
    if (before.visit !== undefined) tell(event, before.visit);
    return before;
  };

  const types = new Map(events.map(({ id = 0, type = '' }) => [id, type]));
  for (const event of events) {
    const previous = event.previousEventId ?? 0;
    const opens = OPENS_BRANCHES.test(types.get(previous) ?? '');
    places.set(event.id ?? 0, placeOf(event, places.get(previous) ?? OUTSIDE, opens));
  }
  return visits;
};
