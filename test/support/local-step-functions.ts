import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  type DescribeExecutionCommandOutput,
  type HistoryEvent,
} from '@aws-sdk/client-sfn';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LOCAL_CREDENTIALS,
  localFunctionArn,
  localStateMachineArn,
} from '../../infra/local/local-identity.ts';
import {
  startStepFunctionsServer,
  type StepFunctionsServer,
  type StepFunctionsServerOptions,
} from '../../infra/local/step-functions/step-functions-server.ts';

export type Functions = Readonly<Record<string, (payload: never) => unknown>>;

export const MACHINE_ARN = localStateMachineArn('machine');
export const executionArn = (name: string): string =>
  `${MACHINE_ARN.replace(':stateMachine:', ':execution:')}:${name}`;

/** A Task state that calls the function of this name. */
export const aTask = (functionName: string, overrides: object = {}): object => ({
  Type: 'Task',
  Resource: localFunctionArn(functionName),
  TimeoutSeconds: 30,
  ...('Next' in overrides ? {} : { End: true }),
  ...overrides,
});

/** A machine, branch or iteration whose first state is the first one given. */
export const aSequence = (states: Readonly<Record<string, object>>, overrides: object = {}): object => ({
  StartAt: Object.keys(states)[0],
  States: states,
  ...overrides,
});

export class FunctionFailure extends Error {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace = ['Error: at handler'];

  constructor(errorType: string, errorMessage: string) {
    super(errorMessage);
    this.errorType = errorType;
    this.errorMessage = errorMessage;
  }
}

const invokeFrom =
  (functions: Functions): StepFunctionsServerOptions['invokeFunction'] =>
  async (name, payload) => {
    const called = functions[name] as ((payload: unknown) => unknown) | undefined;
    if (called === undefined) throw new Error(`The test has no function ${name}.`);
    return await called(payload);
  };

const folders: string[] = [];
const servers: StepFunctionsServer[] = [];
const clients: SFNClient[] = [];

export const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'local-step-functions-'));
  folders.push(folder);
  return folder;
};

export const sfnClient = (
  endpoint: string,
  secretAccessKey = LOCAL_CREDENTIALS.secretAccessKey,
): SFNClient => {
  const credentials = { ...LOCAL_CREDENTIALS, secretAccessKey };
  const client = new SFNClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
};

const settled = async (client: SFNClient, arn: string): Promise<DescribeExecutionCommandOutput> => {
  for (;;) {
    const described = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
    if (described.status !== 'RUNNING') return described;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** A server with one state machine, `machine`, and what tests do with it through an unmodified client. */
export const aMachine = async (
  definition: object,
  functions: Functions = {},
  options: Partial<StepFunctionsServerOptions> = {},
) => {
  const server = await startStepFunctionsServer({
    dataDir: options.dataDir ?? aFolder(),
    port: 0,
    credentials: LOCAL_CREDENTIALS,
    stateMachines: [{ name: 'machine', definition: JSON.stringify(definition) }],
    invokeFunction: invokeFrom(functions),
    retryIntervalSeconds: () => 0,
    ...options,
  });
  servers.push(server);
  const client = sfnClient(server.url);
  const start = async (input: unknown = {}, name?: string) => {
    const command = new StartExecutionCommand({
      stateMachineArn: MACHINE_ARN,
      input: JSON.stringify(input),
      ...(name === undefined ? {} : { name }),
    });
    return (await client.send(command)).executionArn ?? '';
  };
  return {
    server,
    client,
    start,
    stop: async () => {
      servers.splice(servers.indexOf(server), 1);
      await server.close();
    },
    settled: (arn: string) => settled(client, arn),
    run: async (input: unknown = {}) => settled(client, await start(input)),
    history: async (arn: string): Promise<HistoryEvent[]> => {
      const command = new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000 });
      return (await client.send(command)).events ?? [];
    },
  };
};

/** Stops every server of the test and removes its folders. */
export const cleanUp = async (): Promise<void> => {
  clients.splice(0).forEach((client) => client.destroy());
  await Promise.all(servers.splice(0).map((server) => server.close()));
  folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true }));
};

export const typesOf = (events: readonly HistoryEvent[]): string[] => events.map(({ type }) => type ?? '');

/** Something a test waits for, and says when it has come. */
export const aSignal = <T = undefined>() => Promise.withResolvers<T>();
