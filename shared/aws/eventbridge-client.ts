import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CLIENT_SETTINGS } from './clients.ts';

export const eventbridge = new EventBridgeClient(CLIENT_SETTINGS);
