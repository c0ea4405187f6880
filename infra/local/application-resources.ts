import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  DescribeEventBusCommand,
  ResourceNotFoundException,
  type EventBridgeClient,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, HeadBucketCommand, NotFound, type S3Client } from '@aws-sdk/client-s3';
import { createMissingTables } from './application-tables.ts';
import type { LocalSettings } from './local-settings.ts';
import { askedOf } from './replaced-endpoints.ts';

interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly eventbridge: EventBridgeClient;
}

const createMissingBucket = async (s3: S3Client, bucket: string): Promise<void> => {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  }
};

const createMissingEventBus = async (eventbridge: EventBridgeClient, bus: string): Promise<void> => {
  try {
    await eventbridge.send(new DescribeEventBusCommand({ Name: bus }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    await eventbridge.send(new CreateEventBusCommand({ Name: bus }));
  }
};

/** Makes the tables, buckets and bus that are not there yet; what is there is used as it is. @throws InvalidSetting */
export const createMissingResources = async (
  { dynamodb, s3, eventbridge }: Clients,
  { replaced, tables, fileBucket, packagesBucket, eventBus }: LocalSettings,
): Promise<void> => {
  await Promise.all([
    askedOf(replaced, 'dynamodb', () => createMissingTables(dynamodb, tables)),
    askedOf(replaced, 's3', () => createMissingBucket(s3, fileBucket)),
    askedOf(replaced, 's3', () => createMissingBucket(s3, packagesBucket)),
    askedOf(replaced, 'eventbridge', () => createMissingEventBus(eventbridge, eventBus)),
  ]);
};
