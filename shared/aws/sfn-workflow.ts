import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  StartExecutionCommand,
  StopExecutionCommand,
  type DescribeExecutionCommandOutput,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { ExecutionEnded, ServiceUnavailable } from '../domain/errors.ts';
import type { Execution, ExecutionStatus } from '../domain/execution.ts';
import type { StopReason, Workflow } from '../ports.ts';
import { translated } from './translated.ts';

const SERVICE = 'The workflow service';

const CAUSES: Readonly<Record<StopReason, string>> = {
  ExportDeleted: 'The user deleted the export.',
  ExportFailed: 'The export has failed; what its execution still does is of no use.',
};

const IN_VAIN: readonly ExecutionStatus[] = ['failed', 'timed_out', 'aborted'];

/** `arn:…:stateMachine:NAME` and an execution's name make `arn:…:execution:NAME:EXECUTION` (Step Functions ARN formats). */
const executionArn = (stateMachineArn: string, exportId: string): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${exportId}`;

/** One execution for each export, named after it: the name is what makes starting twice harmless. */
export class SfnWorkflow implements Workflow {
  readonly #client: SFNClient;
  readonly #stateMachineArn: string;

  constructor(client: SFNClient, stateMachineArn: string) {
    this.#client = client;
    this.#stateMachineArn = stateMachineArn;
  }

  async start(exportId: string): Promise<void> {
    const command = new StartExecutionCommand({
      stateMachineArn: this.#stateMachineArn,
      name: exportId,
      input: JSON.stringify({ exportId }),
    });
    try {
      await translated(SERVICE, () => this.#client.send(command));
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
      await this.#assertNotInVain(exportId);
    }
  }

  async stop(exportId: string, reason: StopReason): Promise<void> {
    const command = new StopExecutionCommand({
      executionArn: executionArn(this.#stateMachineArn, exportId),
      error: reason,
      cause: CAUSES[reason],
    });
    try {
      await translated(SERVICE, () => this.#client.send(command));
    } catch (error) {
      if (!(error instanceof ExecutionDoesNotExist)) throw error;
    }
  }

  async executionOf(exportId: string): Promise<Execution> {
    const command = new DescribeExecutionCommand({
      executionArn: executionArn(this.#stateMachineArn, exportId),
      includedData: 'METADATA_ONLY',
    });
    try {
      return executionFrom(await translated(SERVICE, () => this.#client.send(command)));
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return { status: 'never_started' };
      throw error;
    }
  }

  /** The name of a closed execution is refused for 90 days (StartExecution API reference), so what it came to is final. */
  async #assertNotInVain(exportId: string): Promise<void> {
    const { status } = await this.executionOf(exportId);
    if (IN_VAIN.includes(status)) throw new ExecutionEnded(`The execution of this export is ${status}.`);
  }
}

const executionFrom = ({ status, startDate, redriveDate }: DescribeExecutionCommandOutput): Execution => {
  switch (status) {
    case 'RUNNING':
    case 'PENDING_REDRIVE':
      return { status: 'running', since: (redriveDate ?? startDate ?? new Date()).getTime() };
    case 'SUCCEEDED':
      return { status: 'succeeded' };
    case 'FAILED':
      return { status: 'failed' };
    case 'TIMED_OUT':
      return { status: 'timed_out' };
    case 'ABORTED':
      return { status: 'aborted' };
    case undefined:
      throw new ServiceUnavailable(`${SERVICE} did not describe an execution.`);
  }
};
