import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CLIENT_SETTINGS } from './clients.ts';

export const dynamodb = new DynamoDBClient(CLIENT_SETTINGS);
