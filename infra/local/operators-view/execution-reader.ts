import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  ExecutionDoesNotExist,
  InvalidArn,
  InvalidToken,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  type DescribeExecutionCommandOutput,
  type ExecutionStatus,
  type HistoryEvent,
  type ListExecutionsCommandOutput,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { executionArnOf } from '../local-identity.ts';

/** What an operator reaches the workflow and its jobs with. */
export interface OperatorAccess {
  readonly sfn: SFNClient;
  readonly dynamodb: DynamoDBClient;
  readonly stateMachineArn: string;
  readonly jobsTable: string;
}

/** The execution, or undefined where there is none of that name. */
export const describedExecution = async (
  { sfn, stateMachineArn }: OperatorAccess,
  exportId: string,
): Promise<DescribeExecutionCommandOutput | undefined> => {
  const executionArn = executionArnOf(stateMachineArn, exportId);
  try {
    return await sfn.send(new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }));
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist || error instanceof InvalidArn) return undefined;
    throw error;
  }
};

/** All events, the oldest first; inputs and outputs only where they are asked for. */
export const executionHistory = async (
  { sfn, stateMachineArn }: OperatorAccess,
  exportId: string,
  includeExecutionData: boolean,
): Promise<HistoryEvent[]> => {
  const events: HistoryEvent[] = [];
  const executionArn = executionArnOf(stateMachineArn, exportId);
  const query = { executionArn, maxResults: 1000, includeExecutionData };
  for await (const page of paginateGetExecutionHistory({ client: sfn }, query)) {
    events.push(...(page.events ?? []));
  }
  return events;
};

/** The definition that the execution runs by, as text. */
export const executionDefinition = async (
  { sfn, stateMachineArn }: OperatorAccess,
  exportId: string,
): Promise<string> => {
  const executionArn = executionArnOf(stateMachineArn, exportId);
  const { definition = '' } = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  return definition;
};

export interface WantedExecutions {
  readonly limit: number;
  readonly status?: ExecutionStatus | undefined;
  /** Of the page before. */
  readonly nextToken?: string | undefined;
}

/** A page of executions, the newest first, or undefined where the token is none. */
export const listedExecutions = async (
  { sfn, stateMachineArn }: OperatorAccess,
  { limit, status, nextToken }: WantedExecutions,
): Promise<Pick<ListExecutionsCommandOutput, 'executions' | 'nextToken'> | undefined> => {
  try {
    return await sfn.send(
      new ListExecutionsCommand({ stateMachineArn, maxResults: limit, statusFilter: status, nextToken }),
    );
  } catch (error) {
    if (error instanceof InvalidToken) return undefined;
    throw error;
  }
};
