import type { TaskState } from './asl-schema.ts';
import { startAlarm, type ExecutionThread } from './execution-thread.ts';
import { lambdaScheduled, lambdaSucceeded } from './history-event.ts';
import { parseJson, payloadText } from './json-value.ts';
import { errorFields, StateFailure } from './state-failure.ts';

/** Calls a function by its name. Rejects with a LambdaFunctionError (errorType, errorMessage, trace) or a `Lambda.*` service error. */
export type InvokeFunction = (functionName: string, payload: unknown) => Promise<unknown>;

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null && name in error ? Reflect.get(error, name) : undefined;

const asFailure = (error: unknown): StateFailure => {
  if (error instanceof StateFailure) return error;
  const errorType = field(error, 'errorType');
  const errorMessage = field(error, 'errorMessage');
  const message = error instanceof Error ? error.message : String(error);
  if (typeof errorType === 'string' && typeof errorMessage === 'string') {
    const trace = field(error, 'trace') ?? [];
    return new StateFailure(errorType, JSON.stringify({ errorMessage, errorType, trace }));
  }
  const name = field(error, 'name');
  const ofService = typeof name === 'string' && /^(Lambda|Sandbox)\./.test(name);
  return new StateFailure(ofService ? name : 'Lambda.Unknown', message);
};

const call = async (invoke: InvokeFunction, resource: string, input: string): Promise<string> => {
  const functionName = resource.slice(resource.lastIndexOf(':') + 1);
  const result = await invoke(functionName, parseJson(input));
  return payloadText(result, `The result of the state/task '${resource}'`);
};

const withinTime = async <T>(promise: Promise<T>, seconds: number | undefined): Promise<T> => {
  if (seconds === undefined) return promise;
  const alarm = startAlarm(seconds * 1000);
  const tooLate = alarm.rings.then((): never => {
    throw new StateFailure('States.Timeout', '');
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    alarm.cancel();
  }
};

const recordFailure = (thread: ExecutionThread, failure: StateFailure): void => {
  const details = errorFields(failure);
  if (failure.error === 'States.Timeout') {
    thread.record('LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: details });
  } else {
    thread.record('LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: details });
  }
};

/**
 * Runs a Task: one call of a function. A call that is late, or whose execution was stopped, goes on by itself, as on AWS; its
 * result is dropped. Throws StateFailure.
 */
export const callFunction = async (
  { Resource, TimeoutSeconds }: TaskState,
  input: unknown,
  thread: ExecutionThread,
  invoke: InvokeFunction,
): Promise<unknown> => {
  const inputText = payloadText(input, 'The input of the function');
  thread.record('LambdaFunctionScheduled', lambdaScheduled(Resource, inputText, TimeoutSeconds));
  thread.record('LambdaFunctionStarted');
  const running = call(invoke, Resource, inputText).catch((error: unknown) => {
    throw asFailure(error);
  });
  try {
    const output = await thread.untilEnded(withinTime(running, TimeoutSeconds));
    thread.record('LambdaFunctionSucceeded', lambdaSucceeded(output));
    return parseJson(output);
  } catch (error) {
    if (error instanceof StateFailure) recordFailure(thread, error);
    throw error;
  }
};
