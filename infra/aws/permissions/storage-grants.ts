import type { NamedResource } from '../application-resources.ts';
import type { Grant } from './grant.ts';

/** Permissions on one DynamoDB table. */
export const tableGrants = ({ arn }: NamedResource) => ({
  readItem: { actions: ['dynamodb:GetItem'], resources: [arn] },
  addItem: { actions: ['dynamodb:PutItem'], resources: [arn] },
  changeItem: { actions: ['dynamodb:UpdateItem'], resources: [arn] },
  describe: { actions: ['dynamodb:DescribeTable'], resources: [arn] },
  queryIndex: (...indexes: readonly string[]): Grant => ({
    actions: ['dynamodb:Query'],
    resources: indexes.map((index) => `${arn}/index/${index}`),
  }),
});

/** Permissions on one S3 bucket; keys are patterns of IAM, in which `*` is any text. */
export const bucketGrants = ({ arn }: NamedResource) => {
  const objects = (keys: readonly string[]): string[] => keys.map((key) => `${arn}/${key}`);
  return {
    /** To read objects, and to be told of one that is not there: without ListBucket S3 says 403 for 404. */
    read: (...keys: readonly string[]): Grant[] => [
      { actions: ['s3:GetObject'], resources: objects(keys) },
      { actions: ['s3:ListBucket'], resources: [arn] },
    ],
    /** In one piece or in parts. */
    write: (...keys: readonly string[]): Grant => ({
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources: objects(keys),
    }),
    remove: (...keys: readonly string[]): Grant => ({
      actions: ['s3:DeleteObject'],
      resources: objects(keys),
    }),
    listAll: { actions: ['s3:ListBucket'], resources: [arn] },
    listBelow: (...prefixes: readonly string[]): Grant => ({
      actions: ['s3:ListBucket'],
      resources: [arn],
      conditions: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
    }),
    /** To remove what was listed, unfinished uploads too; S3 permits to list those of a whole bucket only. */
    purge: (...keys: readonly string[]): Grant[] => [
      { actions: ['s3:ListBucketMultipartUploads'], resources: [arn] },
      { actions: ['s3:DeleteObject', 's3:AbortMultipartUpload'], resources: objects(keys) },
    ],
  };
};
