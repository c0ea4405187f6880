import { collectDependencies } from '../../shared/lambda/collector-handler.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createLog } from '../../shared/lambda/logger.ts';
import { stepHandler } from '../../shared/lambda/step-handler.ts';
import { collectTransactionsInput } from '../../shared/workflow/contracts.ts';
import { createCollectTransactions } from './collect-transactions.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['collect-transactions']);

export const handler = stepHandler({
  log: createLog('collect-transactions'),
  input: collectTransactionsInput,
  useCase: createCollectTransactions(collectDependencies(environment)),
});
