import type { DeploymentContext } from './deployment-context.ts';
import type { UsedResources } from './permissions/function-grants.ts';
import type { EncryptingKey } from './permissions/key-grants.ts';

/** The customer managed keys that a deployment names, and what each encrypts. An event bus's key is used by EventBridge itself. */
export const encryptingKeys = (used: UsedResources, context: DeploymentContext): EncryptingKey[] => {
  const { region, tableKeyArns, fileBucketKeyArn, packagesKeyArn } = context;
  const tables = Object.values(used.application.tables).map(({ arn }) => arn);
  const ofBucket = (keyArn: string | undefined, bucketArn: string): EncryptingKey[] =>
    keyArn === undefined ? [] : [{ keyArn, service: 's3', region, encrypted: [bucketArn] }];
  return [
    ...tableKeyArns.map((keyArn): EncryptingKey => ({
      keyArn,
      service: 'dynamodb',
      region,
      encrypted: tables,
    })),
    ...ofBucket(fileBucketKeyArn, used.application.fileBucket.arn),
    ...ofBucket(packagesKeyArn, used.packagesBucket.arn),
  ];
};
