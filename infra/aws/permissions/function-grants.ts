import {
  checkpointKey,
  INTERIM_PREFIX,
  interimPrefix,
  PACKAGES_PREFIX,
  planKey,
  sectionKey,
} from '../../../shared/domain/package-layout.ts';
import type { Section } from '../../../shared/domain/sections.ts';
import type { ApiFunction, ScheduledFunction, WorkflowFunction } from '../../../shared/lambda/functions.ts';
import type { ApplicationResources, NamedResource } from '../application-resources.ts';
import type { Grant } from './grant.ts';
import { bucketGrants, tableGrants } from './storage-grants.ts';

/** Everything that functions are permitted to use, but for the workflow. */
export interface UsedResources {
  readonly jobsTable: NamedResource;
  readonly packagesBucket: NamedResource;
  readonly application: ApplicationResources;
}

/** Any user's, any export's, any attempt's: in IAM `*` is any text, and a key's segments keep it as it is. */
const ANY = { userId: '*', exportId: '*' };
const sectionKeys = (section: Section): string => sectionKey(ANY, section, '*');
const PLANS = planKey(ANY, '*');
const CHECKPOINTS = checkpointKey(ANY, '*');
const SEGMENTS = `${interimPrefix('*', '*')}segments/*`;
const INTERIM = `${INTERIM_PREFIX}*`;
const PACKAGES = `${PACKAGES_PREFIX}*`;

const USER_INDEX = 'UserIdIndex';

const eventGrants = ({ arn }: NamedResource): Grant => ({ actions: ['events:PutEvents'], resources: [arn] });

const householdGrants = ({ tables }: ApplicationResources) => ({
  accounts: tableGrants(tables.ACCOUNTS_TABLE),
  transactions: tableGrants(tables.TRANSACTIONS_TABLE),
  categories: tableGrants(tables.CATEGORIES_TABLE_NAME),
  fileMaps: tableGrants(tables.FILE_MAPS_TABLE),
  transactionFiles: tableGrants(tables.FILES_TABLE),
  analytics: tableGrants(tables.ANALYTICS_DATA_TABLE),
});

/** What each step of the workflow may do: what its adapters call, and nothing else. */
export const workflowFunctionGrants = (used: UsedResources): Record<WorkflowFunction, readonly Grant[]> => {
  const jobs = tableGrants(used.jobsTable);
  const packages = bucketGrants(used.packagesBucket);
  const files = bucketGrants(used.application.fileBucket);
  const household = householdGrants(used.application);
  const { accounts, transactions, categories, fileMaps, transactionFiles, analytics } = household;
  const publish = eventGrants(used.application.eventBus);

  const collector = (section: Section, ...sources: readonly Grant[]): Grant[] => [
    ...[jobs.readItem, jobs.changeItem, ...sources],
    ...[packages.write(sectionKeys(section)), packages.remove(sectionKeys(section))],
  ];
  const reportsProgress = [jobs.readItem, jobs.changeItem];
  const readsStatementFiles = files.read('*');

  return {
    'begin-export': [
      jobs.changeItem,
      ...Object.values(household).map(({ describe }) => describe),
      transactions.queryIndex(USER_INDEX),
    ],
    'collect-accounts': collector('accounts', accounts.queryIndex(USER_INDEX)),
    'collect-transactions': collector(
      'transactions',
      ...[transactions.queryIndex(USER_INDEX, 'AccountDateIndex'), transactions.describe],
      ...[accounts.queryIndex(USER_INDEX), categories.queryIndex(USER_INDEX)],
    ),
    'collect-categories': collector('categories', categories.queryIndex(USER_INDEX)),
    'collect-file-maps': collector(
      'fileMaps',
      ...[fileMaps.queryIndex(USER_INDEX), accounts.queryIndex(USER_INDEX)],
    ),
    'collect-transaction-files': collector(
      'transactionFiles',
      ...[transactionFiles.queryIndex(USER_INDEX), accounts.queryIndex(USER_INDEX)],
    ),
    'collect-analytics': collector('analytics', analytics.queryIndex('UserAnalyticsIndex')),
    'plan-package': [
      ...[jobs.readItem, packages.write(PLANS)],
      ...packages.read(sectionKeys('transactionFiles')),
    ],
    'package-export': [
      ...[...reportsProgress, ...readsStatementFiles],
      ...[...packages.read(INTERIM), packages.write(PACKAGES), packages.remove(PACKAGES)],
    ],
    'package-segment': [
      ...[...reportsProgress, ...readsStatementFiles],
      ...[...packages.read(INTERIM), packages.write(SEGMENTS), packages.remove(SEGMENTS)],
    ],
    'join-package': [
      ...[...reportsProgress, ...packages.read(INTERIM, PACKAGES)],
      ...[packages.write(SEGMENTS, PACKAGES), packages.remove(PACKAGES)],
    ],
    'verify-package': [
      ...[...reportsProgress, ...packages.read(CHECKPOINTS, PACKAGES)],
      ...[packages.write(CHECKPOINTS), packages.remove(PACKAGES)],
    ],
    'complete-export': [
      ...[...reportsProgress, publish],
      ...[...packages.read(PACKAGES), ...packages.purge(INTERIM, PACKAGES)],
    ],
    'fail-export': [
      ...[...reportsProgress, publish],
      ...[packages.listBelow(INTERIM_PREFIX, PACKAGES_PREFIX), ...packages.purge(INTERIM, PACKAGES)],
    ],
  };
};

/** What the functions around the workflow may do. */
export const outerFunctionGrants = (
  used: UsedResources,
  workflow: { readonly arn: string; readonly executions: string },
): Record<ApiFunction | ScheduledFunction, readonly Grant[]> => {
  const jobs = tableGrants(used.jobsTable);
  const packages = bucketGrants(used.packagesBucket);
  const household = householdGrants(used.application);
  const { accounts, transactions, categories, fileMaps, transactionFiles } = household;
  const publish = eventGrants(used.application.eventBus);

  const start: Grant = { actions: ['states:StartExecution'], resources: [workflow.arn] };
  const describe: Grant = { actions: ['states:DescribeExecution'], resources: [workflow.executions] };
  const stop: Grant = { actions: ['states:StopExecution'], resources: [workflow.executions] };
  const estimates = [
    jobs.queryIndex(USER_INDEX),
    ...[accounts, transactions, transactionFiles].map((table) => table.queryIndex(USER_INDEX)),
  ];
  const purge = packages.purge(INTERIM, PACKAGES);

  return {
    'start-export': [
      ...[jobs.readItem, jobs.addItem, jobs.changeItem, ...estimates],
      ...[start, describe, publish],
    ],
    'preview-export': [...estimates, categories.queryIndex(USER_INDEX), fileMaps.queryIndex(USER_INDEX)],
    'list-exports': [jobs.readItem, jobs.queryIndex(USER_INDEX)],
    'get-export-status': [jobs.readItem],
    'download-export': [jobs.readItem, jobs.changeItem, ...packages.read(PACKAGES), publish],
    'delete-export': [
      ...[jobs.readItem, jobs.addItem, jobs.changeItem, stop, publish],
      ...[packages.listBelow(INTERIM_PREFIX, PACKAGES_PREFIX), ...purge],
    ],
    'sweep-exports': [
      ...[jobs.readItem, jobs.addItem, jobs.changeItem, jobs.queryIndex('DueIndex')],
      ...[packages.listAll, ...purge, start, describe, stop, publish],
    ],
  };
};
