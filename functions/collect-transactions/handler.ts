import { collectorHandler } from '../../shared/lambda/collector-handler.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createCollectTransactions } from './collect-transactions.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['collect-transactions']);

export const handler = collectorHandler('collect-transactions', environment, createCollectTransactions);
