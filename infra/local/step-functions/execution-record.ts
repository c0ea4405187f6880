import * as z from 'zod/mini';

export const EXECUTION_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;

/** What is known of an execution from its start on; times in milliseconds since the epoch. */
export const executionStartSchema = z.strictObject({
  executionArn: z.string(),
  name: z.string(),
  stateMachineArn: z.string(),
  /** The input's text exactly as it was sent. */
  input: z.string(),
  startDate: z.number(),
  definitionHash: z.string(),
});

export const executionOutcomeSchema = z.strictObject({
  status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  stopDate: z.number(),
  output: z.optional(z.string()),
  error: z.optional(z.string()),
  cause: z.optional(z.string()),
});

/** A run from the first state again, after the server was gone while the execution ran. */
export const executionRerunSchema = z.strictObject({ redriveDate: z.number(), definitionHash: z.string() });

export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];
export type ExecutionStart = z.infer<typeof executionStartSchema>;
export type ExecutionOutcome = z.infer<typeof executionOutcomeSchema>;
export type ExecutionRerun = z.infer<typeof executionRerunSchema>;

export interface ExecutionRecord extends ExecutionStart {
  readonly status: ExecutionStatus;
  readonly outcome?: ExecutionOutcome | undefined;
  readonly redriveCount: number;
  readonly redriveDate?: number | undefined;
}

/** The record of an execution that has just started. */
export const startedRecord = (start: ExecutionStart): ExecutionRecord => ({
  ...start,
  status: 'RUNNING',
  redriveCount: 0,
});

export const withRerun = (record: ExecutionRecord, rerun: ExecutionRerun): ExecutionRecord => ({
  ...record,
  ...rerun,
  redriveCount: record.redriveCount + 1,
});

export const withOutcome = (record: ExecutionRecord, outcome: ExecutionOutcome): ExecutionRecord => ({
  ...record,
  status: outcome.status,
  outcome,
});
