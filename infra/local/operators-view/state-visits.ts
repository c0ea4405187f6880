import type { HistoryEvent } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import type { StateError, TakenWay, VisitStatus } from '../../web/browser/executions/replies.ts';

/** One passage of an execution through one state. */
export interface StateVisit {
  readonly name: string;
  /** How many states it lies within. */
  readonly depth: number;
  /** Within a Map: the index of the item. */
  readonly iteration?: number | undefined;
  /** Epoch ms. */
  readonly enteredAt: number;
  /** Epoch ms; absent when the state was never left. */
  exitedAt?: number;
  /** Epoch ms; absent while it goes on. A state that was never left ends with what ended it. */
  endedAt?: number | undefined;
  /** How often its function was called. */
  calls: number;
  /** What went wrong, the first first; calls that were tried again included. */
  readonly errors: StateError[];
  /** The error that ended the state; absent when it ended well or has not ended. */
  failure?: StateError | undefined;
  /** Bytes of UTF-8; absent where the history was read without data. */
  readonly inputBytes?: number | undefined;
  outputBytes?: number | undefined;
  /** Of a Map: how many items it has, and of how many iterations the end is told. */
  items?: number | undefined;
  iterationsSucceeded?: number;
  iterationsFailed?: number;
}

/** What a history tells. */
export interface ExecutionTrace {
  /** In the order in which they were entered. */
  readonly visits: readonly StateVisit[];
  /** By the event's id: the state it is of. Events of the whole execution are of none. */
  readonly stateOfEvent: ReadonlyMap<number, string>;
  readonly taken: readonly TakenWay[];
}

/** Lambda tells a failure as JSON in `cause`. */
const lambdaFailure = z.object({ errorMessage: z.string() });

/** The message in a cause, which is JSON where a function threw. */
export const causeMessage = (cause: string | undefined): string => {
  if (cause === undefined || cause === '') return '';
  try {
    return lambdaFailure.parse(JSON.parse(cause)).errorMessage;
  } catch {
    return cause;
  }
};

/** `error: message` in one line. */
export const errorText = ({ error, message }: StateError): string =>
  message === '' ? error : `${error}: ${message}`;

const timeOf = (event: HistoryEvent): number => event.timestamp?.getTime() ?? 0;

/** The failure an event tells of, whatever kind of event it is. */
export const failureOf = (event: HistoryEvent): StateError | undefined => {
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
  return { at: timeOf(event), error: error ?? 'unknown', message: causeMessage(cause) };
};

export const bytesOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Buffer.byteLength(text);

const CALLED: readonly (string | undefined)[] = ['LambdaFunctionScheduled', 'TaskScheduled'];
const OPENS_BRANCHES = /^(?:Parallel|Map)State(?:Started|Entered)$|^MapIterationStarted$/;
const ENDS_EXECUTION = /^Execution(?:Succeeded|Failed|Aborted|TimedOut)$/;

/** Adds to a visit what one of its events tells. */
const tell = (event: HistoryEvent, visit: StateVisit): void => {
  if (CALLED.includes(event.type)) {
    visit.calls += 1;
    delete visit.failure;
  }
  if (event.mapStateStartedEventDetails !== undefined) visit.items = event.mapStateStartedEventDetails.length;
  if (event.type === 'TaskStateAborted') visit.endedAt = timeOf(event);
  const failure = failureOf(event);
  if (failure === undefined) return;
  visit.errors.push(failure);
  visit.failure = failure;
};

interface Place {
  readonly visit: StateVisit | undefined;
  /** The states around, the outermost first. */
  readonly around: readonly StateVisit[];
  /** The index of the item within the nearest Map. */
  readonly iteration?: number | undefined;
}

const OUTSIDE: Place = { visit: undefined, around: [] };

/** Follows a history event by event: where each line of it stands, and what that tells of the states. */
class Tracing implements ExecutionTrace {
  readonly visits: StateVisit[] = [];
  readonly stateOfEvent = new Map<number, string>();
  readonly #taken = new Map<string, TakenWay>();
  readonly #parents = new Map<StateVisit, StateVisit>();
  readonly #places = new Map<number, Place>();
  readonly #types = new Map<number, string>();

  get taken(): readonly TakenWay[] {
    return [...this.#taken.values()];
  }

  follow(event: HistoryEvent): void {
    const { id = 0, previousEventId = 0, type = '' } = event;
    const place = this.#placeAfter(event, this.#places.get(previousEventId) ?? OUTSIDE);
    this.#places.set(id, place);
    this.#types.set(id, type);
    if (place.visit !== undefined && !type.startsWith('Execution')) {
      this.stateOfEvent.set(id, place.visit.name);
    }
  }

  #placeAfter(event: HistoryEvent, before: Place): Place {
    const { type = '', previousEventId = 0 } = event;
    if (type.startsWith('MapIteration')) return this.#iterated(event, before);
    if (event.stateEnteredEventDetails !== undefined) {
      return this.#entered(event, before, OPENS_BRANCHES.test(this.#types.get(previousEventId) ?? ''));
    }
    if (event.stateExitedEventDetails !== undefined) return this.#exited(event, before);
    if (type === 'ExecutionRedriven') {
      this.#endOpen(timeOf(event));
      return OUTSIDE;
    }
    if (ENDS_EXECUTION.test(type)) this.#executionEnded(event, before);
    else if (before.visit !== undefined) tell(event, before.visit);
    return before;
  }

  #entered(event: HistoryEvent, { visit, around, iteration }: Place, opens: boolean): Place {
    const { name = '', input } = event.stateEnteredEventDetails ?? {};
    const outer = opens && visit !== undefined ? [...around, visit] : around;
    const next: StateVisit = {
      name,
      depth: outer.length,
      iteration,
      enteredAt: timeOf(event),
      calls: 0,
      errors: [],
      inputBytes: bytesOf(input),
    };
    const parent = outer.at(-1);
    if (parent !== undefined) this.#parents.set(next, parent);
    if (!opens && visit !== undefined) {
      const way = { from: visit.name, to: name, caught: visit.failure !== undefined };
      this.#taken.set(JSON.stringify(way), way);
    }
    this.visits.push(next);
    return { visit: next, around: outer, iteration };
  }

  /** A Parallel state is left right after one of its branches, so the state that is left may be one around. */
  #exited(event: HistoryEvent, { visit, around, iteration }: Place): Place {
    const { name, output } = event.stateExitedEventDetails ?? {};
    const all = visit === undefined ? around : [...around, visit];
    const left = all.findLastIndex((candidate) => candidate.name === name);
    const found = all[left];
    if (found === undefined) return OUTSIDE;
    found.exitedAt = timeOf(event);
    found.endedAt = found.exitedAt;
    found.outputBytes = bytesOf(output);
    if (visit !== found) for (const outer of all.slice(left, -1)) outer.failure = visit?.failure;
    return {
      visit: found,
      around: all.slice(0, left),
      iteration: visit === found ? iteration : found.iteration,
    };
  }

  /** An iteration begins after its Map's start, or after the end of an iteration before it. */
  #iterated(event: HistoryEvent, { visit, around, iteration }: Place): Place {
    const all = visit === undefined ? around : [...around, visit];
    const details =
      event.mapIterationStartedEventDetails ??
      event.mapIterationSucceededEventDetails ??
      event.mapIterationFailedEventDetails ??
      event.mapIterationAbortedEventDetails;
    const at = all.findLastIndex(({ name }) => name === details?.name);
    const map = all[at];
    if (map === undefined) return { visit, around, iteration };
    if (event.type === 'MapIterationStarted') {
      return { visit: map, around: all.slice(0, at), iteration: details?.index };
    }
    if (event.type === 'MapIterationSucceeded') {
      map.iterationsSucceeded = (map.iterationsSucceeded ?? 0) + 1;
    }
    if (event.type === 'MapIterationFailed') map.iterationsFailed = (map.iterationsFailed ?? 0) + 1;
    return { visit, around, iteration };
  }

  #executionEnded(event: HistoryEvent, { visit, around }: Place): void {
    const failure = failureOf(event);
    // Stopping it from outside is no error of the state it was in.
    if (event.type === 'ExecutionFailed' && visit !== undefined && visit.exitedAt === undefined) {
      if (visit.failure === undefined && failure !== undefined) visit.errors.push(failure);
      for (const open of [...around, visit]) open.failure ??= failure;
    }
    this.#endOpen(timeOf(event));
  }

  #endOpen(at: number): void {
    this.endWithOuter();
    for (const visit of this.visits) visit.endedAt ??= at;
  }

  /** What lies within a state ends with it at the latest. */
  endWithOuter(): void {
    for (const visit of this.visits) visit.endedAt ??= this.#parents.get(visit)?.endedAt;
  }
}

/**
 * Reads a history: an event belongs to the state of the event before it; branches run at the same time, so only
 * `previousEventId` tells which that is.
 */
export const executionTrace = (events: readonly HistoryEvent[]): ExecutionTrace => {
  const tracing = new Tracing();
  for (const event of events) tracing.follow(event);
  tracing.endWithOuter();
  return tracing;
};

/** The states an execution went through, in the order in which it entered them. */
export const stateVisits = (events: readonly HistoryEvent[]): readonly StateVisit[] =>
  executionTrace(events).visits;

/** How a visit ended or stands. */
export const visitStatus = ({ exitedAt, endedAt, errors, failure }: StateVisit): VisitStatus => {
  if (exitedAt !== undefined) {
    if (failure !== undefined) return 'caught';
    return errors.length > 0 ? 'retried' : 'succeeded';
  }
  if (endedAt === undefined) return errors.length > 0 ? 'retrying' : 'running';
  return failure === undefined ? 'aborted' : 'failed';
};
