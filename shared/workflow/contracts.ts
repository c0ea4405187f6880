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

/** The run of one export, as BeginExport found it. */
export const exportRun = z.object({
  exportId: z.string(),
  userId: z.string(),
  sections: z.array(z.enum(SECTIONS)),
  includeAnalytics: z.boolean(),
});
export type ExportRun = z.infer<typeof exportRun>;

const sectionNotRequested = z.object({ section: z.enum(SECTIONS), requested: z.literal(false) });
const sectionCollected = z.object({
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

export const packageInput = z.object({ run: exportRun, collected: z.array(sectionResult) });
export type PackageInput = z.infer<typeof packageInput>;

export const verifyInput = z.object({ run: exportRun, package: packageSummary });
export type VerifyInput = z.infer<typeof verifyInput>;

/** What was read and found right, for whoever looks at the execution. */
export const verifyResult = z.object({ bytes: z.number(), entries: z.number(), records: z.number() });
export type VerifyResult = z.infer<typeof verifyResult>;

export const completeInput = z.object({ run: exportRun, package: packageSummary });
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
}
