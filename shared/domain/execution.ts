export const EXECUTION_STATUSES = [
  'never_started',
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'aborted',
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** The one execution of an export, as the workflow service knows it. */
export type Execution =
  | { readonly status: 'never_started' }
  | {
      readonly status: 'running';
      /** Epoch ms: when it was started, or set running again. */
      readonly since: number;
    }
  | { readonly status: Exclude<ExecutionStatus, 'never_started' | 'running'> };

/** How an execution that ended where none of its own steps could say why is named as a failure (`failures.ts`). */
export const EXECUTION_FAILURES = {
  failed: 'ExportFailed',
  timed_out: 'States.Timeout',
  aborted: 'ExecutionAborted',
} as const;
