import { EXECUTION_FAILURES, type Execution, type ExecutionStatus } from './execution.ts';
import {
  FOLLOW_UP_MS,
  LATEST_START_MS,
  LONGEST_RUN_MS,
  RUN_CHECK_MS,
  type CompletedJob,
  type DeletingJob,
  type ExpiredJob,
  type ExportJob,
  type FailedJob,
  type InitiatedJob,
  type ProcessingJob,
  type Tombstone,
} from './export-job.ts';
import type { FailureCode } from './failures.ts';

/**
 * What the sweeper does with a row that is due, as a table: job status × execution status × age. `lookAgainAt` is in epoch
 * ms; undefined means that the row comes to rest. Without it, the step's own write says when the row is due next.
 *
 * Every step of the workflow reads the job before it writes anything. So a function that still writes for a closed job was
 * running before it was closed, and is dead when the longest function timeout has passed since: `lateWriterMs`.
 */
export type SweepStep =
  /** Its execution does what is to be done. */
  | { readonly act: 'wait'; readonly job: UnfinishedJob; readonly lookAgainAt: number }
  /** Its execution was never started. */
  | { readonly act: 'start'; readonly job: UnfinishedJob; readonly lookAgainAt: number }
  /** Nothing will end it any more. */
  | { readonly act: 'fail'; readonly job: UnfinishedJob; readonly errorName: FailureCode }
  /** It has ended: its events, its place among the active, and what must not stay in the bucket. */
  | { readonly act: 'settle'; readonly job: SettledJob; readonly lookAgainAt: number | undefined }
  /** Its time to be downloaded is over. */
  | { readonly act: 'expire'; readonly job: CompletedJob }
  /** Its user has deleted it. */
  | { readonly act: 'erase'; readonly job: DeletingJob; readonly lookAgainAt: number }
  /** It is gone; only its last events may be left. */
  | { readonly act: 'publish'; readonly job: Tombstone };

export type UnfinishedJob = InitiatedJob | ProcessingJob;
export type SettledJob = CompletedJob | ExpiredJob | FailedJob;
export type EndedRow = Exclude<ExportJob | Tombstone, UnfinishedJob>;

export const isUnfinished = (row: ExportJob | Tombstone): row is UnfinishedJob =>
  row.status === 'initiated' || row.status === 'processing';

type Verdict = 'wait' | 'start' | FailureCode;
/** What holds before the age limit, and from then on. */
type Verdicts = readonly [young: Verdict, old: Verdict];

const ended = (failure: FailureCode): Verdicts => [failure, failure];

/** An execution that has ended without ending its job can do nothing for it any more, however young the job is. */
const WITH_ENDED_EXECUTION = {
  succeeded: ended('ExecutionLost'),
  failed: ended(EXECUTION_FAILURES.failed),
  timed_out: ended(EXECUTION_FAILURES.timed_out),
  aborted: ended(EXECUTION_FAILURES.aborted),
} as const;

const UNFINISHED: Readonly<Record<UnfinishedJob['status'], Readonly<Record<ExecutionStatus, Verdicts>>>> = {
  initiated: {
    never_started: ['start', 'ExecutionNotStarted'],
    running: ['wait', 'States.Timeout'],
    ...WITH_ENDED_EXECUTION,
  },
  processing: {
    // It was begun by an execution; DescribeExecution is only eventually consistent.
    never_started: ['wait', 'ExecutionLost'],
    running: ['wait', 'States.Timeout'],
    ...WITH_ENDED_EXECUTION,
  },
};

/** From when on a job and its execution are old (epoch ms). */
const oldFrom = (job: UnfinishedJob, execution: Execution): number => {
  if (execution.status === 'running') return execution.since + LONGEST_RUN_MS;
  return job.status === 'initiated' ? job.requestedAt + LATEST_START_MS : job.startedAt + RUN_CHECK_MS;
};

/** The step for a job that has not ended, `now` in epoch ms. */
export const stepForUnfinished = (job: UnfinishedJob, execution: Execution, now: number): SweepStep => {
  const [young, old] = UNFINISHED[job.status][execution.status];
  const verdict = now < oldFrom(job, execution) ? young : old;
  switch (verdict) {
    case 'start':
      return { act: 'start', job, lookAgainAt: now + FOLLOW_UP_MS };
    case 'wait':
      return { act: 'wait', job, lookAgainAt: now + RUN_CHECK_MS };
    default:
      return { act: 'fail', job, errorName: verdict };
  }
};

/** Settled once more when nothing of it can still be writing, then left alone until `afterwards`. */
const settled = (
  job: SettledJob,
  { now, lateWriterMs }: Timing,
  afterwards: number | undefined,
): SweepStep => {
  const quietAt = job.completedAt + lateWriterMs;
  return { act: 'settle', job, lookAgainAt: now < quietAt ? quietAt : afterwards };
};

export interface Timing {
  /** Epoch ms. */
  readonly now: number;
  /** How long after a job was closed a function of its execution may still be writing. */
  readonly lateWriterMs: number;
}

/** The step for a job that has ended or is being erased. */
export const stepForEnded = (job: EndedRow, timing: Timing): SweepStep => {
  const { now } = timing;
  switch (job.status) {
    case 'completed':
      return now < job.expiresAt ? settled(job, timing, job.expiresAt) : { act: 'expire', job };
    case 'expired':
    case 'failed':
      return settled(job, timing, undefined);
    case 'deleting':
      return { act: 'erase', job, lookAgainAt: Math.max(job.purgeAgainAt, now + FOLLOW_UP_MS) };
    case 'deleted':
      return { act: 'publish', job };
  }
};
