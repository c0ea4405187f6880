import { collectorHandler } from '../../shared/lambda/collector-handler.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createCollectAnalytics } from './collect-analytics.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['collect-analytics']);

export const handler = collectorHandler('collect-analytics', environment, createCollectAnalytics);
