import {
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  StartExecutionCommand,
  StopExecutionCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { Workflow } from '../ports.ts';
import { translated } from './translated.ts';

const SERVICE = 'The workflow service';

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
      // A closed execution of this name has done its work, or its failure is dealt with where failures are.
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
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
}
