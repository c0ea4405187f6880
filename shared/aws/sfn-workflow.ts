import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  StartExecutionCommand,
  StopExecutionCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { ExecutionEnded } from '../domain/errors.ts';
import type { Workflow } from '../ports.ts';
import { translated } from './translated.ts';

const SERVICE = 'The workflow service';

const IN_VAIN: readonly string[] = ['FAILED', 'TIMED_OUT', 'ABORTED'];

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

  async stop(exportId: string): Promise<void> {
    const command = new StopExecutionCommand({
      executionArn: executionArn(this.#stateMachineArn, exportId),
      error: 'ExportDeleted',
      cause: 'The user deleted the export.',
    });
    try {
      await translated(SERVICE, () => this.#client.send(command));
    } catch (error) {
      if (!(error instanceof ExecutionDoesNotExist)) throw error;
    }
  }

  /** The name of a closed execution is refused for 90 days (StartExecution API reference), so what it came to is final. */
  async #assertNotInVain(exportId: string): Promise<void> {
    const command = new DescribeExecutionCommand({
      executionArn: executionArn(this.#stateMachineArn, exportId),
    });
    const { status = '' } = await translated(SERVICE, () => this.#client.send(command));
    if (IN_VAIN.includes(status)) throw new ExecutionEnded(`The execution of this export is ${status}.`);
  }
}
