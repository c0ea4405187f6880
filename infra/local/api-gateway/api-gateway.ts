import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { LambdaFunctionError } from '../lambda/lambda-function-error.ts';
import { listenOnLoopback, type LocalServer } from '../local-server.ts';
import { readRequestBody } from '../request-body.ts';
import { createCors, isCorsHeader, type Cors } from './cors.ts';
import { createJwtAuthorizer, NotAuthorized, type TrustedIssuer } from './jwt-authorizer.ts';
import { proxyEventOf, targetOf } from './proxy-event.ts';
import { proxyResponseOf, type ProxyResponse } from './proxy-response.ts';
import { createRouteTable, type Route, type RouteMatch } from './route-table.ts';

const INTEGRATION_TIMEOUT_MS = 30_000;
const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

export interface ApiGatewayOptions {
  readonly routes: readonly Route[];
  readonly issuer: TrustedIssuer;
  readonly invokeFunction: (functionName: string, event: unknown) => Promise<unknown>;
  /** Origins a browser may call from (default `*`). */
  readonly allowedOrigins?: readonly string[];
  /** How long the gateway waits for a function (default 30 s, as on AWS). */
  readonly integrationTimeoutMs?: number;
}

/** An answer of the gateway itself, whose body is `{"message":…}`. */
class GatewayAnswer extends Error {
  override readonly name = 'GatewayAnswer';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const notFound = () => new GatewayAnswer(404, 'Not Found');
const badRequest = () => new GatewayAnswer(400, 'Bad Request');
const serverError = () => new GatewayAnswer(500, 'Internal Server Error');
const unavailable = () => new GatewayAnswer(503, 'Service Unavailable');

const tooLarge = () => new GatewayAnswer(413, 'Request Entity Too Large');

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const body = await readRequestBody(request, BODY_LIMIT_BYTES).catch(() => {
    throw badRequest();
  });
  if (body === undefined) throw tooLarge();
  return body;
};

const invocationFailure = (error: unknown): GatewayAnswer => {
  switch (error instanceof LambdaFunctionError ? error.errorType : '') {
    case 'Lambda.TooManyRequestsException':
    case 'ServiceException':
    case 'TooManyRequestsException':
      return unavailable();
    case 'RequestTooLargeException':
      return tooLarge();
    default:
      return serverError();
  }
};

const withinTimeout = (invocation: Promise<unknown>, milliseconds: number): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(unavailable()), milliseconds);
    void invocation
      .then(resolve, (error: unknown) => reject(invocationFailure(error)))
      .finally(() => clearTimeout(timer));
  });

/** Headers of one hop, which the gateway writes itself. */
const HOP_HEADERS = ['connection', 'content-length', 'keep-alive', 'transfer-encoding'];

const belongsToFunction = (name: string): boolean => !isCorsHeader(name) && !HOP_HEADERS.includes(name);

const WITHOUT_BODY = [204, 304];

const lengthOf = ({ status, body = '' }: ProxyResponse): OutgoingHttpHeaders =>
  WITHOUT_BODY.includes(status) ? {} : { 'content-length': Buffer.byteLength(body) };

const send = (response: ServerResponse, answer: ProxyResponse, gatewayHeaders: OutgoingHttpHeaders): void => {
  const own = Object.entries(answer.headers).filter(([name]) => belongsToFunction(name));
  response.writeHead(answer.status, {
    ...Object.fromEntries(own),
    ...lengthOf(answer),
    ...(answer.cookies.length > 0 ? { 'set-cookie': [...answer.cookies] } : {}),
    ...gatewayHeaders,
  });
  response.end(answer.body);
};

const messageAnswer = (
  status: number,
  message: string,
  headers: Record<string, string> = {},
): ProxyResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  cookies: [],
  body: JSON.stringify({ message }),
});

const answerToFailure = (error: unknown): ProxyResponse => {
  if (error instanceof GatewayAnswer) return messageAnswer(error.status, error.message);
  if (error instanceof NotAuthorized) {
    return messageAnswer(error.status, error.message, { 'www-authenticate': error.challenge });
  }
  process.emitWarning(error instanceof Error ? error : String(error));
  return messageAnswer(500, 'Internal Server Error');
};

/** The way of a request: route, then token, then body, then function, in the order of AWS. */
const createRequestFlow = (options: ApiGatewayOptions) => {
  const findRoute = createRouteTable(options.routes);
  const authorize = createJwtAuthorizer(options.issuer);
  const timeoutMs = options.integrationTimeoutMs ?? INTEGRATION_TIMEOUT_MS;

  const match = (request: IncomingMessage): RouteMatch => {
    try {
      const found = findRoute(request.method ?? '', targetOf(request).path);
      if (found) return found;
    } catch {
      throw badRequest();
    }
    throw notFound();
  };

  return async (request: IncomingMessage, requestId: string): Promise<ProxyResponse> => {
    const time = Date.now();
    const found = match(request);
    const { functionName, scopes } = found.route;
    const jwt = await authorize(request.headers.authorization, scopes);
    const body = await readBody(request);
    const event = proxyEventOf({ request, match: found, jwt, body, requestId, time });
    const result = await withinTimeout(options.invokeFunction(functionName, event), timeoutMs);
    const answer = proxyResponseOf(result);
    if (!answer) throw serverError();
    return answer;
  };
};

const answerPreflight = (request: IncomingMessage, response: ServerResponse, cors: Cors): void => {
  response.writeHead(204, cors.preflightHeaders(request.headers.origin)).end();
};

/** What answers for an HTTP API of API Gateway: JWT authorizer, payload format 2.0, CORS, and its own plain answers. */
export const createApiGateway = (options: ApiGatewayOptions): RequestListener => {
  const cors = createCors(options.allowedOrigins ?? ['*']);
  const flow = createRequestFlow(options);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'OPTIONS') {
      answerPreflight(request, response, cors);
      return;
    }
    const requestId = randomUUID();
    const gatewayHeaders = { ...cors.answerHeaders(request.headers.origin), 'apigw-requestid': requestId };
    const result = await flow(request, requestId).catch(answerToFailure);
    // The client may be gone by now; then nobody is left to answer.
    if (response.destroyed) return;
    try {
      send(response, result, gatewayHeaders);
    } catch {
      // A header of the function cannot be sent, for instance because of a line break in it.
      send(response, messageAnswer(500, 'Internal Server Error'), gatewayHeaders);
    }
  };

  return (request, response) => {
    response.on('error', () => response.destroy());
    void answer(request, response);
  };
};

/** An HTTP API of API Gateway on this machine, on a port of its own; 0 lets the system choose one. */
export const startApiGateway = ({
  port,
  ...options
}: ApiGatewayOptions & { readonly port: number }): Promise<LocalServer> =>
  listenOnLoopback(createServer(createApiGateway(options)), port);
