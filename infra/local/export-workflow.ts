import {
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  StateMachineDoesNotExist,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import { WORKFLOW_FUNCTIONS, type WorkflowFunction } from '../../shared/lambda/functions.ts';
import { placeholderFor, workflowDefinition } from '../../statemachine/definition.ts';
import { LOCAL_ACCOUNT_ID, localFunctionArn, localStateMachineArn } from './local-identity.ts';

export const LOCAL_WORKFLOW_NAME = 'household-export';
export const LOCAL_WORKFLOW_ARN = localStateMachineArn(LOCAL_WORKFLOW_NAME);

const isWorkflowFunction = (name: string): name is WorkflowFunction => name in WORKFLOW_FUNCTIONS;

const anyDefinition = z.looseObject({ TimeoutSeconds: z.number() });

/** The definition with another limit of a whole execution, in seconds. */
export const timingOutAfter = (definition: string, TimeoutSeconds: number): string =>
  JSON.stringify({ ...anyDefinition.parse(JSON.parse(definition)), TimeoutSeconds });

/** The one definition, its placeholders filled with the local functions; CDK fills the same text with deployed ones. */
export const localWorkflowDefinition = (): string =>
  Object.keys(WORKFLOW_FUNCTIONS)
    .filter(isWorkflowFunction)
    .reduce(
      (text, name) => text.replaceAll(`\${${placeholderFor(name)}}`, localFunctionArn(name)),
      workflowDefinition(),
    );

/** Makes the state machine at a Step Functions endpoint that is not ours, unless it is there. */
export const createMissingWorkflow = async (sfn: SFNClient): Promise<void> => {
  try {
    await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: LOCAL_WORKFLOW_ARN }));
  } catch (error) {
    if (!(error instanceof StateMachineDoesNotExist)) throw error;
    await sfn.send(
      new CreateStateMachineCommand({
        name: LOCAL_WORKFLOW_NAME,
        definition: localWorkflowDefinition(),
        roleArn: `arn:aws:iam::${LOCAL_ACCOUNT_ID}:role/${LOCAL_WORKFLOW_NAME}`,
      }),
    );
  }
};
