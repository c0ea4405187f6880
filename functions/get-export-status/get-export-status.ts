import { createHash } from 'node:crypto';
import type { ExportStatusReply } from '../../shared/api/replies.ts';
import { progressOf, statusAt, type ExportJob } from '../../shared/domain/export-job.ts';
import { failureFor } from '../../shared/domain/failures.ts';
import { progressBySection } from '../../shared/domain/section-progress.ts';
import { packageHash, type PackageHash } from '../../shared/domain/package-hash.ts';
import { POLL_SECONDS, type ApiReply, type ApiRequest } from '../../shared/http.ts';
import type { Clock, JobStore } from '../../shared/ports.ts';
import { ownedJob } from '../../shared/use-cases/owned-job.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly clock: Clock;
}

const isoTime = (instant: number | undefined): string | null =>
  instant === undefined ? null : new Date(instant).toISOString();

const NO_HASH: PackageHash = { sha256: null, sha256Omitted: null, crc64nvme: null };

const statusBody = (job: ExportJob, now: number): ExportStatusReply => {
  const status = statusAt(job, now);
  const packaged = job.status === 'completed' || job.status === 'expired' ? job : undefined;
  const failed = job.status === 'failed' ? job : undefined;
  const failure = failed === undefined ? undefined : failureFor(failed.errorDetails.code);
  return {
    exportId: job.exportId,
    status,
    progress: progressOf(job),
    currentPhase: job.currentPhase ?? null,
    downloadUrl: status === 'completed' ? `/export/${job.exportId}/download` : null,
    expiresAt: isoTime(packaged?.expiresAt),
    error: failed?.error ?? null,
    errorCode: failure?.code ?? null,
    errorCategory: failure?.category ?? null,
    retryable: failure?.retryable ?? null,
    packageSize: packaged?.packageSize ?? null,
    completedAt: isoTime(packaged?.completedAt ?? failed?.completedAt),
    requestedAt: new Date(job.requestedAt).toISOString(),
    exportType: job.exportType,
    exportFormat: job.exportFormat,
    includeAnalytics: job.includeAnalytics,
    description: job.description ?? null,
    retryOf: job.retryOf ?? null,
    sections: progressBySection(job.sections),
    counts: packaged?.counts ?? null,
    completeness: packaged?.completeness ?? null,
    warnings: packaged?.warnings ?? [],
    ...(packaged === undefined ? NO_HASH : packageHash(packaged)),
  };
};

const RUNNING: readonly string[] = ['initiated', 'processing', 'deleting'];

/** What has become of an export; unchanged answers cost the client nothing (ETag, RFC 9110 section 13.1.2). */
export const createGetExportStatus =
  ({ jobs, clock }: Dependencies) =>
  async (request: ApiRequest): Promise<ApiReply<ExportStatusReply>> => {
    const body = statusBody(await ownedJob(jobs, request), clock.now());
    const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url')}"`;
    const headers = {
      etag,
      ...(RUNNING.includes(body.status) ? { 'retry-after': String(POLL_SECONDS) } : {}),
    };
    return matches(request.headers['if-none-match'], etag)
      ? { status: 304, headers }
      : { status: 200, headers, body };
  };

const matches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch?.split(',').some((candidate) => ['*', etag].includes(candidate.trim().replace(/^W\//, ''))) ??
  false;
