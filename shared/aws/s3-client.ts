import { S3Client } from '@aws-sdk/client-s3';
import { CLIENT_SETTINGS } from './clients.ts';

export const s3 = new S3Client(CLIENT_SETTINGS);
