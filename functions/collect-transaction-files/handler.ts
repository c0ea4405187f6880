import { collectorHandler } from '../../shared/lambda/collector-handler.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createCollectTransactionFiles } from './collect-transaction-files.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['collect-transaction-files']);

export const handler = collectorHandler(
  'collect-transaction-files',
  environment,
  createCollectTransactionFiles,
);
