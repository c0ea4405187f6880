import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { exportJob, progressOf, statusAt, tombstone } from '../../../shared/domain/export-job.ts';
import type { JobReport } from '../../web/browser/executions/replies.ts';
import type { OperatorAccess } from './execution-reader.ts';

/** The job of an export as its user is told of it: how it stands and what kind it is, nothing of whose it is. */
export const jobSummary = async (
  { dynamodb, jobsTable }: OperatorAccess,
  exportId: string,
): Promise<JobReport> => {
  const documents = DynamoDBDocumentClient.from(dynamodb);
  const { Item } = await documents.send(new GetCommand({ TableName: jobsTable, Key: { exportId } }));
  const job = exportJob.safeParse(Item);
  if (job.success) {
    return {
      status: statusAt(job.data, Date.now()),
      exportType: job.data.exportType,
      progress: String(progressOf(job.data)),
      phase: (job.data.currentPhase ?? '').replaceAll('_', ' '),
    };
  }
  const deleted = tombstone.safeParse(Item);
  const nothing = { exportType: null, progress: '', phase: '' };
  if (deleted.success) return { status: deleted.data.status, ...nothing };
  return { status: Item === undefined ? 'no job' : 'unreadable', ...nothing };
};
