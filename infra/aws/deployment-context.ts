import { ContextValues, listOf, textOf, wholeNumber, yesOrNo, type ContextLookup } from './context-values.ts';

/** The environment variable that names each of the household application's tables, and how its name ends by default. */
const TABLE_SUFFIXES = {
  ACCOUNTS_TABLE: 'accounts',
  TRANSACTIONS_TABLE: 'transactions',
  CATEGORIES_TABLE_NAME: 'categories',
  FILE_MAPS_TABLE: 'file-maps',
  FILES_TABLE: 'transaction-files',
  ANALYTICS_DATA_TABLE: 'analytics-data',
} as const;

export type ApplicationTable = keyof typeof TABLE_SUFFIXES;

/** The setting that names each table, or holds its ARN. */
const TABLE_SETTINGS = {
  ACCOUNTS_TABLE: 'accountsTable',
  TRANSACTIONS_TABLE: 'transactionsTable',
  CATEGORIES_TABLE_NAME: 'categoriesTable',
  FILE_MAPS_TABLE: 'fileMapsTable',
  FILES_TABLE: 'filesTable',
  ANALYTICS_DATA_TABLE: 'analyticsTable',
} as const satisfies Record<ApplicationTable, string>;

/** The export page, where there is to be one. */
export interface PageSettings {
  /** Under which the issuer knows the page; a public client of the authorization code flow with PKCE. */
  readonly clientId: string;
  /** What the page asks the issuer for, with spaces between. */
  readonly scope: string;
  /** Origins beside the issuer's own to which signing in leads, such as a hosted token endpoint. */
  readonly signInOrigins: readonly string[];
  /** Its own domain and that domain's certificate in us-east-1 (CloudFront's rule); CloudFront's own where there is none. */
  readonly domain: { readonly name: string; readonly certificateArn: string } | undefined;
}

/** What a deployment is told. Tables, bucket and bus of the household application are names, or ARNs in the same region. */
export interface DeploymentContext {
  /** The first words of every name, and of the application's own names by default. */
  readonly project: string;
  readonly environment: string;
  /** Whether data outlives the stack. */
  readonly isProduction: boolean;
  readonly region: string;
  readonly jwtIssuer: string;
  readonly jwtAudiences: readonly string[];
  /** Scopes of which a token must hold one; none where every access token will do. */
  readonly jwtScopes: readonly string[];
  readonly tables: Readonly<Record<ApplicationTable, string>>;
  readonly fileBucket: string;
  readonly eventBus: string;
  /** Whether the stack makes the application's tables, bucket and bus itself: for trying it out without the application. */
  readonly createApplicationTables: boolean;
  readonly corsOrigins: readonly string[];
  readonly page: PageSettings | undefined;
  readonly retentionHours: number;
  readonly activeExportCap: number;
  /** Who is told of alarms, after they have confirmed that they want to be. */
  readonly alarmEmail: string | undefined;
  /** Customer managed keys: of the application's tables, of its file bucket, and of the packages. */
  readonly tableKeyArns: readonly string[];
  readonly fileBucketKeyArn: string | undefined;
  readonly packagesKeyArn: string | undefined;
  readonly applicationVersion: string;
}

/** The first words of every name, by which deployments in one account are told apart. */
export const namePrefix = ({ project, environment }: Pick<DeploymentContext, 'project' | 'environment'>) =>
  `${project}-${environment}`;

const WORD = textOf(
  // Two of them and the longest function's name make at most 64 characters (Lambda quotas).
  /^[a-z][a-z0-9-]{0,16}[a-z0-9]$/,
  'must be 2 to 18 lower-case letters, digits and hyphens, and begin with a letter',
);
const REGION = textOf(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'must be an AWS region such as eu-central-1');
const ISSUER = textOf(
  /^https:\/\/[\w.-]+(?::\d+)?(?:\/[^?#\s]*)?$/,
  'must be the https URL of the issuer of access tokens, exactly as it stands in their iss',
);
const AUDIENCE = textOf(/^[^\s,]{1,256}$/, 'must be the aud or client_id of access tokens');
const SCOPE = textOf(/^[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]{1,256}$/, 'must be a scope of access tokens');
const ORIGIN = textOf(
  /^(?:\*|https:\/\/[\w.-]+(?::\d+)?|http:\/\/localhost(?::\d+)?)$/,
  'must be an origin such as https://app.example.com without a path, http://localhost with a port, or *',
);
const SIGN_IN_ORIGIN = textOf(
  /^https:\/\/[\w.-]+(?::\d+)?$/,
  'must be an origin such as https://login.example.com without a path',
);
const SCOPES = textOf(
  /^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/,
  'must be scopes with spaces between',
);
const DOMAIN = textOf(
  /^(?=.{4,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/,
  'must be a domain such as export.example.com',
);
const CERTIFICATE_ARN = textOf(
  /^arn:[\w-]+:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
  'must be the ARN of a certificate in us-east-1, where CloudFront looks for it',
);
const TABLE = textOf(
  /^(?:[\w.-]{3,255}|arn:[\w-]+:dynamodb:[\w-]+:\d{12}:table\/[\w.-]{3,255})$/,
  "must be a DynamoDB table's name or ARN",
);
const BUCKET = textOf(
  /^(?:arn:[\w-]+:s3:::)?[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  "must be an S3 bucket's name or ARN",
);
const BUS = textOf(
  /^(?:[\w./-]{1,256}|arn:[\w-]+:events:[\w-]+:\d{12}:event-bus\/[\w./-]{1,256})$/,
  "must be an event bus's name or ARN",
);
const KEY_ARN = textOf(
  /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
  'must be the ARN of a KMS key, not of an alias',
);
const EMAIL = textOf(/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, 'must be an e-mail address');
const VERSION = textOf(/^[\w.+-]{1,64}$/, "must be the household application's version, such as 2.4.1");

const PRODUCTION = /^prod(?:uction)?$/;

const SETTINGS: readonly string[] = [
  ...['project', 'environment', 'region', 'jwtIssuer', 'jwtAudience', 'jwtScopes'],
  ...Object.values(TABLE_SETTINGS),
  ...['fileBucket', 'eventBus', 'createApplicationTables', 'corsOrigins', 'retentionHours'],
  ...['pageClientId', 'pageScope', 'pageSignInOrigins', 'pageDomain', 'pageCertificateArn'],
  ...[
    'activeExportCap',
    'alarmEmail',
    'tableKeyArns',
    'fileBucketKeyArn',
    'packagesKeyArn',
    'housef3Version',
  ],
];

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** cdk.json may keep the settings of each environment under `environments`; what is given by itself goes before. */
const layered = (given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { environment, environments } = given;
  const kept =
    isRecord(environments) && typeof environment === 'string' && Object.hasOwn(environments, environment)
      ? environments[environment]
      : {};
  return { ...(isRecord(kept) ? kept : {}), ...given };
};

/** CDK's own settings all have a colon, slash or hyphen in them, so any other word is meant for this stack. */
const isMeantForThisStack = (name: string): boolean => /^\w+$/.test(name) && name !== 'environments';

const refuseUnknown = (values: ContextValues, names: readonly string[]): void => {
  for (const name of names.filter(isMeantForThisStack)) {
    if (!SETTINGS.includes(name))
      values.refuse(`${name} is no setting of this stack, which has ${SETTINGS.join(', ')}.`);
  }
};

const refuseOtherRegions = (values: ContextValues, region: string, arns: readonly (string | undefined)[]) => {
  for (const arn of arns) {
    const [, , service, ofArn] = arn?.split(':') ?? [];
    if (service === undefined || service === 's3' || ofArn === region) continue;
    values.refuse(`${arn} must be in the region of the stack, which is ${region}.`);
  }
};

const refuseUnmakable = (values: ContextValues, context: DeploymentContext): void => {
  if (!context.createApplicationTables) return;
  if (context.isProduction) {
    values.refuse('createApplicationTables is for trying things out, not for production.');
  }
  for (const name of [...Object.values(context.tables), context.fileBucket, context.eventBus]) {
    if (!name.startsWith('arn:')) continue;
    values.refuse(`${name} is there already; createApplicationTables makes tables, bucket and bus by name.`);
  }
};

const NONE: readonly string[] = [];

/** OpenID Connect's own; what an access token is for is decided by the issuer. */
const PAGE_SCOPE = 'openid';

const pageFrom = (values: ContextValues): PageSettings | undefined => {
  const clientId = values.optional('pageClientId', AUDIENCE);
  const name = values.optional('pageDomain', DOMAIN);
  const certificateArn = values.optional('pageCertificateArn', CERTIFICATE_ARN);
  const others = {
    scope: values.read('pageScope', SCOPES, PAGE_SCOPE),
    signInOrigins: values.read('pageSignInOrigins', listOf(SIGN_IN_ORIGIN), NONE),
    domain: name === undefined || certificateArn === undefined ? undefined : { name, certificateArn },
  };
  if ((name === undefined) !== (certificateArn === undefined)) {
    values.refuse('pageDomain and pageCertificateArn go together: give both, or neither.');
  }
  if (clientId === undefined && others.domain !== undefined) {
    values.refuse('pageDomain is of no use without pageClientId, under which the issuer knows the page.');
  }
  return clientId === undefined ? undefined : { clientId, ...others };
};

/**
 * How the stack is to be deployed, from everything that was given as context; the region may come from elsewhere.
 * @throws InvalidContext with a sentence for each value that is missing, wrong or unknown
 */
export const deploymentContext = (
  given: Readonly<Record<string, unknown>>,
  defaults: { readonly region?: string | undefined } = {},
): DeploymentContext => {
  const settings: Readonly<Record<string, unknown>> = { ...defaults, ...layered(given) };
  const lookup: ContextLookup = (name) => (Object.hasOwn(settings, name) ? settings[name] : undefined);
  const values = new ContextValues(lookup);
  refuseUnknown(values, Object.keys(settings));
  const context = contextFrom(values);
  refuseOtherRegions(values, context.region, [
    ...Object.values(context.tables),
    ...[context.eventBus, ...context.tableKeyArns, context.fileBucketKeyArn, context.packagesKeyArn],
  ]);
  refuseUnmakable(values, context);
  values.assertValid();
  return context;
};

const contextFrom = (values: ContextValues): DeploymentContext => {
  const project = values.read('project', WORD, 'housef3');
  const environment = values.required('environment', WORD, 'unknown');
  const prefix = namePrefix({ project, environment });
  const table = (name: ApplicationTable): string =>
    values.read(TABLE_SETTINGS[name], TABLE, `${prefix}-${TABLE_SUFFIXES[name]}`);
  return {
    project,
    environment,
    isProduction: PRODUCTION.test(environment),
    region: values.required('region', REGION, 'unknown'),
    jwtIssuer: values.required('jwtIssuer', ISSUER, ''),
    jwtAudiences: values.required('jwtAudience', listOf(AUDIENCE), NONE),
    jwtScopes: values.read('jwtScopes', listOf(SCOPE), NONE),
    tables: {
      ACCOUNTS_TABLE: table('ACCOUNTS_TABLE'),
      TRANSACTIONS_TABLE: table('TRANSACTIONS_TABLE'),
      CATEGORIES_TABLE_NAME: table('CATEGORIES_TABLE_NAME'),
      FILE_MAPS_TABLE: table('FILE_MAPS_TABLE'),
      FILES_TABLE: table('FILES_TABLE'),
      ANALYTICS_DATA_TABLE: table('ANALYTICS_DATA_TABLE'),
    },
    fileBucket: values.read('fileBucket', BUCKET, `${prefix}-file-storage`),
    eventBus: values.read('eventBus', BUS, `${prefix}-app-events`),
    createApplicationTables: values.read('createApplicationTables', yesOrNo, false),
    corsOrigins: values.read('corsOrigins', listOf(ORIGIN), NONE),
    page: pageFrom(values),
    retentionHours: values.read('retentionHours', wholeNumber(1, 720, 'hours'), 24),
    activeExportCap: values.read('activeExportCap', wholeNumber(1, 20, 'exports'), 2),
    alarmEmail: values.optional('alarmEmail', EMAIL),
    tableKeyArns: values.read('tableKeyArns', listOf(KEY_ARN), NONE),
    fileBucketKeyArn: values.optional('fileBucketKeyArn', KEY_ARN),
    packagesKeyArn: values.optional('packagesKeyArn', KEY_ARN),
    applicationVersion: values.read('housef3Version', VERSION, 'unknown'),
  };
};
