import { DynamoActiveExports } from '../../aws/dynamo-active-exports.ts';
import { DynamoJobStore } from '../../aws/dynamo-job-store.ts';
import { dynamodb } from '../../aws/dynamodb-client.ts';

interface JobsEnvironment {
  readonly EXPORT_JOBS_TABLE: string;
}

export const jobStore = ({ EXPORT_JOBS_TABLE }: JobsEnvironment) =>
  new DynamoJobStore(dynamodb, EXPORT_JOBS_TABLE);

export const activeExports = ({ EXPORT_JOBS_TABLE }: JobsEnvironment) =>
  new DynamoActiveExports(dynamodb, EXPORT_JOBS_TABLE);
