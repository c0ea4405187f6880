import type { LambdaFailure } from './lambda-function-error.ts';

/** One invocation, as the runner hands it to a function's process. */
export interface InvocationRequest {
  readonly requestId: string;
  /** The event as JSON text. */
  readonly payload: string;
  readonly invokedFunctionArn: string;
  readonly logStreamName: string;
  /** When the process is killed, milliseconds since the epoch. */
  readonly deadline: number;
  /** How far ahead of the real time the function's clock is, in milliseconds; only tests move it. */
  readonly clockOffset: number;
}

/** What a process has taken so far, as it was a moment ago when it answers many small requests in a row. */
export interface ProcessUsage {
  /** Largest resident set, bytes. */
  readonly peakMemory: number;
  /** Of all its threads. */
  readonly cpuSeconds: number;
}

/** What a function's process tells the runner. `exiting` announces the end of the process. */
export type ProcessMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'succeeded'; readonly result: string; readonly usage: ProcessUsage }
  | {
      readonly kind: 'failed';
      readonly failure: LambdaFailure;
      readonly usage: ProcessUsage;
      readonly exiting: boolean;
    };
