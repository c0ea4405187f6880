import type { TaskState } from './asl-schema.ts';
import { startAlarm, type ExecutionThread } from './execution-thread.ts';
import { lambdaScheduled, lambdaSucceeded } from './history-event.ts';
import { parseJson, payloadText } from './json-value.ts';
import { errorFields, StateFailure } from './state-failure.ts';

/** Calls a function by its name. Rejects with a LambdaFunctionError (errorType, errorMessage, trace) or a `Lambda.*` service error. */
export type InvokeFunction = (functionName: string, payload: unknown) => Promise<unknown>;

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null && name in error ? Reflect.get(error, name) : undefined;

// What Lambda's own API refuses. Step Functions shows these names with "Lambda." before them, and not as a function's error.
const SERVICE_ERRORS = new Set([
  'RequestTooLargeException',
  'ResourceNotFoundException',
  'ServiceException',
  'TooManyRequestsException',
]);

const asFailure = (error: unknown): StateFailure => {
  if (error instanceof StateFailure) return error;
  const errorType = field(error, 'errorType');
  const errorMessage = field(error, 'errorMessage');
  if (typeof errorType === 'string' && typeof errorMessage === 'string') {
    const trace = field(error, 'trace') ?? [];
    // A function that throws an error of the same name, say DynamoDB's ResourceNotFoundException, leaves a trace.
    const ofService = SERVICE_ERRORS.has(errorType) && Array.isArray(trace) && trace.length === 0;
    if (ofService) return new StateFailure(`Lambda.${errorType}`, errorMessage);
    if (errorType.startsWith('Lambda.')) return new StateFailure(errorType, errorMessage);
    return new StateFailure(errorType, JSON.stringify({ errorMessage, errorType, trace }));
  }
  const name = field(error, 'name');
  const named = typeof name === 'string' && name.startsWith('Lambda.');
  return new StateFailure(
    named ? name : 'Lambda.Unknown',
    error instanceof Error ? error.message : String(error),
  );
};

const call = async (invoke: InvokeFunction, resource: string, input: string): Promise<string> => {
  const functionName = resource.slice(resource.lastIndexOf(':') + 1);
  const result = await invoke(functionName, parseJson(input));
  return payloadText(result, `The result of the state/task '${resource}'`);
};

interface Deadline {
  readonly passes: Promise<never>;
  cancel(): void;
}

const startDeadline = (seconds: number): Deadline => {
  const { rings, cancel } = startAlarm(seconds * 1000);
  const passes = rings.then((): never => {
    throw new StateFailure('States.Timeout', '');
  });
  return { passes, cancel };
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
  const deadline = TimeoutSeconds === undefined ? undefined : startDeadline(TimeoutSeconds);
  try {
    const output = await thread.untilEnded(deadline ? Promise.race([running, deadline.passes]) : running);
    thread.record('LambdaFunctionSucceeded', lambdaSucceeded(output));
    return parseJson(output);
  } catch (error) {
    if (error instanceof StateFailure) recordFailure(thread, error);
    throw error;
  } finally {
    // Also when the execution was stopped: a timer left behind would keep the process alive for the rest of the time.
    deadline?.cancel();
  }
};
