import type { ChoiceState, FailState, State, StateSequence } from './asl-schema.ts';
import { catcherOf, RetryBudget } from './error-recovery.ts';
import type { ExecutionThread } from './execution-thread.ts';
import { runMap, runParallel } from './fan-out.ts';
import { callFunction, type InvokeFunction } from './function-call.ts';
import { stateEntered, stateExited } from './history-event.ts';
import { applyResultPath } from './json-path.ts';
import { payloadText, type JsonObject } from './json-value.ts';
import { fillTemplate } from './payload-template.ts';
import {
  chosenState,
  effectiveInput,
  effectiveOutput,
  failureOf,
  passResult,
  waitMilliseconds,
} from './state-action.ts';
import { runtimeFailure, StateFailure } from './state-failure.ts';

/** Runs states from StartAt to an end and gives the last output. Throws StateFailure, or ThreadEnded when ended from outside. */
export type RunSequence = (
  sequence: StateSequence,
  input: unknown,
  thread: ExecutionThread,
  addedContext: JsonObject,
) => Promise<unknown>;

export interface RunnerOptions {
  readonly invokeFunction: InvokeFunction;
  /** The wait before a retry, from the one that the Retry field asks for; seconds. */
  readonly retryIntervalSeconds: (computed: number) => number;
  /** The context object without `State` and `Map`. */
  readonly context: JsonObject;
}

interface Visit {
  readonly name: string;
  readonly input: unknown;
  readonly thread: ExecutionThread;
  readonly context: JsonObject;
  readonly options: RunnerOptions;
}

interface Outcome {
  readonly output: unknown;
  readonly next: string | undefined;
}

// The kinds of states that AWS's history can show as aborted.
const ABORTABLE = new Set(['Task', 'Parallel', 'Map', 'Wait']);

type WorkingState = Exclude<State, ChoiceState | FailState>;

const perform = async (state: WorkingState, input: unknown, visit: Visit): Promise<unknown> => {
  const { thread, context, options, name } = visit;
  const runSequence: RunSequence = (sequence, start, child, added) =>
    runStates(sequence, start, child, { ...options, context: { ...options.context, ...added } });
  switch (state.Type) {
    case 'Task':
      return callFunction(state, input, thread, options.invokeFunction);
    case 'Parallel':
      return runParallel(state, input, thread, runSequence);
    case 'Map':
      return runMap(state, input, thread, { name, context, runSequence });
    case 'Wait':
      await thread.pause(waitMilliseconds(state, { data: input, context }));
      return input;
    case 'Pass':
      return passResult(state, input);
    case 'Succeed':
      return input;
  }
};

const attempt = async (state: State, visit: Visit): Promise<Outcome> => {
  const { context, name } = visit;
  const input = effectiveInput(state, { data: visit.input, context });
  const scope = { data: input, context };
  if (state.Type === 'Fail') throw failureOf(state, scope);
  if (state.Type === 'Choice') {
    return { output: effectiveOutput(state, scope), next: chosenState(state, scope, name) };
  }
  const result = await perform(state, input, visit);
  const selector = 'ResultSelector' in state ? state.ResultSelector : undefined;
  const selected = selector === undefined ? result : fillTemplate(selector, { data: result, context });
  const resultPath = 'ResultPath' in state ? state.ResultPath : undefined;
  const combined = applyResultPath(resultPath, visit.input, selected);
  const output = effectiveOutput(state, { data: combined, context });
  return { output, next: 'Next' in state ? state.Next : undefined };
};

// A state that fails outside of what AWS calls an error is a fault of the definition, which the operator must be able to find.
const located = (failure: StateFailure, name: string, enteredEventId: number): StateFailure => {
  if (failure.error !== 'States.Runtime' || failure.causeText.startsWith('An error occurred')) return failure;
  return runtimeFailure(
    `An error occurred while executing the state '${name}' (entered at the event id #${enteredEventId}). ${failure.causeText}`,
  );
};

const attemptWithRetries = async (state: State, visit: Visit, enteredTime: string): Promise<Outcome> => {
  const { name, thread, options } = visit;
  const budget = new RetryBudget(state);
  const enteredEventId = thread.lastEventId;
  for (;;) {
    const State = { Name: name, EnteredTime: enteredTime, RetryCount: budget.retryCount };
    try {
      const outcome = await attempt(state, { ...visit, context: { ...options.context, State } });
      payloadText(outcome.output, `The output of the state '${name}'`);
      return outcome;
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      const failure = located(error, name, enteredEventId);
      const seconds = budget.spend(failure);
      if (seconds === undefined) throw failure;
      await thread.pause(options.retryIntervalSeconds(seconds) * 1000);
    }
  }
};

const caught = (state: State, input: unknown, error: unknown): Outcome | undefined => {
  if (!(error instanceof StateFailure)) return undefined;
  const catcher = catcherOf(state, error);
  if (catcher === undefined) return undefined;
  const errorOutput = { Error: error.error, Cause: error.causeText };
  return { output: applyResultPath(catcher.ResultPath, input, errorOutput), next: catcher.Next };
};

const runState = async (state: State, visit: Visit): Promise<Outcome> => {
  const { name, input, thread } = visit;
  thread.record(
    `${state.Type}StateEntered`,
    stateEntered(name, payloadText(input, 'The input of the state')),
  );
  if (ABORTABLE.has(state.Type)) thread.enter({ type: `${state.Type}StateAborted` });
  let outcome: Outcome | undefined;
  try {
    outcome = await attemptWithRetries(state, visit, new Date().toISOString());
  } catch (error) {
    outcome = caught(state, input, error);
    if (outcome === undefined) throw error;
  } finally {
    if (ABORTABLE.has(state.Type)) thread.leave();
  }
  const text = payloadText(outcome.output, `The output of the state '${name}'`);
  thread.record(`${state.Type}StateExited`, stateExited(name, text));
  return outcome;
};

/** See RunSequence. */
export const runStates = async (
  { StartAt, States }: StateSequence,
  input: unknown,
  thread: ExecutionThread,
  options: RunnerOptions,
): Promise<unknown> => {
  let name: string | undefined = StartAt;
  let current = input;
  while (name !== undefined) {
    const state: State | undefined = States[name];
    if (state === undefined) throw runtimeFailure(`There is no state '${name}'.`);
    const { output, next } = await runState(state, {
      name,
      input: current,
      thread,
      context: options.context,
      options,
    });
    current = output;
    name = next;
  }
  return current;
};
