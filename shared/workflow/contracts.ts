import * as z from 'zod/mini';
import { EXECUTION_FAILURES } from '../domain/execution.ts';
import { packageSummary } from '../domain/manifest.ts';
import { SECTIONS } from '../domain/sections.ts';

/**
 * What the workflow's steps hand to each other. All of it is small: data travels by S3 key, because Step Functions
 * takes at most 256 KiB between two states (Step Functions quotas).
 */

export const beginInput = z.object({ exportId: z.string(), executionArn: z.string() });
export type BeginInput = z.infer<typeof beginInput>;

/** An export's own execution is named after it. */
export const isExecutionOf = (executionArn: string, exportId: string): boolean =>
  executionArn.endsWith(`:${exportId}`);

/** One of the ranges of dates by which transactions are collected; the ranges of an export meet without gap or overlap. */
const transactionPart = z.object({
  index: z.number(),
  /** Epoch ms, inclusive; the first range is open. */
  from: z.optional(z.number()),
  /** Epoch ms, exclusive; the last range is open. */
  before: z.optional(z.number()),
});
export type TransactionPart = z.infer<typeof transactionPart>;

/** The run of one export, as BeginExport found it. */
export const exportRun = z.object({
  exportId: z.string(),
  userId: z.string(),
  /** For log lines: which request it came from. */
  correlationId: z.optional(z.string()),
  sections: z.array(z.enum(SECTIONS)),
  includeAnalytics: z.boolean(),
  /** In order; none where transactions were not asked for. */
  transactionParts: z.array(transactionPart),
});
export type ExportRun = z.infer<typeof exportRun>;

export const collectTransactionsInput = z.object({ run: exportRun, part: transactionPart });
export type CollectTransactionsInput = z.infer<typeof collectTransactionsInput>;

const sectionNotRequested = z.object({ section: z.enum(SECTIONS), requested: z.literal(false) });
/** What a collector wrote: a section, or the part of one. */
export const sectionCollected = z.object({
  section: z.enum(SECTIONS),
  requested: z.literal(true),
  key: z.string(),
  count: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  /** Where the collector left what it tallied on the way, if it does. */
  tallyKey: z.optional(z.string()),
});
export type SectionCollected = z.infer<typeof sectionCollected>;

export const sectionResult = z.discriminatedUnion('requested', [sectionNotRequested, sectionCollected]);
export type SectionResult = z.infer<typeof sectionResult>;

/** What the collectors wrote, part after part; a section collected in parts arrives as a list of its own. */
const collectedSections = z.pipe(
  z.array(z.union([sectionResult, z.array(sectionResult)])),
  z.transform((results) => results.flat().filter((result) => result.requested)),
);

export const planInput = z.object({ run: exportRun, collected: collectedSections });
export type PlanInput = z.infer<typeof planInput>;

/** How an export is packed; the plan itself lies in the bucket. */
export const planResult = z.object({
  planKey: z.string(),
  /** The number of each segment, in order. */
  segments: z.array(z.number()),
  /** Whether one function packs everything. */
  inOnePiece: z.boolean(),
});
export type PlanResult = z.infer<typeof planResult>;

export const packageInput = z.object({ run: exportRun, planKey: z.string() });
export type PackageInput = z.infer<typeof packageInput>;

export const segmentInput = z.extend(packageInput, { segment: z.number() });
export type SegmentInput = z.infer<typeof segmentInput>;

/** A packed segment: what it wrote lies under names that follow from these two. */
export const packedSegment = z.object({ segment: z.number(), attemptId: z.string() });
export type PackedSegment = z.infer<typeof packedSegment>;

export const joinInput = z.extend(packageInput, { segments: z.array(packedSegment) });
export type JoinInput = z.infer<typeof joinInput>;

/** What has been read and found right: so far, or altogether. */
export const verifyResult = z.object({
  /** Whether all of the package was read; if not, the next call goes on. */
  done: z.boolean(),
  /** Where the next call finds what this one knew. */
  checkpointKey: z.optional(z.string()),
  /** Of the package that was read: it changes with the bytes. */
  version: z.string(),
  bytes: z.number(),
  entries: z.number(),
  records: z.number(),
  /** Hex, of the whole package; null when it is too large for one, or while not done. */
  sha256: z.nullable(z.string()),
});
export type VerifyResult = z.infer<typeof verifyResult>;

export const verifyInput = z.object({
  run: exportRun,
  package: packageSummary,
  /** What the call before this one answered. */
  verified: z.optional(verifyResult),
});
export type VerifyInput = z.infer<typeof verifyInput>;

export const completeInput = z.object({ run: exportRun, package: packageSummary, verified: verifyResult });
export type CompleteInput = z.infer<typeof completeInput>;

const caughtFailure = z.object({
  exportId: z.string(),
  /** The execution that failed: a job is ended by its own execution only. */
  executionArn: z.string(),
  /** As Step Functions' Catch gives it. */
  failure: z.object({ Error: z.string(), Cause: z.optional(z.string()) }),
});

const ENDINGS = {
  FAILED: EXECUTION_FAILURES.failed,
  TIMED_OUT: EXECUTION_FAILURES.timed_out,
  ABORTED: EXECUTION_FAILURES.aborted,
};

/**
 * An execution that ended where no Catch sees it: stopped by an operator, or past its own time limit. EventBridge tells
 * (Step Functions, "Execution Status Change"); the execution's name is the export id.
 */
const endedExecution = z.pipe(
  z.object({
    detail: z.object({
      executionArn: z.string(),
      name: z.string(),
      status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
    }),
  }),
  z.transform(({ detail: { executionArn, name, status } }) => ({
    exportId: name,
    executionArn,
    failure: { Error: ENDINGS[status] },
  })),
);

export const failInput = z.union([caughtFailure, endedExecution]);
export type FailInput = z.infer<typeof failInput>;

/** How a failed execution ended for its job; the workflow closes as succeeded when the job was completed all the same. */
export const failResult = z.object({ outcome: z.enum(['failed', 'completed', 'erased', 'not_ours']) });
export type FailResult = z.infer<typeof failResult>;

/** Of a step's invocation: its id makes the names of what it writes its own. */
export interface StepAttempt {
  readonly attemptId: string;
  /** Aborted with `OutOfTime` when there is just enough time left to end in order. */
  readonly signal?: AbortSignal;
}
