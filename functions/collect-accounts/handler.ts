import { collectorHandler } from '../../shared/lambda/collector-handler.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createCollectAccounts } from './collect-accounts.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['collect-accounts']);

export const handler = collectorHandler('collect-accounts', environment, createCollectAccounts);
