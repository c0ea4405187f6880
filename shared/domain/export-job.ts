import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import {
  EXPORT_FORMATS,
  EXPORT_TYPES,
  exportRequest,
  sectionsOf,
  type ExportRequest,
} from './export-request.ts';
import { PHASES, type JobStatus } from './export-status.ts';
import { packageSummary } from './manifest.ts';
import { progressBySection, sectionProgress } from './section-progress.ts';

const jobBase = z.object({
  exportId: z.string(),
  userId: z.string(),
  /** Epoch ms. */
  requestedAt: z.number(),
  exportType: z.enum(EXPORT_TYPES),
  exportFormat: z.enum(EXPORT_FORMATS),
  includeAnalytics: z.boolean(),
  description: z.optional(z.string()),
  /** The request as it was understood, defaults filled in. */
  parameters: exportRequest,
  requestHash: z.string(),
  correlationId: z.string(),
  /** The failed export that operators have repeated by this one. */
  retryOf: z.optional(z.string()),
  /** Bytes; null when nothing is known to estimate from. */
  estimatedSize: z.nullable(z.number()),
  /** Epoch ms; null when nothing is known to estimate from. */
  estimatedCompletion: z.nullable(z.number()),
  /** 0–100 as last written; `progressOf` is what a reader is shown. */
  progress: z.number(),
  currentPhase: z.optional(z.enum(PHASES)),
  /** By `progressName`; `progressBySection` is what a reader is shown. */
  sections: z.record(z.string(), sectionProgress),
  /** The outbox: events by id, as JSON text, written with the status they speak of and removed once published. */
  pendingEvents: z.record(z.string(), z.string()),
  /** Epoch ms: when somebody must look at the row next; absent at rest. */
  dueAt: z.optional(z.number()),
  /** Epoch seconds: when DynamoDB may remove the row. */
  ttl: z.number(),
});

const started = { executionArn: z.string(), startedAt: z.number() };

const initiatedJob = z.extend(jobBase, { status: z.literal('initiated') });
const processingJob = z.extend(jobBase, { ...started, status: z.literal('processing') });
const packaged = { ...started, ...packageSummary.shape, completedAt: z.number(), expiresAt: z.number() };
const completedJob = z.extend(jobBase, { ...packaged, status: z.literal('completed') });
const expiredJob = z.extend(jobBase, { ...packaged, status: z.literal('expired') });
const failedJob = z.extend(jobBase, {
  status: z.literal('failed'),
  executionArn: z.optional(z.string()),
  startedAt: z.optional(z.number()),
  completedAt: z.number(),
  /** The sentence for the user. */
  error: z.string(),
  errorDetails: z.object({
    /** Of `failures.ts`, which tells category and sentence. */
    code: z.string(),
    /** For operators: the error's own name where the code is not. */
    errorName: z.optional(z.string()),
  }),
});
const deletingJob = z.extend(jobBase, {
  status: z.literal('deleting'),
  executionArn: z.optional(z.string()),
  /** Epoch ms: no function of the export can still be running then, so a purge from then on is the last one. */
  purgeAgainAt: z.number(),
});

/** A job as it stands in the table, one shape for each status. */
export const exportJob = z.discriminatedUnion('status', [
  initiatedJob,
  processingJob,
  completedJob,
  expiredJob,
  failedJob,
  deletingJob,
]);
export type ExportJob = z.infer<typeof exportJob>;
export type InitiatedJob = z.infer<typeof initiatedJob>;
export type ProcessingJob = z.infer<typeof processingJob>;
export type CompletedJob = z.infer<typeof completedJob>;
export type ExpiredJob = z.infer<typeof expiredJob>;
export type FailedJob = z.infer<typeof failedJob>;
export type DeletingJob = z.infer<typeof deletingJob>;

/**
 * What is left of a deleted job. The id is never freed: Step Functions refuses the name of a closed execution for 90
 * days (StartExecution API reference), so a reused id could not run.
 */
export const tombstone = z.object({
  exportId: z.string(),
  status: z.literal('deleted'),
  requestHash: z.string(),
  /** Whose it was, so that a page token that names it still works for them; see `ownerHash`. */
  ownerHash: z.string(),
  requestedAt: z.number(),
  pendingEvents: z.record(z.string(), z.string()),
  dueAt: z.optional(z.number()),
  ttl: z.number(),
});
export type Tombstone = z.infer<typeof tombstone>;

/** Tells whether a tombstone was this user's, without saying who that is. */
export const ownerHash = (userId: string): string => createHash('sha256').update(userId).digest('hex');

const ROW_LIFETIME_MS = 100 * 24 * 60 * 60 * 1000;

/** When the row of a job requested at `requestedAt` (epoch ms) may go, in epoch seconds: after its execution's name is free. */
export const rowTimeToLive = (requestedAt: number): number =>
  Math.ceil((requestedAt + ROW_LIFETIME_MS) / 1000);

/** Two requests are the same when this is. */
export const requestHash = (request: ExportRequest): string => {
  const wishes = Object.entries(request).filter(([, value]) => value !== undefined);
  return createHash('sha256')
    .update(JSON.stringify(wishes.sort(byName)))
    .digest('hex');
};

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** How long after a write somebody looks whether what had to follow it did: the start, the events, the clean-up. */
export const FOLLOW_UP_MS = 2 * 60 * 1000;

/** How often somebody looks whether the execution of a job that is in progress still runs. */
export const RUN_CHECK_MS = 15 * 60 * 1000;

/** How long a run can take at the most: beyond the workflow's own TimeoutSeconds, so that only a lost one reaches it. */
export const LONGEST_RUN_MS = 21 * 60 * 60 * 1000;

/** How long after the request an export whose start was lost is still started: later nobody waits for it. */
export const LATEST_START_MS = 60 * 60 * 1000;

export interface NewJob {
  readonly exportId: string;
  readonly userId: string;
  readonly request: ExportRequest;
  /** Epoch ms. */
  readonly requestedAt: number;
  readonly correlationId: string;
  readonly retryOf?: string;
  readonly estimatedSize: number | null;
  readonly estimatedCompletion: number | null;
  readonly pendingEvents: Readonly<Record<string, string>>;
}

export const initiateJob = ({ request, pendingEvents, ...job }: NewJob): InitiatedJob => ({
  ...job,
  exportType: request.exportType,
  exportFormat: request.exportFormat,
  includeAnalytics: request.includeAnalytics,
  ...(request.description === undefined ? {} : { description: request.description }),
  status: 'initiated',
  parameters: request,
  requestHash: requestHash(request),
  progress: 0,
  sections: {},
  pendingEvents: { ...pendingEvents },
  dueAt: job.requestedAt + FOLLOW_UP_MS,
  ttl: rowTimeToLive(job.requestedAt),
});

/** The status as of `now` (epoch ms): a package's time is over when it is over, not when somebody has cleaned up. */
export const statusAt = (job: ExportJob, now: number): JobStatus =>
  job.status === 'completed' && now >= job.expiresAt ? 'expired' : job.status;

/** Where each phase begins on the way from 0 to 100. */
export const PHASE_STARTS = { collecting: 5, packaging: 60, packaged: 85, completed: 100 } as const;

/**
 * 0–100; never goes back, not even when the job ends, because a section once done stays done and the stored figure only
 * grows.
 */
export const progressOf = (job: ExportJob): number => {
  const began = job.status !== 'initiated' && job.executionArn !== undefined;
  if (!began) return job.progress;
  const wanted = sectionsOf(job);
  const told = progressBySection(job.sections);
  const done = wanted.filter((section) => told[section]?.done === true).length;
  const collected =
    PHASE_STARTS.collecting + ((PHASE_STARTS.packaging - PHASE_STARTS.collecting) * done) / wanted.length;
  return Math.max(job.progress, Math.floor(collected));
};
