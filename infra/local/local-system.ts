import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { viewerHtml } from '../web/viewer-html.ts';
import { API_FUNCTIONS, SCHEDULED_FUNCTIONS } from '../../shared/lambda/functions.ts';
import { createApiGateway } from './api-gateway/api-gateway.ts';
import type { TokenOptions } from './api-gateway/token-issuer.ts';
import { createMissingResources } from './application-resources.ts';
import { startDynamoDbServer } from './dynamodb/dynamodb-server.ts';
import {
  startEventBridgeServer,
  type EventBridgeServer,
  type EventRule,
} from './event-bridge/event-bridge-server.ts';
import {
  createMissingWorkflow,
  LOCAL_WORKFLOW_ARN,
  LOCAL_WORKFLOW_NAME,
  localWorkflowDefinition,
  timingOutAfter,
} from './export-workflow.ts';
import { startLocalFront } from './front/local-front.ts';
import { pageRoutes } from './front/page-routes.ts';
import { openFunctionLog } from './function-log.ts';
import { createLambdaRunner, type InvocationHook, type LambdaRunner } from './lambda/lambda-runner.ts';
import { localFunctions, localViewerFile, type FunctionOptions } from './local-functions.ts';
import { PortRefused } from './local-server.ts';
import {
  InvalidSetting,
  PORT_VARIABLES,
  type EmbeddedService,
  type LocalSettings,
} from './local-settings.ts';
import { localTokenIssuer } from './local-token-issuer.ts';
import { operatorsView } from './operators-view/operators-view.ts';
import { startSchedule } from './scheduler.ts';
import { askedOf, assertEndpointsAnswer } from './replaced-endpoints.ts';
import { startS3Server } from './s3/s3-server.ts';
import { sampleHouseholdIsSeeded, seedSampleHousehold } from './sample-household/seed-sample-household.ts';
import { startStepFunctionsServer } from './step-functions/step-functions-server.ts';
import { inDataFolder, makeFolder } from './usable-folder.ts';

export interface LocalSystemOptions extends FunctionOptions {
  readonly settings: LocalSettings;
  /** Whether the sample household is written, unless it is there. */
  readonly sample: boolean;
  /** Scopes of which a token must hold one, as a deployment may configure; none by default. */
  readonly scopes?: readonly string[];
  readonly invocationHook?: InvocationHook;
  /** For tests: how far ahead of the real time the functions' clock is, in ms; asked before each invocation. */
  readonly clockOffset?: () => number;
  /** For tests: what the functions find in place of the servers, given these; other clients still reach the servers themselves. */
  readonly functionEndpoints?: (servers: LocalSystem['endpoints']) => Promise<LocalSystem['endpoints']>;
  /** The wait before a retry, from the computed one, in seconds. */
  readonly retryIntervalSeconds?: (computed: number) => number;
  /** For tests: how long an execution may take, in seconds, instead of what its definition says. */
  readonly workflowSeconds?: number;
}

/** SDK clients that reach the system as any other client would. */
export interface LocalClients {
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly sfn: SFNClient;
  readonly eventbridge: EventBridgeClient;
}

export interface LocalSystem {
  readonly apiUrl: string;
  readonly endpoints: Readonly<Record<EmbeddedService, string>>;
  readonly settings: LocalSettings;
  readonly clients: LocalClients;
  readonly functions: LambdaRunner;
  /** A valid access token of the local issuer. */
  issueToken(userId: string, options?: TokenOptions): Promise<string>;
  close(): Promise<void>;
}

/** What has been started, so that all of it is stopped again, the last first. */
class Running {
  readonly #closers: (() => Promise<void>)[] = [];

  async started<T extends { close(): Promise<void> }>(starting: Promise<T> | T): Promise<T> {
    const thing = await starting;
    this.#closers.unshift(() => thing.close());
    return thing;
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0)) await close();
  }
}

/** A port that cannot be had is told by the variable that sets it. */
const onItsPort = async <T>(server: EmbeddedService | 'api', starting: Promise<T>): Promise<T> => {
  try {
    return await starting;
  } catch (error) {
    if (!(error instanceof PortRefused)) throw error;
    throw new InvalidSetting(`${error.message} ${PORT_VARIABLES[server]} sets it.`);
  }
};

/** An execution that ended where no Catch sees it is told to fail-export by EventBridge, as on AWS. */
const endedExecutionRule = (functions: Promise<LambdaRunner>): EventRule => ({
  name: 'ended-executions',
  eventBusName: 'default',
  eventPattern: {
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: { stateMachineArn: [LOCAL_WORKFLOW_ARN], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
  },
  target: async (event) => {
    await (await functions).invoke('fail-export', event);
  },
});

const clientsOf = (
  { region, credentials }: LocalSettings,
  endpoints: LocalSystem['endpoints'],
): LocalClients => ({
  dynamodb: new DynamoDBClient({ region, credentials, endpoint: endpoints.dynamodb }),
  s3: new S3Client({ region, credentials, endpoint: endpoints.s3 }),
  sfn: new SFNClient({ region, credentials, endpoint: endpoints.stepfunctions }),
  eventbridge: new EventBridgeClient({ region, credentials, endpoint: endpoints.eventbridge }),
});

/** Deployed, each function has a schedule of its own; here all run as often as the settings say. */
const startSchedules = (running: Running, runner: LambdaRunner, everySeconds: number): Promise<unknown> =>
  Promise.all(
    Object.keys(SCHEDULED_FUNCTIONS).map((name) =>
      running.started(startSchedule({ name, everySeconds, invoke: (event) => runner.invoke(name, event) })),
    ),
  );

/** Builds the page that goes into each ZIP, as the code is now. */
const writeViewer = async (settings: LocalSettings): Promise<void> =>
  writeFile(localViewerFile(settings), await viewerHtml());

/** Everything that AWS is to the service: those embedded servers that no other endpoint replaces. */
const startServices = async (
  running: Running,
  options: LocalSystemOptions,
  functions: Promise<LambdaRunner>,
) => {
  const { settings, retryIntervalSeconds, workflowSeconds } = options;
  const { ports, replaced, credentials } = settings;
  const inFolder = <T>(work: () => Promise<T>): Promise<T> => inDataFolder(settings.dataDir, work);
  const dataDir = (service: EmbeddedService): string => join(settings.dataDir, service);
  let eventBridge: EventBridgeServer | undefined;

  const start: Readonly<Record<EmbeddedService, () => Promise<{ url: string; close(): Promise<void> }>>> = {
    dynamodb: () => startDynamoDbServer({ dataDir: dataDir('dynamodb'), port: ports.dynamodb, credentials }),
    s3: () => startS3Server({ dataDir: dataDir('s3'), port: ports.s3, credentials }),
    eventbridge: async () => {
      eventBridge = await startEventBridgeServer({
        dataDir: dataDir('eventbridge'),
        port: ports.eventbridge,
        credentials,
        eventBuses: [settings.eventBus],
        rules: [endedExecutionRule(functions)],
      });
      return eventBridge;
    },
    stepfunctions: () =>
      startStepFunctionsServer({
        dataDir: dataDir('stepfunctions'),
        port: ports.stepfunctions,
        credentials,
        stateMachines: [
          {
            name: LOCAL_WORKFLOW_NAME,
            definition:
              workflowSeconds === undefined
                ? localWorkflowDefinition()
                : timingOutAfter(localWorkflowDefinition(), workflowSeconds),
          },
        ],
        invokeFunction: async (name, payload) => (await functions).invoke(name, payload),
        onExecutionStatusChange: (change) => void eventBridge?.put(change),
        ...(retryIntervalSeconds === undefined ? {} : { retryIntervalSeconds }),
      }),
  };
  const endpointOf = async (service: EmbeddedService): Promise<string> =>
    replaced[service] ?? (await running.started(onItsPort(service, inFolder(start[service])))).url;

  return {
    dynamodb: await endpointOf('dynamodb'),
    s3: await endpointOf('s3'),
    eventbridge: await endpointOf('eventbridge'),
    stepfunctions: await endpointOf('stepfunctions'),
  };
};

/**
 * Starts the whole service on this machine: the deployed handlers, the one state machine, and servers that speak AWS's
 * protocols. Everything listens on loopback and is kept under the data folder.
 * @throws InvalidSetting
 */
export const startLocalSystem = async (options: LocalSystemOptions): Promise<LocalSystem> => {
  const { settings, sample, scopes, invocationHook, clockOffset } = options;
  const running = new Running();
  const functions = Promise.withResolvers<LambdaRunner>();
  try {
    await assertEndpointsAnswer(settings.replaced);
    await inDataFolder(settings.dataDir, () => makeFolder(settings.dataDir));
    const viewerWritten = inDataFolder(settings.dataDir, () => writeViewer(settings));
    // Whatever becomes of the services, the program that builds the viewer has ended then.
    const endpoints = await startServices(running, options, functions.promise).finally(() => viewerWritten);
    const clients = clientsOf(settings, endpoints);
    await createMissingResources(clients, settings);
    if (settings.replaced.stepfunctions !== undefined) {
      await askedOf(settings.replaced, 'stepfunctions', () => createMissingWorkflow(clients.sfn));
    }
    if (sample && !(await sampleHouseholdIsSeeded(clients.dynamodb, settings.tables))) {
      await seedSampleHousehold({ ...clients, tables: settings.tables, bucket: settings.fileBucket });
    }
    const log = await running.started(openFunctionLog(settings.dataDir));
    const surroundings = {
      settings,
      endpoints: (await options.functionEndpoints?.(endpoints)) ?? endpoints,
      workflowArn: LOCAL_WORKFLOW_ARN,
    };
    const runner = await running.started(
      createLambdaRunner({
        functions: localFunctions(surroundings, options),
        onLogLine: log.write,
        ...(invocationHook === undefined ? {} : { invocationHook }),
        ...(clockOffset === undefined ? {} : { clockOffset }),
      }),
    );
    functions.resolve(runner);
    if (settings.sweepSeconds > 0) await startSchedules(running, runner, settings.sweepSeconds);
    const issuer = await localTokenIssuer(settings.dataDir);
    const api = await running.started(
      onItsPort(
        'api',
        startLocalFront({
          port: settings.ports.api,
          routes: async (url) => [
            ...(await pageRoutes(url, {
              ...{ settings, issuer, s3: clients.s3, storageUrl: surroundings.endpoints.s3 },
            })),
            operatorsView({
              ...clients,
              stateMachineArn: LOCAL_WORKFLOW_ARN,
              jobsTable: settings.tables.EXPORT_JOBS_TABLE,
            }),
          ],
          api: createApiGateway({
            routes: Object.entries(API_FUNCTIONS).map(([functionName, { route }]) => ({
              ...route,
              functionName,
              ...(scopes === undefined ? {} : { scopes }),
            })),
            issuer,
            invokeFunction: (name, event) => runner.invoke(name, event),
          }),
        }),
      ),
    );
    return {
      apiUrl: api.url,
      endpoints,
      settings,
      clients,
      functions: runner,
      issueToken: (userId, tokenOptions) => issuer.issueToken(userId, tokenOptions),
      close: () => running.close(),
    };
  } catch (error) {
    await running.close();
    throw error;
  }
};
