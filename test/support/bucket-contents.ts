import { ListMultipartUploadsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';

/** What an S3 bucket holds under a prefix: its keys, and the keys of uploads that were never finished. */
export const bucketContents = async (s3: S3Client, bucket: string, prefix = '') => {
  const objects = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }));
  return {
    keys: (objects.Contents ?? []).map(({ Key }) => Key ?? ''),
    openUploads: (uploads.Uploads ?? []).map(({ Key }) => Key ?? ''),
  };
};

export const NOTHING = { keys: [], openUploads: [] };
