/** What Lambda answers when an invocation fails; the fields are those of the JSON it sends to the caller. */
export interface LambdaFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** An invocation that failed, in the function or in Lambda itself. `errorType` is what `ErrorEquals` of a state machine compares. */
export class LambdaFunctionError extends Error {
  override readonly name = 'LambdaFunctionError';
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];

  constructor({
    errorType,
    errorMessage,
    trace,
  }: Pick<LambdaFailure, 'errorType' | 'errorMessage'> & Partial<LambdaFailure>) {
    super(`${errorType}: ${errorMessage}`);
    this.errorType = errorType;
    this.errorMessage = errorMessage;
    this.trace = trace ?? [];
  }
}

const SIGNAL_WORDS: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted (core dumped)',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault (core dumped)',
  SIGTERM: 'terminated',
};

/** How a process ended: one of the two is set. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const reasonOf = ({ code, signal }: ProcessEnd): string => {
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNAL_WORDS[signal] ?? signal}`;
  return code === 0 || code === null
    ? 'Runtime exited without providing a reason'
    : `Runtime exited with error: exit status ${code}`;
};

/** The function's process ended before it answered: a crash, `process.exit`, an exhausted heap or a kill. */
export const runtimeExit = (requestId: string, end: ProcessEnd): LambdaFunctionError =>
  new LambdaFunctionError({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: ${reasonOf(end)}`,
  });

/** The function did not answer within its timeout and was killed. */
export const sandboxTimeout = (requestId: string, seconds: number): LambdaFunctionError =>
  new LambdaFunctionError({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  });
