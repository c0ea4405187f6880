import { PutBucketCorsCommand, type S3Client } from '@aws-sdk/client-s3';
import { STORAGE_CORS } from '../web/storage-cors.ts';

/** Lets pages of an origin read packages from the bucket, as a deployment's bucket does. */
export const letPageReadPackages = async (s3: S3Client, bucket: string, origin: string): Promise<void> => {
  const rule = {
    AllowedOrigins: [origin],
    AllowedMethods: [...STORAGE_CORS.methods],
    AllowedHeaders: [...STORAGE_CORS.requestHeaders],
    ExposeHeaders: [...STORAGE_CORS.exposedHeaders],
  };
  await s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [rule] } }));
};
