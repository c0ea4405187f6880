import { resolve } from 'node:path';
import { tableNamesFrom, type TableNames } from './application-tables.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION, type LocalCredentials } from './local-identity.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The services that the local system embeds, each of which another AWS-compatible endpoint can replace. */
export const EMBEDDED_SERVICES = ['dynamodb', 's3', 'stepfunctions', 'eventbridge'] as const;
export type EmbeddedService = (typeof EMBEDDED_SERVICES)[number];

/** The SDK's own variable for each service's endpoint. */
export const ENDPOINT_VARIABLES: Readonly<Record<EmbeddedService, string>> = {
  dynamodb: 'AWS_ENDPOINT_URL_DYNAMODB',
  s3: 'AWS_ENDPOINT_URL_S3',
  stepfunctions: 'AWS_ENDPOINT_URL_SFN',
  eventbridge: 'AWS_ENDPOINT_URL_EVENTBRIDGE',
};

/** The variable that sets each server's port. */
export const PORT_VARIABLES: Readonly<Record<EmbeddedService | 'api', string>> = {
  api: 'LOCAL_API_PORT',
  dynamodb: 'LOCAL_DYNAMODB_PORT',
  s3: 'LOCAL_S3_PORT',
  stepfunctions: 'LOCAL_SFN_PORT',
  eventbridge: 'LOCAL_EVENTBRIDGE_PORT',
};

export interface LocalSettings {
  /** Where everything is kept. */
  readonly dataDir: string;
  /** 0 lets the system choose a free one. */
  readonly ports: Readonly<Record<EmbeddedService | 'api', number>>;
  /** Endpoints to use in place of embedded servers. */
  readonly replaced: Readonly<Partial<Record<EmbeddedService, string>>>;
  readonly region: string;
  readonly credentials: LocalCredentials & { readonly sessionToken?: string };
  readonly tables: TableNames;
  /** Where the household application keeps uploaded files. */
  readonly fileBucket: string;
  readonly packagesBucket: string;
  readonly eventBus: string;
  /** How long after one sweep the next begins; 0 for no sweeps at all. */
  readonly sweepSeconds: number;
}

/** A setting that cannot be used, in a sentence for the person who gave it. */
export class InvalidSetting extends Error {
  override readonly name = 'InvalidSetting';
}

const given = (variables: Variables, name: string): string | undefined =>
  variables[name] === '' ? undefined : variables[name];

const portOf = (variables: Variables, name: string): number => {
  const text = given(variables, name) ?? '0';
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new InvalidSetting(`${name} must be a port from 0 to 65535, but is "${text}".`);
  }
  return port;
};

const DEFAULT_SWEEP_SECONDS = '60';

const sweepSecondsOf = (variables: Variables): number => {
  const text = given(variables, 'LOCAL_SWEEP_SECONDS') ?? DEFAULT_SWEEP_SECONDS;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidSetting(
    `LOCAL_SWEEP_SECONDS must be a whole number of seconds, 0 for never, but is "${text}".`,
  );
};

/** A host and port alone, such as localhost:8000, is a URL too, of the scheme "localhost". */
const isHttpUrl = (text: string): boolean =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);

const endpointOf = (variables: Variables, name: string): string | undefined => {
  const url = given(variables, name);
  if (url !== undefined && !isHttpUrl(url)) {
    throw new InvalidSetting(`${name} must be a URL such as http://127.0.0.1:8000, but is "${url}".`);
  }
  return url;
};

/** A person's own AWS credentials are used only where a service of theirs is. */
const identityOf = (variables: Variables): Pick<LocalSettings, 'region' | 'credentials'> => {
  const region = given(variables, 'AWS_REGION') ?? given(variables, 'AWS_DEFAULT_REGION') ?? LOCAL_REGION;
  const accessKeyId = given(variables, 'AWS_ACCESS_KEY_ID');
  const secretAccessKey = given(variables, 'AWS_SECRET_ACCESS_KEY');
  const sessionToken = given(variables, 'AWS_SESSION_TOKEN');
  if (accessKeyId === undefined || secretAccessKey === undefined)
    return { region, credentials: LOCAL_CREDENTIALS };
  return {
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  };
};

/**
 * How the local system is to run, from environment variables; the names of tables, buckets and bus are those of the
 * household application's own environment.
 * @throws InvalidSetting
 */
export const localSettings = (variables: Variables): LocalSettings => {
  const replaced = Object.fromEntries(
    EMBEDDED_SERVICES.flatMap((service) => {
      const url = endpointOf(variables, ENDPOINT_VARIABLES[service]);
      return url === undefined ? [] : [[service, url]];
    }),
  );
  return {
    dataDir: resolve(given(variables, 'LOCAL_DATA_DIR') ?? '.local'),
    ports: {
      api: portOf(variables, PORT_VARIABLES.api),
      dynamodb: portOf(variables, PORT_VARIABLES.dynamodb),
      s3: portOf(variables, PORT_VARIABLES.s3),
      stepfunctions: portOf(variables, PORT_VARIABLES.stepfunctions),
      eventbridge: portOf(variables, PORT_VARIABLES.eventbridge),
    },
    replaced,
    ...(Object.keys(replaced).length > 0
      ? identityOf(variables)
      : { region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS }),
    tables: tableNamesFrom(variables),
    fileBucket: given(variables, 'FILE_STORAGE_BUCKET') ?? 'housef3-dev-file-storage',
    packagesBucket: given(variables, 'EXPORT_PACKAGES_BUCKET') ?? 'housef3-dev-export-packages',
    eventBus: given(variables, 'EVENT_BUS_NAME') ?? 'housef3-dev-app-events',
    sweepSeconds: sweepSecondsOf(variables),
  };
};
