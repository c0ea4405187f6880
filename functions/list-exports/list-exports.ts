import type { ExportList, ListedExport } from '../../shared/api/replies.ts';
import { InvalidRequest } from '../../shared/domain/errors.ts';
import {
  ownerHash,
  progressOf,
  statusAt,
  type ExportJob,
  type Tombstone,
} from '../../shared/domain/export-job.ts';
import type { ApiReply, ApiRequest } from '../../shared/http.ts';
import type { Clock, JobStore, ListedPlace } from '../../shared/ports.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly clock: Clock;
}

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;

const limitOf = ({ query }: ApiRequest): number => {
  const text = query['limit'] ?? String(DEFAULT_LIMIT);
  const limit = Number(text);
  if (!/^\d{1,3}$/.test(text) || limit < 1 || limit > LARGEST_LIMIT) {
    throw new InvalidRequest(
      [],
      `The query parameter limit must be a whole number from 1 to ${LARGEST_LIMIT}.`,
    );
  }
  return limit;
};

const listed = (job: ExportJob, now: number): ListedExport => {
  const packaged = job.status === 'completed' || job.status === 'expired' ? job : undefined;
  return {
    exportId: job.exportId,
    status: statusAt(job, now),
    exportType: job.exportType,
    exportFormat: job.exportFormat,
    requestedAt: job.requestedAt,
    completedAt: packaged?.completedAt ?? (job.status === 'failed' ? job.completedAt : null),
    expiresAt: packaged?.expiresAt ?? null,
    progress: progressOf(job),
    packageSize: packaged?.packageSize ?? null,
    description: job.description ?? null,
    retryOf: job.retryOf ?? null,
  };
};

const isOf = (job: ExportJob | Tombstone, userId: string): boolean =>
  job.status === 'deleted' ? job.ownerHash === ownerHash(userId) : job.userId === userId;

/** A user's exports, newest first, page by page. */
export const createListExports = ({ jobs, clock }: Dependencies) => {
  /**
   * A token is only the last id of the page before: the row behind it is read, and must be the caller's. Whoever deletes
   * that export before turning the page finds its place all the same.
   */
  const lastListed = async ({ query, userId }: ApiRequest): Promise<ListedPlace | undefined> => {
    const token = query['nextToken'];
    if (token === undefined) return undefined;
    const job = await jobs.find(Buffer.from(token, 'base64url').toString('utf8'));
    if (job === undefined || !isOf(job, userId)) {
      throw new InvalidRequest(
        [],
        'The query parameter nextToken is not valid. Start again from the first page.',
      );
    }
    return { exportId: job.exportId, userId, requestedAt: job.requestedAt };
  };

  return async (request: ApiRequest): Promise<ApiReply<ExportList>> => {
    const limit = limitOf(request);
    const after = await lastListed(request);
    const page = await jobs.findByUser(request.userId, { limit, ...(after === undefined ? {} : { after }) });
    const last = page.jobs.at(-1);
    return {
      status: 200,
      body: {
        exports: page.jobs.map((job) => listed(job, clock.now())),
        limit,
        hasMore: page.hasMore,
        nextToken:
          page.hasMore && last !== undefined ? Buffer.from(last.exportId).toString('base64url') : null,
      },
    };
  };
};
