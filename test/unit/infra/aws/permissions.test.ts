import { describe, expect, it } from '@jest/globals';
import {
  checkpointKey,
  packageKey,
  planKey,
  sectionKey,
  segmentKey,
  segmentReportKey,
  tallyKey,
} from '../../../../shared/domain/package-layout.ts';
import { SECTIONS, type Section } from '../../../../shared/domain/sections.ts';
import { FUNCTIONS, type FunctionName } from '../../../../shared/lambda/functions.ts';
import { exportTemplate, resolved, resourcesOf } from '../../../support/export-template.ts';

const template = exportTemplate();

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** How the stack's resources are called below. */
const shortName = (resource: string): string =>
  resource
    .replace(/^arn:aws:dynamodb:eu-central-1:111111111111:table\/housef3-example-/, 'table ')
    .replace(/^arn:aws:events:eu-central-1:111111111111:event-bus\//, 'bus ')
    .replace(/^arn:aws:s3:::/, 'bucket ')
    .replace(/^arn:aws:states:eu-central-1:111111111111:execution:/, 'execution ')
    .replace(/^Packages\.Arn/, 'packages')
    .replace(/^Jobs\.Arn/, 'table jobs');

const statementsOf = (name: FunctionName, from = template): readonly Statement[] => {
  const lambda = resourcesOf(from, 'AWS::Lambda::Function').find(
    ({ properties }) => properties['FunctionName'] === `housef3-example-${name}`,
  );
  const role = resolved(lambda?.properties['Role']).replace('.Arn', '');
  return resourcesOf(from, 'AWS::IAM::Policy')
    .filter(({ properties }) => (properties['Roles'] as unknown[]).map(resolved).includes(role))
    .flatMap(
      ({ properties }) => (properties['PolicyDocument'] as { Statement: readonly Statement[] }).Statement,
    );
};

/** For each resource, and the condition where there is one, what may be done with it. */
const permissionsOf = (name: FunctionName, from = template): Record<string, string> => {
  const permitted = new Map<string, Set<string>>();
  for (const { Action, Resource, Condition } of statementsOf(name, from)) {
    for (const resource of [Resource].flat().map(resolved)) {
      const when = Condition === undefined ? '' : ` if ${JSON.stringify(Object.values(Condition))}`;
      const key = shortName(resource) + when;
      const actions = permitted.get(key) ?? new Set();
      for (const action of [Action].flat()) actions.add(action);
      permitted.set(key, actions);
    }
  }
  return Object.fromEntries([...permitted].map(([key, actions]) => [key, [...actions].sort().join(' ')]));
};

const BUS = 'bus housef3-example-app-events';
const EXECUTIONS = 'execution housef3-example-export:*';
const STATEMENT_FILES = 'bucket housef3-example-file-storage';
const BELOW_ITS_PREFIXES = 'packages if [{"s3:prefix":["interim/*","packages/*"]}]';

const WRITE_AND_REMOVE = 's3:AbortMultipartUpload s3:DeleteObject s3:PutObject';
const WRITE = 's3:AbortMultipartUpload s3:PutObject';
const PURGE = 's3:AbortMultipartUpload s3:DeleteObject';
const READ_AND_CHANGE = 'dynamodb:GetItem dynamodb:UpdateItem';
const READ_ADD_AND_CHANGE = 'dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem';

/**
 * What each function may do beside writing its own log and traces. Whoever adds a line has to say here that a function
 * may do more than it could.
 */
const GOLDEN: Readonly<Record<FunctionName, Readonly<Record<string, string>>>> = {
  'start-export': {
    'table jobs': READ_ADD_AND_CHANGE,
    'table jobs/index/UserIdIndex': 'dynamodb:Query',
    'table accounts/index/UserIdIndex': 'dynamodb:Query',
    'table transactions/index/UserIdIndex': 'dynamodb:Query',
    'table transaction-files/index/UserIdIndex': 'dynamodb:Query',
    WorkflowStateMachine: 'states:StartExecution',
    [EXECUTIONS]: 'states:DescribeExecution',
    [BUS]: 'events:PutEvents',
  },
  'preview-export': {
    'table jobs/index/UserIdIndex': 'dynamodb:Query',
    'table accounts/index/UserIdIndex': 'dynamodb:Query',
    'table transactions/index/UserIdIndex': 'dynamodb:Query',
    'table categories/index/UserIdIndex': 'dynamodb:Query',
    'table file-maps/index/UserIdIndex': 'dynamodb:Query',
    'table transaction-files/index/UserIdIndex': 'dynamodb:Query',
  },
  'list-exports': {
    'table jobs': 'dynamodb:GetItem',
    'table jobs/index/UserIdIndex': 'dynamodb:Query',
  },
  'get-export-status': { 'table jobs': 'dynamodb:GetItem' },
  'download-export': {
    'table jobs': READ_AND_CHANGE,
    packages: 's3:ListBucket',
    'packages/packages/*': 's3:GetObject',
    [BUS]: 'events:PutEvents',
  },
  'delete-export': {
    'table jobs': READ_ADD_AND_CHANGE,
    [BELOW_ITS_PREFIXES]: 's3:ListBucket',
    packages: 's3:ListBucketMultipartUploads',
    'packages/interim/*': PURGE,
    'packages/packages/*': PURGE,
    [EXECUTIONS]: 'states:StopExecution',
    [BUS]: 'events:PutEvents',
  },
  'begin-export': {
    'table jobs': 'dynamodb:UpdateItem',
    'table accounts': 'dynamodb:DescribeTable',
    'table transactions': 'dynamodb:DescribeTable',
    'table transactions/index/UserIdIndex': 'dynamodb:Query',
    'table categories': 'dynamodb:DescribeTable',
    'table file-maps': 'dynamodb:DescribeTable',
    'table transaction-files': 'dynamodb:DescribeTable',
    'table analytics-data': 'dynamodb:DescribeTable',
  },
  'collect-accounts': {
    'table jobs': READ_AND_CHANGE,
    'table accounts/index/UserIdIndex': 'dynamodb:Query',
    'packages/interim/*/*/accounts/*.json': WRITE_AND_REMOVE,
  },
  'collect-transactions': {
    'table jobs': READ_AND_CHANGE,
    'table transactions': 'dynamodb:DescribeTable',
    'table transactions/index/UserIdIndex': 'dynamodb:Query',
    'table transactions/index/AccountDateIndex': 'dynamodb:Query',
    'table accounts/index/UserIdIndex': 'dynamodb:Query',
    'table categories/index/UserIdIndex': 'dynamodb:Query',
    'packages/interim/*/*/transactions/*.json': WRITE_AND_REMOVE,
  },
  'collect-categories': {
    'table jobs': READ_AND_CHANGE,
    'table categories/index/UserIdIndex': 'dynamodb:Query',
    'packages/interim/*/*/categories/*.json': WRITE_AND_REMOVE,
  },
  'collect-file-maps': {
    'table jobs': READ_AND_CHANGE,
    'table file-maps/index/UserIdIndex': 'dynamodb:Query',
    'table accounts/index/UserIdIndex': 'dynamodb:Query',
    'packages/interim/*/*/fileMaps/*.json': WRITE_AND_REMOVE,
  },
  'collect-transaction-files': {
    'table jobs': READ_AND_CHANGE,
    'table transaction-files/index/UserIdIndex': 'dynamodb:Query',
    'table accounts/index/UserIdIndex': 'dynamodb:Query',
    'packages/interim/*/*/transactionFiles/*.json': WRITE_AND_REMOVE,
  },
  'collect-analytics': {
    'table jobs': READ_AND_CHANGE,
    'table analytics-data/index/UserAnalyticsIndex': 'dynamodb:Query',
    'packages/interim/*/*/analytics/*.json': WRITE_AND_REMOVE,
  },
  'plan-package': {
    'table jobs': 'dynamodb:GetItem',
    packages: 's3:ListBucket',
    'packages/interim/*/*/transactionFiles/*.json': 's3:GetObject',
    'packages/interim/*/*/plan/*.json': WRITE,
  },
  'package-export': {
    'table jobs': READ_AND_CHANGE,
    packages: 's3:ListBucket',
    'packages/interim/*': 's3:GetObject',
    'packages/packages/*': WRITE_AND_REMOVE,
    [STATEMENT_FILES]: 's3:ListBucket',
    [`${STATEMENT_FILES}/*`]: 's3:GetObject',
  },
  'package-segment': {
    'table jobs': READ_AND_CHANGE,
    packages: 's3:ListBucket',
    'packages/interim/*': 's3:GetObject',
    'packages/interim/*/*/segments/*': WRITE_AND_REMOVE,
    [STATEMENT_FILES]: 's3:ListBucket',
    [`${STATEMENT_FILES}/*`]: 's3:GetObject',
  },
  'join-package': {
    'table jobs': READ_AND_CHANGE,
    packages: 's3:ListBucket',
    'packages/interim/*': 's3:GetObject',
    'packages/interim/*/*/segments/*': WRITE,
    'packages/packages/*': 's3:AbortMultipartUpload s3:DeleteObject s3:GetObject s3:PutObject',
  },
  'verify-package': {
    'table jobs': READ_AND_CHANGE,
    packages: 's3:ListBucket',
    'packages/packages/*': 's3:DeleteObject s3:GetObject',
    'packages/interim/*/*/verification/*.json': 's3:AbortMultipartUpload s3:GetObject s3:PutObject',
  },
  'complete-export': {
    'table jobs': READ_AND_CHANGE,
    packages: 's3:ListBucket s3:ListBucketMultipartUploads',
    'packages/interim/*': PURGE,
    'packages/packages/*': 's3:AbortMultipartUpload s3:DeleteObject s3:GetObject',
    [BUS]: 'events:PutEvents',
  },
  'fail-export': {
    'table jobs': READ_AND_CHANGE,
    [BELOW_ITS_PREFIXES]: 's3:ListBucket',
    packages: 's3:ListBucketMultipartUploads',
    'packages/interim/*': PURGE,
    'packages/packages/*': PURGE,
    [BUS]: 'events:PutEvents',
  },
  'sweep-exports': {
    'table jobs': READ_ADD_AND_CHANGE,
    'table jobs/index/DueIndex': 'dynamodb:Query',
    packages: 's3:ListBucket s3:ListBucketMultipartUploads',
    'packages/interim/*': PURGE,
    'packages/packages/*': PURGE,
    WorkflowStateMachine: 'states:StartExecution',
    [EXECUTIONS]: 'states:DescribeExecution states:StopExecution',
    [BUS]: 'events:PutEvents',
  },
};

const names = Object.keys(FUNCTIONS) as FunctionName[];

/** Every function's own log, and X-Ray, which knows no resources. */
const isForItself = (name: FunctionName, [resource, actions]: readonly [string, string]): boolean =>
  (resource === '*' && actions === 'xray:PutTelemetryRecords xray:PutTraceSegments') ||
  (resource === ownLog(name) && actions === 'logs:CreateLogStream logs:PutLogEvents');

const ownLog = (name: FunctionName): string | undefined =>
  resourcesOf(template, 'AWS::Logs::LogGroup')
    .filter(({ properties }) => properties['LogGroupName'] === `/aws/lambda/housef3-example-${name}`)
    .map(({ id }) => resolved({ 'Fn::GetAtt': [id, 'Arn'] }))[0];

describe('the permissions of functions', () => {
  it.each(names)('of %s are those of the golden table, no more and no fewer', (name) => {
    const permissions = Object.entries(permissionsOf(name));
    const own = permissions.filter((permission) => isForItself(name, permission));
    expect(own).toHaveLength(2);
    const others = permissions.filter((permission) => !isForItself(name, permission));
    expect(Object.fromEntries(others)).toEqual(GOLDEN[name]);
  });

  it('are each function’s own', () => {
    const roles = resourcesOf(template, 'AWS::Lambda::Function').map(({ properties }) =>
      resolved(properties['Role']),
    );
    expect(new Set(roles).size).toBe(names.length);
  });

  it('come from nowhere else: no role has managed policies, or policies of its own', () => {
    for (const { properties } of resourcesOf(template, 'AWS::IAM::Role')) {
      expect(properties).not.toHaveProperty('ManagedPolicyArns');
      expect(properties).not.toHaveProperty('Policies');
    }
    expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  it('name every action, in no role of the stack by a wildcard', () => {
    const statements = resourcesOf(template, 'AWS::IAM::Policy').flatMap(
      ({ properties }) => (properties['PolicyDocument'] as { Statement: readonly Statement[] }).Statement,
    );
    expect(statements.every(({ Effect }) => Effect === 'Allow')).toBe(true);
    const actions = statements.flatMap(({ Action }) => [Action].flat());
    expect(actions.filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action))).toEqual([]);
  });
});

/** As IAM matches a resource: `*` is any text. */
const isPermitted = (name: FunctionName, action: string, key: string): boolean =>
  Object.entries(GOLDEN[name]).some(([resource, actions]) => {
    const pattern = resource.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return actions.split(' ').includes(action) && new RegExp(`^${pattern}$`, 's').test(`packages/${key}`);
  });

describe('permissions on keys of the bucket', () => {
  const RUN = { userId: 'auth0|a.b/ü*', exportId: '9cf2c934-0000-4000-8000-000000000000' };
  const COLLECTORS: Readonly<Record<Section, FunctionName>> = {
    accounts: 'collect-accounts',
    transactions: 'collect-transactions',
    categories: 'collect-categories',
    fileMaps: 'collect-file-maps',
    transactionFiles: 'collect-transaction-files',
    analytics: 'collect-analytics',
  };

  it('let every collector write its own section and tally, and no other section', () => {
    for (const section of SECTIONS) {
      for (const key of [sectionKey(RUN, section, 'a'), tallyKey(RUN, section, 'a')]) {
        const writers = SECTIONS.filter((other) => isPermitted(COLLECTORS[other], 's3:PutObject', key));
        expect(writers).toEqual([section]);
      }
    }
  });

  it.each<[FunctionName, string]>([
    ['plan-package', planKey(RUN, 'a')],
    ['package-segment', segmentKey(RUN, 3, 'a')],
    ['package-segment', segmentReportKey(RUN, 3, 'a')],
    ['join-package', segmentKey(RUN, 3, 'a')],
    ['join-package', packageKey(RUN, 'a', 'zip')],
    ['package-export', packageKey(RUN, 'a', 'zip')],
    ['package-export', packageKey(RUN, 'a', 'json')],
    ['verify-package', checkpointKey(RUN, 'a')],
  ])('let %s write %s', (name, key) => {
    expect(isPermitted(name, 's3:PutObject', key)).toBe(true);
    expect(isPermitted(name, 's3:AbortMultipartUpload', key)).toBe(true);
  });

  it('let nobody but its makers write a package', () => {
    const key = packageKey(RUN, 'a', 'zip');
    const writers = names.filter((name) => isPermitted(name, 's3:PutObject', key));
    expect(writers.sort()).toEqual(['join-package', 'package-export']);
  });
});

describe('permissions on customer managed keys', () => {
  const keyArn = (digit: string): string =>
    `arn:aws:kms:eu-central-1:111111111111:key/${digit.repeat(8)}-0000-4000-8000-0123456789ab`;
  const encrypted = exportTemplate({
    ...{ tableKeyArns: keyArn('a'), fileBucketKeyArn: keyArn('b'), packagesKeyArn: keyArn('c') },
  });
  const through = (service: string) => `[{"kms:ViaService":"${service}.eu-central-1.amazonaws.com"}]`;
  const TABLES = `${keyArn('a')} if ${through('dynamodb')}`;
  const FILES = `${keyArn('b')} if ${through('s3')}`;
  const PACKAGES = `${keyArn('c')} if ${through('s3')}`;
  const keysOf = (name: FunctionName): Record<string, string> =>
    Object.fromEntries(
      Object.entries(permissionsOf(name, encrypted)).filter(([key]) => key.includes(':kms:')),
    );

  it.each<[FunctionName, Record<string, string>]>([
    ['collect-accounts', { [TABLES]: 'kms:Decrypt', [PACKAGES]: 'kms:Decrypt kms:GenerateDataKey' }],
    ['preview-export', { [TABLES]: 'kms:Decrypt' }],
    ['package-export', { [FILES]: 'kms:Decrypt', [PACKAGES]: 'kms:Decrypt kms:GenerateDataKey' }],
    ['verify-package', { [PACKAGES]: 'kms:Decrypt kms:GenerateDataKey' }],
    ['download-export', { [PACKAGES]: 'kms:Decrypt' }],
    ['list-exports', {}],
    ['fail-export', {}],
    ['sweep-exports', {}],
  ])('let %s use those of what it reads and writes, through its service alone', (name, keys) => {
    expect(keysOf(name)).toEqual(keys);
  });
});
