import type { CompletedJob, ExpiredJob, FailedJob, InitiatedJob } from './export-job.ts';
import { failureFor } from './failures.ts';
import { nameBasedUuid } from './name-based-uuid.ts';
import { packageHash } from './package-hash.ts';

export const EVENT_SOURCE = 'export.service';

export const EVENT_TYPES = [
  'export.initiated',
  'export.completed',
  'export.failed',
  'export.expired',
  'export.deleted',
  'export.downloaded',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** An event as consumers receive it: `type` is EventBridge's detail-type, the rest is its detail. */
export interface ExportEvent {
  readonly type: EventType;
  readonly detail: {
    /** The same for every repeat of the same event. */
    readonly eventId: string;
    readonly eventVersion: '1.0';
    /** Epoch ms. */
    readonly timestamp: number;
    readonly userId: string;
    /** One id from the user's request through everything that came of it. */
    readonly correlationId: string;
    /** What brought this event about: an event id, or the id of a request. */
    readonly causationId: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly metadata: { readonly source: typeof EVENT_SOURCE };
  };
}

interface Subject {
  readonly exportId: string;
  readonly userId: string;
  readonly correlationId: string;
}

interface Occasion {
  /** Epoch ms. */
  readonly timestamp: number;
  /** The request, or the event, that caused it; without one, the export's own start did. */
  readonly requestId?: string;
}

const eventIdOf = (exportId: string, type: EventType, ...more: readonly string[]): string =>
  nameBasedUuid('event', exportId, type, ...more);

const eventOf = (
  type: EventType,
  { exportId, userId, correlationId }: Subject,
  { timestamp, requestId }: Occasion,
  data: Readonly<Record<string, unknown>>,
): ExportEvent => ({
  type,
  detail: {
    eventId: eventIdOf(
      exportId,
      type,
      ...(type === 'export.downloaded' && requestId !== undefined ? [requestId] : []),
    ),
    eventVersion: '1.0',
    timestamp,
    userId,
    correlationId,
    causationId: requestId ?? eventIdOf(exportId, 'export.initiated'),
    data: { exportId, ...data },
    metadata: { source: EVENT_SOURCE },
  },
});

type Kind = Pick<InitiatedJob, 'exportType' | 'exportFormat'>;

const kindOf = ({ exportType, exportFormat }: Kind): Kind => ({ exportType, exportFormat });

export const exportInitiated = (
  job: Subject & Kind & Pick<InitiatedJob, 'retryOf'>,
  occasion: Occasion,
): ExportEvent =>
  eventOf('export.initiated', job, occasion, {
    ...kindOf(job),
    ...(job.retryOf === undefined ? {} : { retryOf: job.retryOf }),
  });

/** The id of the event that an export failed: what a retry of it comes from. */
export const failedEventId = (exportId: string): string => eventIdOf(exportId, 'export.failed');

/** Where the package lies, what is in it, whether it is whole, and what to know of it by code; never a link to it. */
export const exportCompleted = (job: Omit<CompletedJob, 'status'>, bucket: string): ExportEvent =>
  eventOf(
    'export.completed',
    job,
    { timestamp: job.completedAt },
    {
      ...kindOf(job),
      packageSize: job.packageSize,
      ...packageHash(job),
      bucket,
      s3Key: job.s3Key,
      dataSummary: job.counts,
      completeness: job.completeness,
      warnings: job.warnings,
      downloadPath: `/export/${job.exportId}/download`,
    },
  );

export const exportFailed = (
  job: Subject & Kind & Pick<FailedJob, 'completedAt' | 'errorDetails' | 'error'>,
): ExportEvent => {
  const { category, retryable } = failureFor(job.errorDetails.code);
  return eventOf(
    'export.failed',
    job,
    { timestamp: job.completedAt },
    {
      ...kindOf(job),
      errorCode: job.errorDetails.code,
      errorCategory: category,
      retryable,
      error: job.error,
    },
  );
};

/** The package's time is over; whoever kept where it lies can forget it. */
export const exportExpired = (
  job: Subject & Kind & Pick<ExpiredJob, 'expiresAt'>,
  occasion: Occasion,
): ExportEvent => eventOf('export.expired', job, occasion, { ...kindOf(job), expiresAt: job.expiresAt });

export const exportDeleted = (job: Subject & Kind, occasion: Occasion): ExportEvent =>
  eventOf('export.deleted', job, occasion, kindOf(job));

/** A download link was issued; whether it was used only the storage's access log knows. */
export const exportDownloaded = (job: Subject & Kind, occasion: Required<Occasion>): ExportEvent =>
  eventOf('export.downloaded', job, occasion, kindOf(job));

/** The outbox form of events: by id, as text. */
export const pendingEvents = (...events: readonly ExportEvent[]): Record<string, string> =>
  Object.fromEntries(events.map((event) => [event.detail.eventId, JSON.stringify(event)]));
