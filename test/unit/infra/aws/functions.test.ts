import { describe, expect, it } from '@jest/globals';
import { FUNCTION_ENVIRONMENT, NODE_OPTIONS } from '../../../../shared/lambda/environment.ts';
import {
  API_FUNCTIONS,
  FUNCTIONS,
  SCHEDULED_FUNCTIONS,
  type FunctionName,
} from '../../../../shared/lambda/functions.ts';
import { createCors } from '../../../../infra/local/api-gateway/cors.ts';
import { exampleSettings, exportTemplate, resolved, resourcesOf } from '../../../support/export-template.ts';

const THEIR_TABLE = 'arn:aws:dynamodb:eu-central-1:222222222222:table/theirs';

const template = exportTemplate();
const configured = exportTemplate({
  ...{ retentionHours: 48, activeExportCap: 7, housef3Version: '2.4.1', jwtScopes: 'export/use' },
  ...{ accountsTable: 'ours', transactionsTable: THEIR_TABLE },
});
const lambdas = resourcesOf(template, 'AWS::Lambda::Function');
const PREFIX = 'housef3-example-';

const nameOf = (properties: Readonly<Record<string, unknown>>): FunctionName =>
  String(properties['FunctionName']).slice(PREFIX.length) as FunctionName;

const functionIds = new Map(lambdas.map(({ id, properties }) => [nameOf(properties), id]));

/** The function's ARN as `resolved` shows it. */
const arnOf = (name: FunctionName): string => resolved({ 'Fn::GetAtt': [functionIds.get(name), 'Arn'] });

const environmentOf = (name: FunctionName): Record<string, unknown> => {
  const lambda = lambdas.find(({ properties }) => nameOf(properties) === name);
  return (lambda?.properties['Environment'] as { Variables: Record<string, unknown> }).Variables;
};

describe('the template', () => {
  it.each([
    ['with the application’s resources', {}],
    ['with a sandbox’s', { createApplicationTables: true }],
  ])('passes the rules that CDK itself has for it, %s', (_, settings) => {
    expect(() => exportTemplate(settings, { validated: true })).not.toThrow();
  });
});

describe('the deployed functions', () => {
  it('are those of functions/, each with its own memory and timeout', () => {
    expect([...functionIds.keys()].sort()).toEqual(Object.keys(FUNCTIONS).sort());
    for (const { properties } of lambdas) {
      const { memoryMegabytes, timeoutSeconds } = FUNCTIONS[nameOf(properties)];
      expect(properties).toMatchObject({ MemorySize: memoryMegabytes, Timeout: timeoutSeconds });
    }
  });

  it('run Node 22 on ARM, are traced, and reserve none of the account’s concurrency', () => {
    for (const { properties } of lambdas) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs22.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
      });
      expect(properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });

  it('are told the variables of their schema, each of them valid, and nothing else', () => {
    for (const name of functionIds.keys()) {
      const { NODE_OPTIONS: nodeOptions, ...variables } = environmentOf(name);
      const told = Object.fromEntries(
        Object.entries(variables).map(([variable, value]) => [variable, resolved(value)]),
      );
      const schema = FUNCTION_ENVIRONMENT[name];
      expect(Object.keys(told).sort()).toEqual(Object.keys(schema.shape).sort());
      expect(schema.safeParse(told).success).toBe(true);
      expect(nodeOptions).toBe(`${NODE_OPTIONS} --enable-source-maps`);
    }
  });

  it('are told what the deployment was told', () => {
    const text = JSON.stringify(resourcesOf(configured, 'AWS::Lambda::Function'));
    expect(text).toContain('"RETENTION_HOURS":"48"');
    expect(text).toContain('"ACTIVE_EXPORT_CAP":"7"');
    expect(text).toContain('"APPLICATION_VERSION":"2.4.1"');
    expect(environmentOf('package-export')['APPLICATION_VERSION']).toBe('unknown');
    expect(environmentOf('sweep-exports')['LATE_WRITER_SECONDS']).toBe('960');
  });

  it('ask for the application’s tables by the names or ARNs that were given', () => {
    const text = JSON.stringify(resourcesOf(configured, 'AWS::Lambda::Function'));
    expect(text).toContain('"ACCOUNTS_TABLE":"ours"');
    expect(text).toContain(`"TRANSACTIONS_TABLE":"${THEIR_TABLE}"`);
  });
});

describe('logs', () => {
  it('are kept for three months, of every function and of everything else that writes any', () => {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup');
    expect(groups).toHaveLength(lambdas.length + 2);
    for (const { properties } of groups) expect(properties['RetentionInDays']).toBe(90);
    const names = groups.map(({ properties }) => String(properties['LogGroupName']));
    for (const name of functionIds.keys()) expect(names).toContain(`/aws/lambda/${PREFIX}${name}`);
  });
});

describe('the HTTP API', () => {
  const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(({ properties }) => properties);

  it('has one route for each of its functions, and lets nobody pass without a token', () => {
    const keys = Object.values(API_FUNCTIONS).map(({ route: { method, path } }) => `${method} ${path}`);
    expect(routes.map(({ RouteKey }) => String(RouteKey)).sort()).toEqual(keys.sort());
    const [authorizer, ...others] = resourcesOf(template, 'AWS::ApiGatewayV2::Authorizer');
    expect(others).toEqual([]);
    for (const route of routes) {
      expect(route).toMatchObject({ AuthorizationType: 'JWT', AuthorizerId: { Ref: authorizer?.id } });
      expect(route).not.toHaveProperty('AuthorizationScopes');
    }
    const { jwtIssuer, jwtAudience } = exampleSettings();
    expect(authorizer?.properties).toMatchObject({
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: jwtIssuer, Audience: [jwtAudience] },
    });
  });

  it('asks every token for a scope where a deployment wants that', () => {
    const scoped = resourcesOf(configured, 'AWS::ApiGatewayV2::Route');
    for (const { properties } of scoped) expect(properties['AuthorizationScopes']).toEqual(['export/use']);
  });

  it('hands requests to each function in the format that it reads', () => {
    const integrations = resourcesOf(template, 'AWS::ApiGatewayV2::Integration');
    expect(integrations.map(({ properties }) => resolved(properties['IntegrationUri'])).sort()).toEqual(
      Object.keys(API_FUNCTIONS)
        .map((name) => arnOf(name as FunctionName))
        .sort(),
    );
    for (const { properties } of integrations) {
      expect(properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
    }
  });

  it('answers other sites as the one on one machine does', () => {
    const [api] = resourcesOf(template, 'AWS::ApiGatewayV2::Api');
    const cors = api?.properties['CorsConfiguration'] as Record<string, string[] | number>;
    const local = createCors(cors['AllowOrigins'] as string[]).preflightHeaders('https://app.example.com');
    const joined = (name: string): string => (cors[name] as string[]).join(',');
    expect({
      'access-control-allow-origin': joined('AllowOrigins'),
      'access-control-allow-methods': joined('AllowMethods'),
      'access-control-allow-headers': joined('AllowHeaders'),
      'access-control-expose-headers': joined('ExposeHeaders'),
      'access-control-max-age': String(cors['MaxAge']),
      vary: 'Origin',
    }).toEqual(local);
  });

  it('is throttled, and logs who asked for what without tokens, users or addresses', () => {
    const [stage] = resourcesOf(template, 'AWS::ApiGatewayV2::Stage');
    expect(stage?.properties).toMatchObject({
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    });
    const { Format } = stage?.properties['AccessLogSettings'] as { Format: string };
    expect(JSON.parse(Format)).toMatchObject({ requestId: '$context.requestId', status: '$context.status' });
    expect(Format).not.toMatch(/authorization|claims|identity|header/i);
  });
});

describe('what invokes functions beside the API', () => {
  it('is the rule for executions that ended badly, which tells fail-export', () => {
    const [rule, ...others] = resourcesOf(template, 'AWS::Events::Rule');
    expect(others).toEqual([]);
    const [machine] = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
    expect(rule?.properties).toMatchObject({
      State: 'ENABLED',
      EventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'], stateMachineArn: [{ Ref: machine?.id }] },
      },
    });
    const targets = rule?.properties['Targets'] as readonly { Arn: unknown; Input?: unknown }[];
    expect(targets.map(({ Arn }) => resolved(Arn))).toEqual([arnOf('fail-export')]);
    expect(targets[0]).not.toHaveProperty('InputTransformer');
  });

  it('is the schedule of the sweeper', () => {
    const [schedule, ...others] = resourcesOf(template, 'AWS::Scheduler::Schedule');
    expect(others).toEqual([]);
    const { everyMinutes } = SCHEDULED_FUNCTIONS['sweep-exports'].schedule;
    expect(schedule?.properties).toMatchObject({
      ScheduleExpression: `rate(${everyMinutes} minutes)`,
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
    const { Arn } = schedule?.properties['Target'] as { Arn: unknown };
    expect(resolved(Arn)).toBe(arnOf('sweep-exports'));
  });
});
