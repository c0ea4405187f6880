import { describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { SECTIONS } from '../../../../shared/domain/sections.ts';
import {
  createTableInput,
  tableNamesFrom,
  type TableVariable,
} from '../../../../infra/local/application-tables.ts';
import { interimPrefix, packagePrefix } from '../../../../shared/domain/package-layout.ts';
import { exportTemplate, resourcesOf } from '../../../support/export-template.ts';

const WITHOUT_FRONTEND = {
  region: 'eu-central-1',
  jwtIssuer: 'https://issuer.example.com',
  jwtAudience: 'client',
};
const PACKAGES_KEY = 'arn:aws:kms:eu-central-1:111111111111:key/0f3c1d2e-0000-4000-8000-0123456789ab';

const template = exportTemplate();
const production = exportTemplate({ environment: 'prod', ...WITHOUT_FRONTEND });
const changed = exportTemplate({ packagesKeyArn: PACKAGES_KEY, retentionHours: 25 });
const sandbox = exportTemplate({ createApplicationTables: true });

interface DeployedTable {
  readonly TableName?: string;
  readonly KeySchema: unknown;
  readonly AttributeDefinitions: readonly { readonly AttributeName: string }[];
  readonly GlobalSecondaryIndexes: readonly { readonly IndexName: string }[];
}

const byName = <T>(list: readonly T[], nameOf: (item: T) => string | undefined): T[] =>
  list.toSorted((a, b) => String(nameOf(a)).localeCompare(String(nameOf(b))));

const shapeOf = (table: DeployedTable) => ({
  key: table.KeySchema,
  attributes: byName(table.AttributeDefinitions, ({ AttributeName }) => AttributeName),
  indexes: byName(table.GlobalSecondaryIndexes, ({ IndexName }) => IndexName),
});

const localShapeOf = (variable: TableVariable) =>
  shapeOf(createTableInput(variable, 'any') as unknown as DeployedTable);

const jobsTables = (from = template) => resourcesOf(from, 'AWS::DynamoDB::Table');
const packagesBuckets = (from = template) => resourcesOf(from, 'AWS::S3::Bucket');

describe('the table of export jobs', () => {
  it('has the same keys and indexes as on one machine', () => {
    const [jobs, ...others] = jobsTables();
    expect(others).toEqual([]);
    expect(shapeOf(jobs?.properties as unknown as DeployedTable)).toEqual(localShapeOf('EXPORT_JOBS_TABLE'));
  });

  it('forgets by ttl, can be restored to any moment, and is encrypted', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      BillingMode: 'PAY_PER_REQUEST',
    });
  });

  it('outlives its stack in production, and there alone', () => {
    expect(jobsTables(production)[0]).toMatchObject({
      deletionPolicy: 'Retain',
      properties: { DeletionProtectionEnabled: true },
    });
    expect(jobsTables()[0]).toMatchObject({ deletionPolicy: 'Delete' });
  });
});

interface LifecycleRule {
  readonly Prefix?: string;
  readonly ExpirationInDays?: number;
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
  readonly Status: string;
}

const lifecycleOf = (from = template): readonly LifecycleRule[] =>
  (packagesBuckets(from)[0]?.properties['LifecycleConfiguration'] as { Rules: LifecycleRule[] }).Rules;

/** The days after which an object of that key is removed. */
const daysOf = (key: string, rules = lifecycleOf()): (number | undefined)[] =>
  rules
    .filter(({ Prefix, ExpirationInDays }) => ExpirationInDays !== undefined && key.startsWith(Prefix ?? ''))
    .map(({ ExpirationInDays }) => ExpirationInDays);

interface BucketStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const bucketStatements = (): readonly BucketStatement[] => {
  const [policy, ...others] = resourcesOf(template, 'AWS::S3::BucketPolicy');
  expect(others).toEqual([]);
  return (policy?.properties['PolicyDocument'] as { Statement: BucketStatement[] }).Statement;
};

describe('the bucket of packages', () => {
  it('is closed to the public, owned by one account, encrypted and unversioned', () => {
    const [bucket, ...others] = packagesBuckets();
    expect(others).toEqual([]);
    expect(bucket?.properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
    expect(bucket?.properties).not.toHaveProperty('VersioningConfiguration');
  });

  it('is encrypted with the key of a person who has one', () => {
    changed.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: PACKAGES_KEY },
          },
        ],
      },
    });
  });

  it('only refuses, and refuses what is not TLS 1.2 and links older than 15 minutes', () => {
    const statements = bucketStatements();
    expect(new Set(statements.map(({ Effect }) => Effect))).toEqual(new Set(['Deny']));
    expect(statements.map(({ Condition }) => Condition)).toEqual(
      expect.arrayContaining([
        { Bool: { 'aws:SecureTransport': 'false' } },
        { NumericLessThan: { 's3:TlsVersion': 1.2 } },
        {
          StringEquals: { 's3:authType': 'REST-QUERY-STRING' },
          NumericGreaterThan: { 's3:signatureAge': 900_000 },
        },
      ]),
    );
  });

  it('keeps packages for the day after their time is over, at the most', () => {
    const key = `${packagePrefix('user', 'id')}a.zip`;
    expect(daysOf(key)).toEqual([2]);
    expect(daysOf(key, lifecycleOf(changed))).toEqual([3]);
  });

  it('keeps interim objects and unfinished uploads for a day, whatever their prefix', () => {
    expect(daysOf(`${interimPrefix('user', 'id')}accounts/a.json`)).toEqual([1]);
    const aborting = lifecycleOf().filter((rule) => rule.AbortIncompleteMultipartUpload !== undefined);
    expect(aborting).toEqual([
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
    ]);
    expect(aborting[0]).not.toHaveProperty('Prefix');
    expect(lifecycleOf().every(({ Status }) => Status === 'Enabled')).toBe(true);
  });

  it('lets the frontend and the page read packages, and no other site', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      CorsConfiguration: {
        CorsRules: [
          Match.objectLike({
            AllowedOrigins: ['https://app.example.com', 'https://export.example.com'],
            AllowedMethods: ['GET', 'HEAD'],
          }),
        ],
      },
    });
    const [withoutFrontend] = packagesBuckets(production);
    expect(withoutFrontend?.properties).not.toHaveProperty('CorsConfiguration');
  });

  it('outlives its stack in production, and there alone', () => {
    expect(packagesBuckets(production)[0]?.deletionPolicy).toBe('Retain');
    expect(packagesBuckets()[0]?.deletionPolicy).toBe('Delete');
  });
});

describe('the application’s own resources', () => {
  it('are none of the stack’s where the application is there', () => {
    expect(jobsTables()).toHaveLength(1);
    expect(packagesBuckets()).toHaveLength(1);
    expect(resourcesOf(template, 'AWS::Events::EventBus')).toEqual([]);
  });

  it('are made for a sandbox as they are made on one machine, under the application’s names', () => {
    const made = jobsTables(sandbox).map(({ properties }) => properties as unknown as DeployedTable);
    const names = Object.entries(tableNamesFrom({})).filter(([variable]) => variable !== 'EXPORT_JOBS_TABLE');
    expect(made).toHaveLength(SECTIONS.length + 1);
    for (const [variable, name] of names) {
      const table = made.find(({ TableName }) => TableName === name.replace('-dev-', '-example-'));
      expect(table === undefined ? undefined : shapeOf(table)).toEqual(
        localShapeOf(variable as TableVariable),
      );
    }
    expect(packagesBuckets(sandbox).map(({ properties }) => properties['BucketName'])).toContain(
      'housef3-example-file-storage',
    );
    sandbox.hasResourceProperties('AWS::Events::EventBus', { Name: 'housef3-example-app-events' });
  });
});
