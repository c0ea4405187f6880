import type { EventOf, ExportEvent } from '../api/events.ts';
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

const eventOf = <T extends EventType, Data>(
  type: T,
  { exportId, userId, correlationId }: Subject,
  { timestamp, requestId }: Occasion,
  data: Data,
) => ({
  type,
  detail: {
    eventId: eventIdOf(
      exportId,
      type,
      ...(type === 'export.downloaded' && requestId !== undefined ? [requestId] : []),
    ),
    eventVersion: '1.0' as const,
    timestamp,
    userId,
    correlationId,
    causationId: requestId ?? eventIdOf(exportId, 'export.initiated'),
    data,
    metadata: { source: EVENT_SOURCE } as const,
  },
});

type Kind = Pick<InitiatedJob, 'exportType' | 'exportFormat'>;
type Named = Kind & Pick<Subject, 'exportId'>;

/** What every event says of its export. */
const about = ({ exportId, exportType, exportFormat }: Named): Named => ({
  exportId,
  exportType,
  exportFormat,
});

export const exportInitiated = (
  job: Subject & Kind & Pick<InitiatedJob, 'retryOf'>,
  occasion: Occasion,
): EventOf<'export.initiated'> =>
  eventOf('export.initiated', job, occasion, {
    ...about(job),
    ...(job.retryOf === undefined ? {} : { retryOf: job.retryOf }),
  });

/** The id of the event that an export failed: what a retry of it comes from. */
export const failedEventId = (exportId: string): string => eventIdOf(exportId, 'export.failed');

/** Where the package lies, what is in it, whether it is whole, and what to know of it by code; never a link to it. */
export const exportCompleted = (
  job: Omit<CompletedJob, 'status'>,
  bucket: string,
): EventOf<'export.completed'> =>
  eventOf(
    'export.completed',
    job,
    { timestamp: job.completedAt },
    {
      ...about(job),
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
): EventOf<'export.failed'> => {
  const { code, category, retryable } = failureFor(job.errorDetails.code);
  return eventOf(
    'export.failed',
    job,
    { timestamp: job.completedAt },
    {
      ...about(job),
      errorCode: code,
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
): EventOf<'export.expired'> =>
  eventOf('export.expired', job, occasion, { ...about(job), expiresAt: job.expiresAt });

export const exportDeleted = (job: Subject & Kind, occasion: Occasion): EventOf<'export.deleted'> =>
  eventOf('export.deleted', job, occasion, about(job));

/** A download link was issued; whether it was used only the storage's access log knows. */
export const exportDownloaded = (
  job: Subject & Kind,
  occasion: Required<Occasion>,
): EventOf<'export.downloaded'> => eventOf('export.downloaded', job, occasion, about(job));

/** The outbox form of events: by id, as text. */
export const pendingEvents = (...events: readonly ExportEvent[]): Record<string, string> =>
  Object.fromEntries(events.map((event) => [event.detail.eventId, JSON.stringify(event)]));
