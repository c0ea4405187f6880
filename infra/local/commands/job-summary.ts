import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { exportJob, progressOf, statusAt, tombstone } from '../../../shared/domain/export-job.ts';
import type { OperatorAccess } from './operator-access.ts';

/** What an operator needs to know of a job, as texts. */
export interface JobSummary {
  readonly status: string;
  /** 0–100; empty when the job has none. */
  readonly progress: string;
  readonly phase: string;
}

/** The job of an export as its user is told of it. */
export const jobSummary = async (
  { dynamodb, jobsTable }: OperatorAccess,
  exportId: string,
): Promise<JobSummary> => {
  const documents = DynamoDBDocumentClient.from(dynamodb);
  const { Item } = await documents.send(new GetCommand({ TableName: jobsTable, Key: { exportId } }));
  const job = exportJob.safeParse(Item);
  if (job.success) {
    return {
      status: statusAt(job.data, Date.now()),
      progress: String(progressOf(job.data)),
      phase: (job.data.currentPhase ?? '').replaceAll('_', ' '),
    };
  }
  const deleted = tombstone.safeParse(Item);
  if (deleted.success) return { status: deleted.data.status, progress: '', phase: '' };
  return { status: Item === undefined ? 'no job' : 'unreadable', progress: '', phase: '' };
};
