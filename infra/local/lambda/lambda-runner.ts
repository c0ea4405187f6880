import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { localFunctionArn } from '../local-identity.ts';
import { FunctionPool } from './function-pool.ts';
import type { LocalFunction } from './function-process.ts';
import { LambdaFunctionError } from './lambda-function-error.ts';

export type { LocalFunction } from './function-process.ts';
export { LambdaFunctionError } from './lambda-function-error.ts';

/** More processes than CPUs only make each other slower, and each takes its time until it is warm. */
const DEFAULT_CONCURRENCY = Math.max(2, Math.min(availableParallelism(), 4));
const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;

/** Lets fault tests delay an invocation or fail it before or after its effect by throwing a LambdaFunctionError. */
export interface InvocationHook {
  beforeInvoke?(functionName: string, payload: unknown): Promise<void>;
  afterInvoke?(functionName: string, payload: unknown, result: unknown): Promise<void>;
}

export interface LambdaRunnerOptions {
  readonly functions: readonly LocalFunction[];
  /** Processes a function may have at once (default one for each CPU, from 2 to 4); further invocations queue. */
  readonly maximumConcurrency?: number;
  /** Largest event and largest result, bytes of JSON (default 6 MiB, as on AWS). */
  readonly payloadLimitBytes?: number;
  /** Every line a function writes to stdout or stderr. */
  readonly onLogLine?: (functionName: string, line: string) => void;
  readonly invocationHook?: InvocationHook;
  /** For tests: how far ahead of the real time the functions' clock is, in ms; asked before each invocation. */
  readonly clockOffset?: () => number;
}

export interface RunningInvocation {
  readonly functionName: string;
  readonly requestId: string;
}

export interface LambdaRunner {
  /** Waits for the result (RequestResponse). Throws LambdaFunctionError. */
  invoke(functionName: string, payload: unknown): Promise<unknown>;
  /** Invocations accepted and not yet answered, those that queue included. */
  runningInvocations(): readonly RunningInvocation[];
  /** Kills the processes now busy with the function: their invocations fail with Runtime.ExitError. */
  killRunning(functionName: string): void;
  /** Largest resident set, in bytes, that any process of each function has reported so far. */
  peakMemoryBytes(): ReadonlyMap<string, number>;
  /** Seconds of CPU that all processes of each function have reported so far, their start included. */
  cpuSeconds(): ReadonlyMap<string, number>;
  /** Ends every process. Invocations under way fail. */
  close(): Promise<void>;
}

const unknownFunction = (functionName: string): LambdaFunctionError =>
  new LambdaFunctionError({
    errorType: 'ResourceNotFoundException',
    errorMessage: `Function not found: ${localFunctionArn(functionName)}`,
  });

const encodePayload = (payload: unknown, limit: number): string => {
  const json = payload === undefined ? '{}' : JSON.stringify(payload);
  if (Buffer.byteLength(json) <= limit) return json;
  throw new LambdaFunctionError({
    errorType: 'RequestTooLargeException',
    errorMessage: `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
  });
};

const decodeResult = (json: string, limit: number): unknown => {
  if (Buffer.byteLength(json) <= limit) return JSON.parse(json);
  throw new LambdaFunctionError({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${limit} bytes).`,
  });
};

/** Runs functions as Lambda does: warm processes with a capped heap, killed at their timeout, JSON in and out. */
export const createLambdaRunner = (options: LambdaRunnerOptions): LambdaRunner => {
  const { functions, invocationHook, maximumConcurrency = DEFAULT_CONCURRENCY } = options;
  const limit = options.payloadLimitBytes ?? PAYLOAD_LIMIT_BYTES;
  const running = new Set<RunningInvocation>();
  const poolOf = (definition: LocalFunction): FunctionPool =>
    new FunctionPool(definition, maximumConcurrency, (line) => options.onLogLine?.(definition.name, line));
  const pools = new Map(functions.map((definition) => [definition.name, poolOf(definition)]));

  const run = async ({ functionName, requestId }: RunningInvocation, payload: unknown): Promise<unknown> => {
    const pool = pools.get(functionName);
    if (!pool) throw unknownFunction(functionName);
    const event = encodePayload(payload, limit);
    await invocationHook?.beforeInvoke?.(functionName, payload);
    const result = decodeResult(await pool.invoke(requestId, event, options.clockOffset?.()), limit);
    await invocationHook?.afterInvoke?.(functionName, payload, result);
    return result;
  };

  return {
    invoke: async (functionName, payload) => {
      const invocation = { functionName, requestId: randomUUID() };
      running.add(invocation);
      try {
        return await run(invocation, payload);
      } finally {
        running.delete(invocation);
      }
    },
    runningInvocations: () => [...running],
    killRunning: (functionName) => pools.get(functionName)?.killRunning(),
    peakMemoryBytes: () => new Map([...pools].map(([name, pool]) => [name, pool.peakMemory])),
    cpuSeconds: () => new Map([...pools].map(([name, pool]) => [name, pool.cpuSeconds])),
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
};
