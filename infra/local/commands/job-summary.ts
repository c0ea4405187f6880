import { GetItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import type { OperatorAccess } from './operator-access.ts';

/** What an operator needs to know of a job. */
export interface JobSummary {
  readonly status: string;
  /** 0–100; empty when the job has none. */
  readonly progress: string;
  readonly phase: string;
}

const ABSENT: JobSummary = { status: 'no job', progress: '', phase: '' };

const text = (value: AttributeValue | undefined): string => value?.S ?? value?.N ?? '';

/** The job of an export as it stands in the jobs table. */
export const jobSummary = async (
  { dynamodb, jobsTable }: OperatorAccess,
  exportId: string,
): Promise<JobSummary> => {
  const { Item } = await dynamodb.send(
    new GetItemCommand({
      TableName: jobsTable,
      Key: { exportId: { S: exportId } },
      ProjectionExpression: '#status, #progress, #phase',
      ExpressionAttributeNames: { '#status': 'status', '#progress': 'progress', '#phase': 'currentPhase' },
    }),
  );
  if (Item === undefined) return ABSENT;
  return {
    status: text(Item['status']),
    progress: text(Item['progress']),
    phase: text(Item['currentPhase']).replaceAll('_', ' '),
  };
};
