/**
 * The process a function lives in: loads the handler once, then answers one invocation after the other over IPC.
 * It imports next to nothing, because every cold start pays for it.
 */
import { readFileSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { isNativeError, isPromise } from 'node:util/types';
import { systemClock } from '../../../shared/lambda/system-clock.ts';
import type { LambdaFailure } from './lambda-function-error.ts';
import type { InvocationRequest, ProcessMessage, ProcessUsage } from './process-messages.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const UNCAUGHT_EXCEPTION_STATUS = 129;
const UNHANDLED_REJECTION_STATUS = 128;

const failureOf = (error: unknown): LambdaFailure =>
  isNativeError(error)
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

/** Lets a test live through a day in a moment: what use-cases ask for the time is ahead, what signs requests is not. */
const setClock = (offset: number): void => {
  systemClock.now = () => Date.now() + offset;
};

/**
 * Linux counts into getrusage's maxRSS what the parent held when it forked this process, so the kernel's own mark of this
 * program's memory is read where there is one (proc(5), VmHWM).
 */
const peakMemory = (): number => {
  const { maxRSS } = process.resourceUsage();
  if (process.platform !== 'linux') return maxRSS * 1024;
  const [, kibibytes = maxRSS] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
};

const readUsage = (): ProcessUsage => {
  const { user, system } = process.cpuUsage();
  return { peakMemory: peakMemory(), cpuSeconds: (user + system) / 1_000_000 };
};

/** Looking takes a good part of what a small request takes, so that many of them in a row share a look. */
const LOOK_EVERY_MS = 50;
let looked: { readonly usage: ProcessUsage; readonly at: number } | undefined;

const usage = (): ProcessUsage => {
  const now = performance.now();
  if (looked === undefined || now - looked.at >= LOOK_EVERY_MS) looked = { usage: readUsage(), at: now };
  return looked.usage;
};

const tell = (message: ProcessMessage, afterwards?: () => void): void => {
  process.send?.(message, undefined, undefined, afterwards);
};

const logFailure = (title: string, failure: LambdaFailure): void => {
  process.stderr.write(`ERROR ${title} ${JSON.stringify(failure)}\n`);
};

const failAndExit = (title: string, failure: LambdaFailure, status: number): void => {
  logFailure(title, failure);
  tell({ kind: 'failed', failure, usage: usage(), exiting: true }, () => process.exit(status));
};

const isInvocationRequest = (message: unknown): message is InvocationRequest =>
  typeof message === 'object' && message !== null && 'requestId' in message && 'payload' in message;

const isHandler = (value: unknown): value is Handler => typeof value === 'function';

const loadHandler = async (file: string): Promise<Handler> => {
  const loaded: unknown = await import(pathToFileURL(file).href);
  if (typeof loaded === 'object' && loaded !== null && 'handler' in loaded && isHandler(loaded.handler)) {
    return loaded.handler;
  }
  const missing = new Error('handler.handler is undefined or not exported');
  missing.name = 'Runtime.HandlerNotFound';
  throw missing;
};

const loadFailureOf = (error: unknown): LambdaFailure => {
  const failure = failureOf(error);
  if (error instanceof SyntaxError) return { ...failure, errorType: 'Runtime.UserCodeSyntaxError' };
  const code = isNativeError(error) && 'code' in error ? error.code : undefined;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    ? { ...failure, errorType: 'Runtime.ImportModuleError', errorMessage: String(error) }
    : failure;
};

const contextOf = ({ requestId, invokedFunctionArn, logStreamName, deadline }: InvocationRequest) => {
  const functionName = process.env.AWS_LAMBDA_FUNCTION_NAME ?? '';
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
};

const jsonOf = (result: unknown): string => {
  try {
    // Inside an array whatever has no JSON (undefined, a function) becomes null, which is what Lambda answers for it.
    return JSON.stringify([result]).slice(1, -1);
  } catch {
    throw new Error('Unable to stringify response body');
  }
};

const answer = async (handler: Handler, request: InvocationRequest): Promise<void> => {
  try {
    setClock(request.clockOffset);
    const returned = handler(JSON.parse(request.payload), contextOf(request));
    // Lambda ignores what a handler returns without a promise.
    const result = jsonOf(isPromise(returned) ? await returned : null);
    tell({ kind: 'succeeded', result, usage: usage() });
  } catch (error) {
    const failure = failureOf(error);
    logFailure('Invoke Error', failure);
    tell({ kind: 'failed', failure, usage: usage(), exiting: false });
  }
};

/** Writes wait for the runner to read them, so that a process which ends itself has said everything. */
const blockOutput = (stream: NodeJS.WriteStream): void => {
  const handle: unknown = Reflect.get(stream, '_handle');
  if (typeof handle !== 'object' || handle === null || !('setBlocking' in handle)) return;
  if (typeof handle.setBlocking === 'function') Reflect.apply(handle.setBlocking, handle, [true]);
};

blockOutput(process.stdout);
blockOutput(process.stderr);
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the runner decides when its functions end.
process.on('SIGINT', () => undefined);
process.on('uncaughtException', (error) => {
  failAndExit('Uncaught Exception', failureOf(error), UNCAUGHT_EXCEPTION_STATUS);
});
process.on('unhandledRejection', (reason) => {
  const failure = {
    ...failureOf(reason),
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: String(reason),
  };
  failAndExit('Unhandled Promise Rejection', failure, UNHANDLED_REJECTION_STATUS);
});

enableCompileCache();
try {
  const handler = await loadHandler(process.argv[2] ?? '');
  process.on('message', (message: unknown) => {
    if (isInvocationRequest(message)) void answer(handler, message);
  });
  tell({ kind: 'ready' });
  // A killed process writes no cache at its end.
  flushCompileCache();
} catch (error) {
  failAndExit('Init Error', loadFailureOf(error), 1);
}
