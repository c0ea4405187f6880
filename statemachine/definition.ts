import { readFileSync } from 'node:fs';
import type { WorkflowFunction } from '../shared/lambda/functions.ts';

/** The state machine's one definition, as text, its placeholders unfilled. Both wirings read it. */
export const workflowDefinition = (): string =>
  readFileSync(new URL('./export-workflow.asl.json', import.meta.url), 'utf8');

/** `collect-file-maps` is `${CollectFileMapsFunctionArn}` in the definition. */
export const placeholderFor = (functionName: WorkflowFunction): string =>
  `${functionName
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}FunctionArn`;
