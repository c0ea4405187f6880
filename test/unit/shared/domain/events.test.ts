import { describe, expect, it } from '@jest/globals';
import {
  exportCompleted,
  exportDeleted,
  exportDownloaded,
  exportExpired,
  exportFailed,
  exportInitiated,
  failedEventId,
  pendingEvents,
} from '../../../../shared/domain/events.ts';
import { aCompletedJob, aFailedJob, anInitiatedJob, NOON } from '../../../support/export-builders.ts';

const exportId = '0b0f6f3a-9d0a-4c56-8f0e-2f1c8a3f5b11';
const job = anInitiatedJob({ exportId });
const completed = aCompletedJob({ exportId, completedAt: NOON + 5 });
const failed = aFailedJob({ exportId, completedAt: NOON + 7, errorDetails: { code: 'AccessRefused' } });
const occasion = { timestamp: NOON, requestId: 'request-1' };

const eventIds = [
  exportInitiated(job, occasion),
  exportCompleted(completed, 'bucket'),
  exportFailed(failed),
  exportDeleted(job, occasion),
  exportDownloaded(job, occasion),
  exportExpired(completed, occasion),
].map(({ detail }) => detail.eventId);

describe('the id of an event', () => {
  it('is another for each type of event and each export', () => {
    expect(new Set(eventIds).size).toBe(6);
    const another = exportInitiated(anInitiatedJob(), occasion).detail.eventId;
    expect(eventIds).not.toContain(another);
  });

  it('is the same for every repeat, whenever and by whatever request', () => {
    const later = { timestamp: NOON + 99, requestId: 'request-2' };
    expect(exportInitiated(job, later).detail.eventId).toBe(eventIds[0]);
    expect(exportCompleted({ ...completed, completedAt: NOON + 99 }, 'bucket').detail.eventId).toBe(
      eventIds[1],
    );
    expect(exportFailed({ ...failed, completedAt: NOON + 99 }).detail.eventId).toBe(eventIds[2]);
    expect(exportDeleted(job, later).detail.eventId).toBe(eventIds[3]);
  });

  it('differs by request for a download, because each link is a fact of its own', () => {
    expect(exportDownloaded(job, occasion).detail.eventId).toBe(eventIds[4]);
    expect(exportDownloaded(job, { ...occasion, requestId: 'request-2' }).detail.eventId).not.toBe(
      eventIds[4],
    );
  });
});

describe('an event', () => {
  it('tells who, when, and what brought it about', () => {
    expect(exportInitiated(job, occasion)).toEqual({
      type: 'export.initiated',
      detail: {
        eventId: eventIds[0],
        eventVersion: '1.0',
        timestamp: NOON,
        userId: 'user-1',
        correlationId: 'correlation-1',
        causationId: 'request-1',
        data: { exportId, exportType: 'complete', exportFormat: 'zip' },
        metadata: { source: 'export.service' },
      },
    });
  });

  it('of a retry names the export it repeats, and the event of whose failure it came', () => {
    const failedId = failedEventId(exportId);
    expect(failedId).toBe(eventIds[2]);
    const retry = anInitiatedJob({ retryOf: exportId });
    const { detail } = exportInitiated(retry, { timestamp: NOON, requestId: failedId });
    expect(detail.causationId).toBe(failedId);
    expect(detail.data).toEqual({
      exportId: retry.exportId,
      exportType: 'complete',
      exportFormat: 'zip',
      retryOf: exportId,
    });
  });

  it('of a completed export holds what consumers need, and no link', () => {
    const { type, detail } = exportCompleted(completed, 'packages-bucket');
    expect(type).toBe('export.completed');
    expect(detail.timestamp).toBe(NOON + 5);
    expect(detail.causationId).toBe(eventIds[0]);
    expect(detail.data).toEqual({
      exportId,
      exportType: 'complete',
      exportFormat: 'zip',
      packageSize: completed.packageSize,
      sha256: completed.sha256,
      sha256Omitted: null,
      crc64nvme: null,
      bucket: 'packages-bucket',
      s3Key: completed.s3Key,
      dataSummary: completed.counts,
      completeness: 'complete',
      warnings: completed.warnings,
      downloadPath: `/export/${exportId}/download`,
    });
    expect(JSON.stringify(detail)).not.toMatch(/https?:|X-Amz/);
  });

  it('of a failed export holds the code and the sentence for the user', () => {
    expect(exportFailed(failed).detail.data).toEqual({
      exportId,
      exportType: 'complete',
      exportFormat: 'zip',
      errorCode: 'AccessRefused',
      errorCategory: 'refused',
      retryable: false,
      error: failed.error,
    });
  });

  it('of an expired export says when its time was over, and that its start brought it about', () => {
    const { type, detail } = exportExpired(completed, { timestamp: NOON + 9 });
    expect(type).toBe('export.expired');
    expect(detail).toMatchObject({ timestamp: NOON + 9, causationId: eventIds[0] });
    expect(detail.data).toEqual({
      exportId,
      exportType: 'complete',
      exportFormat: 'zip',
      expiresAt: completed.expiresAt,
    });
  });

  it('waits in the outbox under its id, as the text it will be published from', () => {
    const [one, other] = [exportInitiated(job, occasion), exportDeleted(job, occasion)];
    const outbox = pendingEvents(one, other);
    expect(Object.keys(outbox)).toEqual([one.detail.eventId, other.detail.eventId]);
    expect(JSON.parse(outbox[other.detail.eventId] ?? '')).toEqual(other);
  });
});
