import { DynamoActiveExports } from '../../aws/dynamo-active-exports.ts';
import { DynamoDueRows } from '../../aws/dynamo-due-rows.ts';
import { DynamoJobStore } from '../../aws/dynamo-job-store.ts';
import { DynamoOrphanSearch } from '../../aws/dynamo-orphan-search.ts';
import { dynamodb } from '../../aws/dynamodb-client.ts';

interface JobsEnvironment {
  readonly EXPORT_JOBS_TABLE: string;
}

export const jobStore = ({ EXPORT_JOBS_TABLE }: JobsEnvironment) =>
  new DynamoJobStore(dynamodb, EXPORT_JOBS_TABLE);

export const activeExports = ({ EXPORT_JOBS_TABLE }: JobsEnvironment) =>
  new DynamoActiveExports(dynamodb, EXPORT_JOBS_TABLE);

export const dueRows = ({ EXPORT_JOBS_TABLE }: JobsEnvironment) =>
  new DynamoDueRows(dynamodb, EXPORT_JOBS_TABLE);

export const orphanSearch = ({ EXPORT_JOBS_TABLE }: JobsEnvironment) =>
  new DynamoOrphanSearch(dynamodb, EXPORT_JOBS_TABLE);
