import type { DownloadLink } from '../../shared/api/replies.ts';
import {
  ExportExpired,
  ExportNotCompleted,
  ExportNotFound,
  ExportStateConflict,
} from '../../shared/domain/errors.ts';
import { exportDownloaded, pendingEvents } from '../../shared/domain/events.ts';
import { FOLLOW_UP_MS, statusAt, type CompletedJob, type ExportJob } from '../../shared/domain/export-job.ts';
import { packageHash } from '../../shared/domain/package-hash.ts';
import { downloadName } from '../../shared/domain/package-layout.ts';
import type { ApiReply, ApiRequest } from '../../shared/http.ts';
import type { ArtifactStore, Clock, JobStore, Metrics } from '../../shared/ports.ts';
import { ownedJob } from '../../shared/use-cases/owned-job.ts';
import type { PublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly artifacts: ArtifactStore;
  readonly publish: PublishPendingEvents;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

const LONGEST_LINK_MS = 15 * 60 * 1000;

const downloadable = (job: ExportJob, now: number): CompletedJob => {
  if (statusAt(job, now) === 'expired') {
    throw new ExportExpired('The time to download this export is over. Start a new one.');
  }
  switch (job.status) {
    case 'completed':
      return job;
    case 'deleting':
      throw new ExportNotFound();
    case 'failed':
      throw new ExportNotCompleted('This export failed, so there is nothing to download. Start a new one.');
    default:
      throw new ExportNotCompleted('This export is not finished yet.');
  }
};

/** Whether the client named JSON itself; a wildcard is what browsers send when they navigate. */
const acceptsJson = (accept = ''): boolean =>
  accept
    .toLowerCase()
    .split(',')
    .some((range) => /^\s*application\/json\s*(?:;(?!.*\bq=0(?:\.0*)?\s*$).*)?$/.test(range));

/** Links are made for one request, live shortly and are never stored, logged or put into an event. */
export const createDownloadExport = ({ jobs, artifacts, publish, clock, metrics }: Dependencies) => {
  const announce = async (job: CompletedJob, request: ApiRequest): Promise<void> => {
    const timestamp = clock.now();
    const issued = pendingEvents(exportDownloaded(job, { timestamp, requestId: request.requestId }));
    try {
      await jobs.addPendingEvents(job.exportId, issued, timestamp + FOLLOW_UP_MS);
    } catch (error) {
      // It has expired or was deleted just now, which says more than that it cannot be downloaded.
      if (error instanceof ExportStateConflict) downloadable(await ownedJob(jobs, request), clock.now());
      throw error;
    }
    await publish({ exportId: job.exportId, pendingEvents: issued });
  };

  return async (request: ApiRequest): Promise<ApiReply<DownloadLink>> => {
    const job = downloadable(await ownedJob(jobs, request), clock.now());
    if (!(await artifacts.exists(job.s3Key))) {
      throw new ExportExpired('The package of this export is no longer there. Start a new one.');
    }
    const now = clock.now();
    const wanted = Math.max(1, Math.floor(Math.min(LONGEST_LINK_MS, job.expiresAt - now) / 1000));
    const fileName = downloadName(job.requestedAt, job.exportFormat);
    const { url, seconds } = await artifacts.signDownload(job.s3Key, { fileName, seconds: wanted });
    await announce(job, request);
    metrics.record({ Downloads: 1 });
    const body: DownloadLink = {
      downloadUrl: url,
      expiresAt: new Date(now + seconds * 1000).toISOString(),
      fileName,
      packageSize: job.packageSize,
      ...packageHash(job),
    };
    // A browser's fetch would carry its Authorization header along a redirect, and S3 refuses two ways of signing at once.
    return acceptsJson(request.headers['accept'])
      ? { status: 200, body }
      : { status: 302, headers: { location: url }, body };
  };
};
