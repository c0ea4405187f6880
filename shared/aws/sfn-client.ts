import { SFNClient } from '@aws-sdk/client-sfn';
import { CLIENT_SETTINGS } from './clients.ts';

export const sfn = new SFNClient(CLIENT_SETTINGS);
