import {
  API_FUNCTIONS,
  SCHEDULED_FUNCTIONS,
  WORKFLOW_FUNCTIONS,
  type ApiFunction,
  type ScheduledFunction,
  type WorkflowFunction,
} from '../../shared/lambda/functions.ts';

export const API_FUNCTION_NAMES = Object.keys(API_FUNCTIONS).filter(
  (name): name is ApiFunction => name in API_FUNCTIONS,
);
export const WORKFLOW_FUNCTION_NAMES = Object.keys(WORKFLOW_FUNCTIONS).filter(
  (name): name is WorkflowFunction => name in WORKFLOW_FUNCTIONS,
);
export const SCHEDULED_FUNCTION_NAMES = Object.keys(SCHEDULED_FUNCTIONS).filter(
  (name): name is ScheduledFunction => name in SCHEDULED_FUNCTIONS,
);
