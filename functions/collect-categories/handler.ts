import { collectorHandler } from '../../shared/lambda/collector-handler.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createCollectCategories } from './collect-categories.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['collect-categories']);

export const handler = collectorHandler('collect-categories', environment, createCollectCategories);
