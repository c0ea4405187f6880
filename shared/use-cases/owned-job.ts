import { ExportNotFound } from '../domain/errors.ts';
import type { ExportJob } from '../domain/export-job.ts';
import type { ApiRequest } from '../http.ts';
import type { JobStore } from '../ports.ts';

/**
 * The job that a request's path names, when it is the caller's.
 * @throws ExportNotFound when there is none, when it is somebody else's, and when it was deleted
 */
export const ownedJob = async (
  jobs: Pick<JobStore, 'find'>,
  { path, userId }: ApiRequest,
): Promise<ExportJob> => {
  const { exportId } = path;
  const job = exportId === undefined ? undefined : await jobs.find(exportId);
  if (job === undefined || job.status === 'deleted' || job.userId !== userId) throw new ExportNotFound();
  return job;
};
