import { collectorHandler } from '../../shared/lambda/collector-handler.ts';
import { environmentOf, FUNCTION_ENVIRONMENT } from '../../shared/lambda/environment.ts';
import { createCollectFileMaps } from './collect-file-maps.ts';

const environment = environmentOf(FUNCTION_ENVIRONMENT['collect-file-maps']);

export const handler = collectorHandler('collect-file-maps', environment, createCollectFileMaps);
