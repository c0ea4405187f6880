import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VIEWER_PATH } from '../../shared/domain/package-layout.ts';
import { FUNCTION_ENVIRONMENT, NODE_OPTIONS, PIECE_SIZES } from '../../shared/lambda/environment.ts';
import {
  API_FUNCTIONS,
  FUNCTIONS,
  lateWriterSeconds,
  WORKFLOW_FUNCTIONS,
  type FunctionName,
} from '../../shared/lambda/functions.ts';
import type { LocalFunction } from './lambda/lambda-runner.ts';
import {
  ENDPOINT_VARIABLES,
  EMBEDDED_SERVICES,
  type EmbeddedService,
  type LocalSettings,
} from './local-settings.ts';

export interface FunctionOptions {
  /** Shorter timeouts let tests see a function killed; in seconds. */
  readonly timeoutSeconds?: (functionName: FunctionName) => number | undefined;
  /** Beyond the longest timeout, in seconds. */
  readonly lateWriterMarginSeconds?: number;
  /** For tests: the module of a function that runs in place of its source, such as the file that is deployed. */
  readonly handlerFile?: (functionName: FunctionName) => string;
  /** What a deployment would configure. */
  readonly variables?: Readonly<
    Partial<Record<'ACTIVE_EXPORT_CAP' | 'RETENTION_HOURS' | keyof typeof PIECE_SIZES, string>>
  >;
}

/** Where the functions reach everything. */
export interface LocalSurroundings {
  readonly settings: LocalSettings;
  readonly endpoints: Readonly<Record<EmbeddedService, string>>;
  readonly workflowArn: string;
}

/** On AWS each function has CPUs of its own; here those that a person waits for go first. */
const isBackground = (name: FunctionName): boolean => !(name in API_FUNCTIONS);

/** The functions behind the API write neither interim objects nor packages. */
const isWriter = (name: FunctionName): boolean => name in WORKFLOW_FUNCTIONS;

/** Where the functions find the page that goes into each ZIP. */
export const localViewerFile = ({ dataDir }: Pick<LocalSettings, 'dataDir'>): string =>
  join(dataDir, VIEWER_PATH);

const names = Object.keys(FUNCTION_ENVIRONMENT).filter((name): name is FunctionName => name in FUNCTIONS);

const sourceFile = (functionName: string): string =>
  fileURLToPath(new URL(`../../functions/${functionName}/handler.ts`, import.meta.url));

const awsVariables = ({ settings, endpoints }: LocalSurroundings): Record<string, string> => ({
  AWS_REGION: settings.region,
  AWS_ACCESS_KEY_ID: settings.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: settings.credentials.secretAccessKey,
  ...(settings.credentials.sessionToken === undefined
    ? {}
    : { AWS_SESSION_TOKEN: settings.credentials.sessionToken }),
  ...Object.fromEntries(
    EMBEDDED_SERVICES.map((service) => [ENDPOINT_VARIABLES[service], endpoints[service]]),
  ),
});

/** Every function as it runs here: its settings are the deployed ones, its environment only what its schema names. */
export const localFunctions = (
  surroundings: LocalSurroundings,
  options: FunctionOptions,
): LocalFunction[] => {
  const { settings, workflowArn } = surroundings;
  const timeoutOf = (name: FunctionName): number =>
    options.timeoutSeconds?.(name) ?? FUNCTIONS[name].timeoutSeconds;
  const known: Readonly<Record<string, string>> = {
    ...settings.tables,
    FILE_STORAGE_BUCKET: settings.fileBucket,
    EXPORT_PACKAGES_BUCKET: settings.packagesBucket,
    EVENT_BUS_NAME: settings.eventBus,
    METRICS_ENVIRONMENT: 'local',
    EXPORT_WORKFLOW_ARN: workflowArn,
    APPLICATION_VERSION: 'local',
    VIEWER_FILE: localViewerFile(settings),
    ACTIVE_EXPORT_CAP: '2',
    RETENTION_HOURS: '24',
    ...PIECE_SIZES,
    LATE_WRITER_SECONDS: String(
      lateWriterSeconds(names.filter(isWriter).map(timeoutOf), options.lateWriterMarginSeconds),
    ),
    ...options.variables,
  };
  return names.map((name) => {
    const variables = Object.keys(FUNCTION_ENVIRONMENT[name].shape);
    const environment = Object.fromEntries(variables.map((variable) => [variable, known[variable] ?? '']));
    return {
      name,
      handlerFile: (options.handlerFile ?? sourceFile)(name),
      memoryMegabytes: FUNCTIONS[name].memoryMegabytes,
      timeoutSeconds: timeoutOf(name),
      background: isBackground(name),
      environment: { NODE_OPTIONS, ...awsVariables(surroundings), ...environment },
    };
  });
};
