import { API_FUNCTIONS, type ApiFunction } from '../lambda/functions.ts';
import { headers } from './headers.ts';
import { inputSchema, namedSchemas, type JsonSchema } from './json-schema.ts';
import { OPERATIONS, type Operation, type Success } from './operations.ts';
import { PARAMETERS } from './parameters.ts';
import { gatewayMessage, problem } from './problem.ts';
import { refusal, REFUSAL_STATUSES, type RefusedBy } from './refusals.ts';
import { packageWarning, sectionCounts } from './package-figures.ts';
import * as replies from './replies.ts';
import { exportRequest } from './request.ts';

export interface OpenApiOptions {
  /** Of the access tokens, where it is known: its discovery document tells how to sign in. */
  readonly issuer?: string | undefined;
  /** Where the API is; by default where this document was fetched. */
  readonly serverUrl?: string | undefined;
}

const REPLIES = [
  ...[replies.acceptedExport, replies.exportPreview, replies.exportList, replies.listedExport],
  ...[replies.exportStatusReply, replies.sectionProgress, sectionCounts, packageWarning],
  ...[replies.downloadLink, replies.deletingExport, problem, gatewayMessage],
];

const TAG = 'Exports';
const LICENSE = { name: 'Proprietary', identifier: 'LicenseRef-Proprietary' };

const DESCRIPTION = `Exports everything that the household application keeps about a user as one package that proves its own completeness.

Every request takes an access token of the configured issuer. Sizes are in bytes. Times are in UTC: in lists as milliseconds since 1970, elsewhere as ISO 8601 texts.
What the service refuses is told as \`application/problem+json\` (RFC 9457); what does not get through to it is refused by the gateway before it, in a few words of its own.`;

const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });

const jsonContent = (schema: string) => ({ 'application/json': { schema: ref('schemas', schema) } });

const SUCCESS_HEADERS = ['apigw-requestid', 'x-correlation-id', 'cache-control'] as const;

const success = ({ description, body, headers: more = [], headersAtTimes }: Success) => ({
  description,
  headers: headers([...SUCCESS_HEADERS, ...more], headersAtTimes),
  ...(body === undefined ? {} : { content: jsonContent(body) }),
});

/** By name: what the service refuses, the gateway, or either of them, are answers of different shapes. */
const REFUSED_BY = { service: 'Problem', gateway: 'Gateway', either: 'Refusal' } satisfies Record<
  RefusedBy,
  string
>;

const refusalsOf = ({ refusals }: Operation) =>
  REFUSAL_STATUSES.flatMap((status) => {
    const by = refusals[status];
    return by === undefined ? [] : [{ status, by, name: `${REFUSED_BY[by]}${status}` }];
  });

const operation = (functionName: ApiFunction) => {
  const told = OPERATIONS[functionName];
  return {
    operationId: functionName.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    tags: [TAG],
    summary: told.summary,
    description: told.description,
    parameters: [...told.parameters, 'CorrelationId'].map((name) => ref('parameters', name)),
    ...(told.takesBody === true
      ? { requestBody: { required: false, content: jsonContent('ExportRequest') } }
      : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(told.successes).map(([status, answer]) => [status, success(answer)]),
      ),
      ...Object.fromEntries(refusalsOf(told).map(({ status, name }) => [status, ref('responses', name)])),
    },
  };
};

const isApiFunction = (name: string): name is ApiFunction => Object.hasOwn(API_FUNCTIONS, name);
const NAMES = Object.keys(API_FUNCTIONS).filter(isApiFunction);

const paths = () =>
  Object.fromEntries(
    [...Map.groupBy(NAMES, (name) => API_FUNCTIONS[name].route.path)].map(([path, names]) => [
      path,
      Object.fromEntries(
        names.map((name) => [API_FUNCTIONS[name].route.method.toLowerCase(), operation(name)]),
      ),
    ]),
  );

const responses = () =>
  Object.fromEntries(
    Object.values(OPERATIONS)
      .flatMap(refusalsOf)
      .map(({ status, by, name }) => [name, refusal(status, by)]),
  );

const schemas = (): Readonly<Record<string, JsonSchema>> => ({
  ExportRequest: inputSchema(exportRequest),
  ...namedSchemas(REPLIES, '#/components/schemas/'),
});

const securitySchemes = (issuer: string | undefined) => ({
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token of a user; an ID token is refused.',
  },
  ...(issuer === undefined
    ? {}
    : {
        openId: {
          type: 'openIdConnect',
          openIdConnectUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
          description: 'Where such a token comes from: the code flow with PKCE.',
        },
      }),
});

/** The HTTP API as an OpenAPI 3.1 document, from the schemas to which the functions are held, and from their routes. */
export const openApiDocument = ({ issuer, serverUrl = '/' }: OpenApiOptions = {}) => {
  const schemes = securitySchemes(issuer);
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: 'Household data export', version: '1.0.0', description: DESCRIPTION, license: LICENSE },
    servers: [{ url: serverUrl }],
    tags: [{ name: TAG, description: 'Packages of all that is kept about a user.' }],
    security: Object.keys(schemes).map((name) => ({ [name]: [] })),
    paths: paths(),
    components: {
      securitySchemes: schemes,
      parameters: PARAMETERS,
      responses: responses(),
      schemas: schemas(),
    },
  };
};
