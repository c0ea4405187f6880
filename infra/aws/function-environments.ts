import { PIECE_SIZES } from '../../shared/lambda/environment.ts';
import {
  lateWriterSeconds,
  WORKFLOW_FUNCTIONS,
  type ApiFunction,
  type ScheduledFunction,
  type WorkflowFunction,
} from '../../shared/lambda/functions.ts';
import { DEPLOYED_VIEWER_FILE } from './bundling.ts';
import type { EnvironmentFor } from './constructs/export-function.ts';
import { namePrefix, type DeploymentContext } from './deployment-context.ts';
import type { UsedResources } from './permissions/function-grants.ts';

const tableNames = ({ application: { tables } }: UsedResources) => ({
  ACCOUNTS_TABLE: tables.ACCOUNTS_TABLE.name,
  TRANSACTIONS_TABLE: tables.TRANSACTIONS_TABLE.name,
  CATEGORIES_TABLE_NAME: tables.CATEGORIES_TABLE_NAME.name,
  FILE_MAPS_TABLE: tables.FILE_MAPS_TABLE.name,
  FILES_TABLE: tables.FILES_TABLE.name,
});

const everywhere = (used: UsedResources, context: DeploymentContext) => ({
  EXPORT_JOBS_TABLE: used.jobsTable.name,
  EXPORT_PACKAGES_BUCKET: used.packagesBucket.name,
  EVENT_BUS_NAME: used.application.eventBus.name,
  METRICS_ENVIRONMENT: namePrefix(context),
  RETENTION_HOURS: String(context.retentionHours),
  ...tableNames(used),
});

/** What the workflow's steps are told, each its own part of it. */
export const workflowEnvironment = (
  used: UsedResources,
  context: DeploymentContext,
): EnvironmentFor<WorkflowFunction> => ({
  ...everywhere(used, context),
  ...PIECE_SIZES,
  ANALYTICS_DATA_TABLE: used.application.tables.ANALYTICS_DATA_TABLE.name,
  FILE_STORAGE_BUCKET: used.application.fileBucket.name,
  APPLICATION_VERSION: context.applicationVersion,
  VIEWER_FILE: DEPLOYED_VIEWER_FILE,
});

/** What the functions around the workflow are told. */
export const outerEnvironment = (
  used: UsedResources,
  context: DeploymentContext,
  workflowArn: string,
): EnvironmentFor<ApiFunction | ScheduledFunction> => ({
  ...everywhere(used, context),
  EXPORT_WORKFLOW_ARN: workflowArn,
  ACTIVE_EXPORT_CAP: String(context.activeExportCap),
  LATE_WRITER_SECONDS: String(
    lateWriterSeconds(Object.values(WORKFLOW_FUNCTIONS).map(({ timeoutSeconds }) => timeoutSeconds)),
  ),
});
