import { createAwsJsonServer } from '../aws-json-endpoint.ts';
import type { LocalCredentials } from '../local-identity.ts';
import { listenOnLoopback, type LocalServer } from '../local-server.ts';
import { executionOperations } from './execution-operations.ts';
import { ExecutionRegistry } from './execution-registry.ts';
import type { ExecutionStatusChange } from './execution-status-change.ts';
import { ExecutionStore } from './execution-store.ts';
import type { InvokeFunction } from './function-call.ts';
import { readStateMachine, type StateMachineSource } from './state-machine.ts';
import { stateMachineOperations } from './state-machine-operations.ts';

export type { ExecutionStatusChange } from './execution-status-change.ts';
export type { InvokeFunction } from './function-call.ts';
export type { StateMachineSource } from './state-machine.ts';

// Room for 256 KiB of input whose every character is escaped in the body.
const MAX_BODY_BYTES = 2 * 1024 * 1024;

export interface StepFunctionsServerOptions {
  /** Folder for executions and their histories; made when missing. */
  readonly dataDir: string;
  readonly port: number;
  readonly credentials: LocalCredentials;
  readonly stateMachines: readonly StateMachineSource[];
  readonly invokeFunction: InvokeFunction;
  /** Told of every change of status; what it throws is reported as a process warning. */
  readonly onExecutionStatusChange?: (event: ExecutionStatusChange) => void;
  /** The wait before a retry, from the computed one, in seconds. Tests shorten it. */
  readonly retryIntervalSeconds?: (computed: number) => number;
}

export interface StepFunctionsServer extends LocalServer {
  readonly stateMachineArns: readonly string[];
}

/**
 * Step Functions on this machine, for unmodified AWS clients. The states are run by an interpreter of our own for the part of the
 * Amazon States Language that we permit: aws-local-stepfunctions loses `$$.Execution.Input`, `$$.State` and `$$.Map` inside branches
 * and iterations, cannot limit the payload of every state, and does not tell to which branch or iteration an event belongs.
 *
 * Executions that were running when the server last ended are run again; see ExecutionRegistry.resume.
 * Rejects with DefinitionNotSupported, or when the port is taken.
 */
export const startStepFunctionsServer = async (
  options: StepFunctionsServerOptions,
): Promise<StepFunctionsServer> => {
  const machines = new Map(
    options.stateMachines.map(readStateMachine).map((machine) => [machine.arn, machine]),
  );
  const registry = new ExecutionRegistry({
    store: new ExecutionStore(options.dataDir),
    machines,
    invokeFunction: options.invokeFunction,
    retryIntervalSeconds: options.retryIntervalSeconds ?? ((computed) => computed),
    onExecutionStatusChange: options.onExecutionStatusChange ?? (() => undefined),
  });
  const server = createAwsJsonServer({
    signingName: 'states',
    targetPrefix: 'AWSStepFunctions',
    jsonVersion: '1.0',
    credentials: options.credentials,
    maxBodyBytes: MAX_BODY_BYTES,
    operations: {
      ...executionOperations(registry, machines),
      ...stateMachineOperations(machines, Date.now()),
    },
  });
  const listening = await listenOnLoopback(server, options.port);
  try {
    registry.resume();
  } catch (error) {
    await listening.close();
    throw error;
  }
  return {
    url: listening.url,
    stateMachineArns: [...machines.keys()],
    close: async () => {
      registry.halt();
      await listening.close();
    },
  };
};
