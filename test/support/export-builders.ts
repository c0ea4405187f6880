import { randomUUID } from 'node:crypto';
import {
  initiateJob,
  ownerHash,
  type CompletedJob,
  type DeletingJob,
  type ExpiredJob,
  type FailedJob,
  type InitiatedJob,
  type NewJob,
  type ProcessingJob,
  type Tombstone,
} from '../../shared/domain/export-job.ts';
import type { ExportRequest } from '../../shared/domain/export-request.ts';
import type { PackageSummary } from '../../shared/domain/manifest.ts';
import { packageKey } from '../../shared/domain/package-layout.ts';
import type { ApiRequest } from '../../shared/http.ts';
import type { SourceRecord } from '../../shared/ports.ts';
import { ParsedRecord } from '../../shared/use-cases/parsed-record.ts';
import type { ExportRun } from '../../shared/workflow/contracts.ts';

/** The instant tests begin at: epoch ms. */
export const NOON = Date.UTC(2026, 10, 23, 12);
export const HOUR_MS = 60 * 60 * 1000;
export const A_USER = 'user-1';

export const aCompleteRequest = (overrides: Partial<ExportRequest> = {}): ExportRequest => ({
  exportType: 'complete',
  exportFormat: 'zip',
  includeAnalytics: false,
  includeCsv: false,
  ...overrides,
});

export const anInitiatedJob = (overrides: Partial<NewJob> = {}): InitiatedJob =>
  initiateJob({
    exportId: randomUUID(),
    userId: A_USER,
    request: aCompleteRequest(),
    requestedAt: NOON,
    correlationId: 'correlation-1',
    estimatedSize: 1200,
    estimatedCompletion: NOON + 5_000,
    pendingEvents: {},
    ...overrides,
  });

export const executionArnOf = (exportId: string): string =>
  `arn:aws:states:us-east-1:000000000000:execution:household-export:${exportId}`;

export const aProcessingJob = (overrides: Partial<ProcessingJob> = {}): ProcessingJob => {
  const job = anInitiatedJob();
  return {
    ...job,
    status: 'processing',
    currentPhase: 'collecting_data',
    executionArn: executionArnOf(overrides.exportId ?? job.exportId),
    startedAt: NOON + 1_000,
    ...overrides,
  };
};

export const aPackageSummary = (overrides: Partial<PackageSummary> = {}): PackageSummary => ({
  s3Key: 'packages/user-1/export-1/attempt-1.zip',
  packageSize: 4711,
  sha256: 'ab'.repeat(32),
  completeness: 'complete',
  counts: { accounts: { expected: 2, included: 2, omitted: 0 } },
  warnings: [],
  ...overrides,
});

export const aCompletedJob = (overrides: Partial<CompletedJob> = {}): CompletedJob => {
  const job = aProcessingJob();
  const exportId = overrides.exportId ?? job.exportId;
  const userId = overrides.userId ?? job.userId;
  return {
    ...job,
    ...aPackageSummary({ s3Key: packageKey({ userId, exportId }, 'attempt-1', 'zip') }),
    status: 'completed',
    currentPhase: 'completed',
    progress: 100,
    completedAt: NOON + 10_000,
    expiresAt: NOON + 24 * HOUR_MS,
    ...overrides,
  };
};

export const anExpiredJob = (overrides: Partial<ExpiredJob> = {}): ExpiredJob => ({
  ...aCompletedJob({
    ...(overrides.exportId === undefined ? {} : { exportId: overrides.exportId }),
    ...(overrides.userId === undefined ? {} : { userId: overrides.userId }),
  }),
  status: 'expired',
  ...overrides,
});

export const aFailedJob = (overrides: Partial<FailedJob> = {}): FailedJob => ({
  ...aProcessingJob(),
  status: 'failed',
  completedAt: NOON + 10_000,
  error: 'The export could not be finished.',
  errorDetails: { code: 'ServiceUnavailable' },
  ...overrides,
});

export const aDeletingJob = (overrides: Partial<DeletingJob> = {}): DeletingJob => {
  const job = anInitiatedJob();
  return {
    ...job,
    status: 'deleting',
    executionArn: executionArnOf(overrides.exportId ?? job.exportId),
    purgeAgainAt: NOON + HOUR_MS,
    ...overrides,
  };
};

export const aTombstone = (overrides: Partial<Tombstone> = {}): Tombstone => ({
  exportId: randomUUID(),
  status: 'deleted',
  requestHash: 'hash-1',
  ownerHash: ownerHash(A_USER),
  requestedAt: NOON,
  pendingEvents: {},
  ttl: 2_000_000_000,
  ...overrides,
});

export const anExportRun = (overrides: Partial<ExportRun> = {}): ExportRun => ({
  exportId: randomUUID(),
  userId: A_USER,
  sections: ['accounts', 'transactions', 'categories', 'fileMaps', 'transactionFiles'],
  includeAnalytics: false,
  transactionParts: [{ index: 0 }],
  ...overrides,
});

export const anApiRequest = (overrides: Partial<ApiRequest> = {}): ApiRequest => ({
  userId: A_USER,
  requestId: randomUUID(),
  correlationId: 'correlation-1',
  path: {},
  query: {},
  headers: {},
  body: undefined,
  ...overrides,
});

/** A record as a household source gives it, its JSON holding the fields. */
export const aRecord = (
  primaryKey: string,
  sortKey = '',
  fields: Readonly<Record<string, unknown>> = {},
): SourceRecord =>
  new ParsedRecord({ primaryKey, sortKey, text: JSON.stringify({ id: primaryKey, ...fields }) });
