import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat, AccessLogField } from 'aws-cdk-lib/aws-apigateway';
import {
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  PayloadFormatVersion,
  type CorsPreflightOptions,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { API_FUNCTIONS, type ApiFunction } from '../../../shared/lambda/functions.ts';
import type { DeploymentContext } from '../deployment-context.ts';
import { LOG_RETENTION } from './export-function.ts';
import type { ExportFunctions } from './export-functions.ts';

interface ExportApiProps {
  readonly prefix: string;
  readonly context: Pick<DeploymentContext, 'jwtIssuer' | 'jwtAudiences' | 'jwtScopes' | 'corsOrigins'>;
  readonly names: readonly ApiFunction[];
  readonly functions: ExportFunctions<ApiFunction | 'sweep-exports'>;
}

/** Requests a second, and at once: a page that polls asks every few seconds, so this is hundreds of people. */
const THROTTLE = { rateLimit: 100, burstLimit: 200 };

/** Who asked for what, and what became of it; neither token nor user id nor address. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    requestTime: '$context.requestTime',
    route: '$context.routeKey',
    path: '$context.path',
    status: '$context.status',
    responseBytes: '$context.responseLength',
    latencyMs: '$context.responseLatency',
    integrationLatencyMs: '$context.integrationLatency',
    integrationError: '$context.integrationErrorMessage',
    authorizerError: '$context.authorizer.error',
  }),
);

const METHODS: Readonly<Record<'GET' | 'POST' | 'DELETE', HttpMethod>> = {
  GET: HttpMethod.GET,
  POST: HttpMethod.POST,
  DELETE: HttpMethod.DELETE,
};

const corsPreflight = (origins: readonly string[]): CorsPreflightOptions => ({
  allowOrigins: [...origins],
  allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST, CorsHttpMethod.DELETE, CorsHttpMethod.OPTIONS],
  allowHeaders: [
    'authorization',
    'content-type',
    'idempotency-key',
    'if-none-match',
    'accept',
    'x-correlation-id',
  ],
  exposeHeaders: ['etag', 'location', 'retry-after', 'x-correlation-id'],
  maxAge: Duration.minutes(10),
});

/** The HTTP API: one route for each function, and none without a token. */
export class ExportApi extends Construct {
  readonly url: string;
  readonly httpApi: HttpApi;
  readonly accessLog: ILogGroup;

  constructor(scope: Construct, id: string, { prefix, context, names, functions }: ExportApiProps) {
    super(scope, id);
    const { jwtIssuer, jwtAudiences, jwtScopes, corsOrigins } = context;
    const api = new HttpApi(this, 'Api', {
      apiName: `${prefix}-export`,
      createDefaultStage: false,
      defaultAuthorizer: new HttpJwtAuthorizer('Jwt', jwtIssuer, { jwtAudience: [...jwtAudiences] }),
      defaultAuthorizationScopes: [...jwtScopes],
      ...(corsOrigins.length === 0 ? {} : { corsPreflight: corsPreflight(corsOrigins) }),
    });
    for (const name of names) {
      const { method, path } = API_FUNCTIONS[name].route;
      api.addRoutes({
        path,
        methods: [METHODS[method]],
        integration: new HttpLambdaIntegration(name, functions.named(name), {
          payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
        }),
      });
    }
    this.httpApi = api;
    this.accessLog = new LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/vendedlogs/http-api/${prefix}-export`,
      retention: LOG_RETENTION,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.url = this.#stage(api).url;
  }

  #stage(httpApi: HttpApi): HttpStage {
    return new HttpStage(this, 'Stage', {
      httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: { destination: new LogGroupLogDestination(this.accessLog), format: ACCESS_LOG },
    });
  }
}
