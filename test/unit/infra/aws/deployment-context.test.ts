import { describe, expect, it } from '@jest/globals';
import { deploymentContext } from '../../../../infra/aws/deployment-context.ts';

const GIVEN = {
  environment: 'dev',
  region: 'eu-central-1',
  jwtIssuer: 'https://issuer.example.com/',
  jwtAudience: 'export-client',
};

const problemsWith = (given: Readonly<Record<string, unknown>>): readonly string[] => {
  try {
    deploymentContext(given);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ name: 'InvalidContext' });
    return (error as Error).message.split('\n');
  }
};

describe('the settings of a deployment', () => {
  it('are the application’s own names, one day and two exports, where nothing else is said', () => {
    expect(deploymentContext(GIVEN)).toEqual({
      project: 'housef3',
      environment: 'dev',
      isProduction: false,
      region: 'eu-central-1',
      jwtIssuer: 'https://issuer.example.com/',
      jwtAudiences: ['export-client'],
      jwtScopes: [],
      tables: {
        ACCOUNTS_TABLE: 'housef3-dev-accounts',
        TRANSACTIONS_TABLE: 'housef3-dev-transactions',
        CATEGORIES_TABLE_NAME: 'housef3-dev-categories',
        FILE_MAPS_TABLE: 'housef3-dev-file-maps',
        FILES_TABLE: 'housef3-dev-transaction-files',
        ANALYTICS_DATA_TABLE: 'housef3-dev-analytics-data',
      },
      fileBucket: 'housef3-dev-file-storage',
      eventBus: 'housef3-dev-app-events',
      createApplicationTables: false,
      corsOrigins: [],
      page: undefined,
      retentionHours: 24,
      activeExportCap: 2,
      alarmEmail: undefined,
      tableKeyArns: [],
      fileBucketKeyArn: undefined,
      packagesKeyArn: undefined,
      applicationVersion: 'unknown',
    });
  });

  it('are read alike from the command line, which knows text only, and from JSON', () => {
    const asText = {
      retentionHours: '48',
      activeExportCap: '3',
      createApplicationTables: 'true',
      corsOrigins: 'https://a.example, http://localhost:5173',
      tableKeyArns: 'arn:aws:kms:eu-central-1:111111111111:key/0f3c1d2e-0000-4000-8000-0123456789ab',
    };
    const asJson = {
      retentionHours: 48,
      activeExportCap: 3,
      createApplicationTables: true,
      corsOrigins: ['https://a.example', 'http://localhost:5173'],
      tableKeyArns: ['arn:aws:kms:eu-central-1:111111111111:key/0f3c1d2e-0000-4000-8000-0123456789ab'],
    };
    const context = deploymentContext({ ...GIVEN, ...asText });
    expect(context).toMatchObject({ ...asJson });
    expect(deploymentContext({ ...GIVEN, ...asJson })).toEqual(context);
  });

  it('can be kept by environment, and what is given by itself goes before', () => {
    const environments = { dev: { ...GIVEN, environment: 'dev', retentionHours: 72, activeExportCap: 5 } };
    const context = deploymentContext({ environment: 'dev', environments, activeExportCap: '4' });
    expect(context).toMatchObject({
      jwtAudiences: ['export-client'],
      retentionHours: 72,
      activeExportCap: 4,
    });
  });

  it('have a page where a client is named for it, with a domain only together with its certificate', () => {
    const certificateArn =
      'arn:aws:acm:us-east-1:111111111111:certificate/0f3c1d2e-0000-4000-8000-0123456789ab';
    expect(deploymentContext({ ...GIVEN, pageClientId: 'page' }).page).toEqual({
      clientId: 'page',
      scope: 'openid',
      signInOrigins: [],
      domain: undefined,
    });
    const named = { ...GIVEN, pageClientId: 'page', pageDomain: 'export.example.com' };
    expect(
      deploymentContext({
        ...{ ...named, pageCertificateArn: certificateArn, pageScope: 'openid export/use' },
        pageSignInOrigins: 'https://login.example.com',
      }).page,
    ).toEqual({
      clientId: 'page',
      scope: 'openid export/use',
      signInOrigins: ['https://login.example.com'],
      domain: { name: 'export.example.com', certificateArn },
    });
    expect(problemsWith(named)).toEqual([
      'pageDomain and pageCertificateArn go together: give both, or neither.',
    ]);
  });

  it('take the region from the profile only where none is set', () => {
    const { region, ...others } = GIVEN;
    expect(deploymentContext(others, { region: 'us-east-1' }).region).toBe('us-east-1');
    expect(deploymentContext(GIVEN, { region: 'us-east-1' }).region).toBe(region);
  });

  it.each([['prod'], ['production']])('keep data longer than the stack in %s', (environment) => {
    expect(deploymentContext({ ...GIVEN, environment }).isProduction).toBe(true);
  });

  it('are told all at once when they are wrong', () => {
    expect(problemsWith({})).toEqual([
      expect.stringMatching(/^environment is missing: it must be .* Give it with --context environment=…/),
      expect.stringMatching(/^region is missing: /),
      expect.stringMatching(/^jwtIssuer is missing: /),
      expect.stringMatching(/^jwtAudience is missing: /),
    ]);
  });

  const KEY = 'arn:aws:kms:eu-central-1:111111111111:key/0f3c1d2e-0000-4000-8000-0123456789ab';
  it.each([
    ['project', 'House F3'],
    ['project', 'a-name-that-is-too-long'],
    ['environment', 'dev-'],
    ['environment', '-dev'],
    ['region', 'Frankfurt'],
    ['jwtIssuer', 'http://issuer.example.com'],
    ['jwtIssuer', 'https://issuer.example.com?x=1'],
    ['jwtAudience', 'two words'],
    ['jwtAudience', 'a,,b'],
    ['jwtAudience', []],
    ['accountsTable', 'a/b'],
    ['filesTable', 'arn:aws:s3:::files'],
    ['fileBucket', 'Upper'],
    ['eventBus', 'arn:aws:events:eu-central-1:1:event-bus/short-account'],
    ['createApplicationTables', 'yes'],
    ['corsOrigins', 'https://app.example.com/'],
    ['pageClientId', 'two words'],
    ['pageScope', 'a  b'],
    ['pageSignInOrigins', 'https://login.example.com/login'],
    ['pageDomain', 'https://export.example.com'],
    ['pageCertificateArn', 'arn:aws:acm:eu-central-1:111111111111:certificate/0f3c1d2e'],
    ['corsOrigins', 'http://app.example.com'],
    ['retentionHours', '0'],
    ['retentionHours', '721'],
    ['retentionHours', '1.5'],
    ['retentionHours', 1.5],
    ['retentionHours', 'a day'],
    ['activeExportCap', '-1'],
    ['activeExportCap', 21],
    ['alarmEmail', 'operators'],
    ['tableKeyArns', `${KEY},alias/tables`],
    ['fileBucketKeyArn', 'arn:aws:kms:eu-central-1:111111111111:alias/files'],
    ['packagesKeyArn', 'a'],
    ['housef3Version', 'the newest'],
  ])('do not take %s for %j', (name, value) => {
    const shown = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
    expect(problemsWith({ ...GIVEN, [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name} must be `)),
    ]);
    expect(problemsWith({ ...GIVEN, [name]: value })[0]).toContain(`but is ${shown}.`);
  });

  it('are not mistyped in silence, while those of CDK itself are none of theirs', () => {
    expect(problemsWith({ ...GIVEN, retentionHour: '48' })).toEqual([
      expect.stringMatching(/^retentionHour is no setting of this stack/),
    ]);
    expect(problemsWith({ environment: 'dev', environments: { dev: { ...GIVEN, colour: 1 } } })).toEqual([
      expect.stringMatching(/^colour is no setting/),
    ]);
    const ofCdk = { '@aws-cdk/core:x': true, 'aws:cdk:bundling-stacks': [], 'cli-telemetry': false };
    expect(problemsWith({ ...GIVEN, ...ofCdk })).toEqual([]);
  });

  it('name nothing in another region, where no function would look for it', () => {
    const elsewhere = {
      accountsTable: 'arn:aws:dynamodb:us-east-1:111111111111:table/accounts',
      eventBus: 'arn:aws:events:us-east-1:111111111111:event-bus/bus',
      packagesKeyArn: 'arn:aws:kms:us-east-1:111111111111:key/0f3c1d2e-0000-4000-8000-0123456789ab',
      fileBucket: 'arn:aws:s3:::files',
    };
    expect(problemsWith({ ...GIVEN, ...elsewhere })).toEqual([
      expect.stringContaining('table/accounts must be in the region of the stack, which is eu-central-1.'),
      expect.stringContaining('event-bus/bus must be in the region'),
      expect.stringContaining('must be in the region'),
    ]);
  });

  it('make no tables of the application in production', () => {
    expect(problemsWith({ ...GIVEN, environment: 'prod', createApplicationTables: 'true' })).toEqual([
      expect.stringContaining('not for production'),
    ]);
  });

  it('make nothing that is named by the ARN of what is there', () => {
    const fileBucket = 'arn:aws:s3:::files';
    expect(problemsWith({ ...GIVEN, createApplicationTables: true, fileBucket })).toEqual([
      expect.stringMatching(/^arn:aws:s3:::files is there already/),
    ]);
  });
});
