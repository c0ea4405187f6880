/** What the operators' page is told of executions. Times are epoch ms, sizes bytes of UTF-8; no input or output itself. */

export const EXECUTION_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;

export interface JobReport {
  /** As the user is told, or that there is none. */
  readonly status: string;
  readonly exportType: string | null;
  /** 0–100; empty where there is none. */
  readonly progress: string;
  readonly phase: string;
}

export interface ExecutionReport {
  readonly exportId: string;
  readonly status: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly job: JobReport;
}

export interface ExecutionsReply {
  readonly executions: readonly ExecutionReport[];
  /** Of the page after this one; null on the last. */
  readonly nextToken: string | null;
  /** By the clock that the other times are of. */
  readonly now: number;
}

export interface StateError {
  readonly at: number;
  readonly error: string;
  /** Empty where the error came without one. */
  readonly message: string;
}

export type VisitStatus = 'running' | 'retrying' | 'succeeded' | 'retried' | 'caught' | 'failed' | 'aborted';
export type StateStatus = VisitStatus | 'waiting' | 'skipped';

/** One passage through a state. */
export interface VisitReport {
  readonly status: VisitStatus;
  /** Within a Map: the index of the item. */
  readonly iteration: number | null;
  readonly enteredAt: number;
  readonly endedAt: number | null;
  readonly calls: number;
  readonly inputBytes: number | null;
  readonly outputBytes: number | null;
}

export interface IterationCounts {
  readonly items: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly aborted: number;
  readonly running: number;
}

/** All passages through a state of the definition together. */
export interface StateReport {
  readonly name: string;
  readonly status: StateStatus;
  /** Of the first passage. */
  readonly enteredAt: number | null;
  /** Of the last passage; null while one goes on. */
  readonly endedAt: number | null;
  readonly visitCount: number;
  readonly calls: number;
  /** Calls that were made because the one before had failed. */
  readonly retries: number;
  /** Sum of all passages; null where none is known. */
  readonly inputBytes: number | null;
  readonly outputBytes: number | null;
  /** Those of a Map. */
  readonly iterations: IterationCounts | null;
  readonly errorCount: number;
  /** The last ones, the oldest first. */
  readonly errors: readonly StateError[];
  /** Not all where there are many; those that did not go well are. */
  readonly visits: readonly VisitReport[];
}

export interface Transition {
  readonly to: string;
  readonly kind: 'next' | 'choice' | 'default' | 'catch';
  /** The condition of a choice, the errors of a catch; else empty. */
  readonly when: string;
}

export interface WorkflowState {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
  /** Name of the function; empty for what is not a task. */
  readonly functionName: string;
  readonly transitions: readonly Transition[];
  /** Branches of a Parallel, the one iteration of a Map. */
  readonly inner: readonly WorkflowSequence[];
}

export interface WorkflowSequence {
  readonly startAt: string;
  readonly states: readonly WorkflowState[];
}

/** A way from state to state that the execution went. */
export interface TakenWay {
  readonly from: string;
  readonly to: string;
  readonly caught: boolean;
}

export interface EventReport {
  readonly id: number;
  readonly type: string;
  /** Empty for what is of the whole execution. */
  readonly state: string;
  readonly at: number;
  /** Of the input or output that the event carries. */
  readonly bytes: number | null;
  readonly error: string;
}

export interface EventsPage {
  readonly total: number;
  /** Number of the first of these, from 1. */
  readonly first: number;
  readonly items: readonly EventReport[];
}

export interface ExecutionReply {
  readonly execution: ExecutionReport;
  /** What ended it, where it did not end well. */
  readonly error: StateError | null;
  readonly workflow: WorkflowSequence;
  /** In the order of the definition, each state before those within it. */
  readonly states: readonly StateReport[];
  readonly taken: readonly TakenWay[];
  readonly events: EventsPage;
  readonly now: number;
}

/** The states of a workflow, each before those within it. */
export const statesOf = ({ states }: WorkflowSequence): WorkflowState[] =>
  states.flatMap((state) => [state, ...state.inner.flatMap(statesOf)]);
