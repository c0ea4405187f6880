import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import * as z from 'zod/mini';
import { SignatureError, verifySignature, type SignatureErrorCode } from './aws-signature.ts';
import type { LocalCredentials } from './local-identity.ts';
import { readRequestBody } from './request-body.ts';

/** A request the service refuses. `type` is AWS's name of the error, `status` the HTTP status. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** Answers one operation. Throws RequestRefused for what AWS would refuse. */
export type AwsOperation = (input: unknown) => unknown;

/** One AWS service that speaks AWS JSON over HTTP. */
export interface AwsJsonService {
  /** Service name of the signature's scope, such as `states`. */
  readonly signingName: string;
  /** What stands before the dot in `X-Amz-Target`, such as `AWSStepFunctions`. */
  readonly targetPrefix: string;
  readonly jsonVersion: '1.0' | '1.1';
  readonly credentials: LocalCredentials;
  readonly maxBodyBytes: number;
  /** Whether `x-amz-crc32` tells the CRC-32 of every answer, as DynamoDB's does. */
  readonly tellsChecksum?: boolean;
  readonly operations: Readonly<Record<string, AwsOperation>>;
  /** Unsigned GET requests by path, for people and tests on this machine. Answered to loopback host names only. */
  readonly localPages?: Readonly<Record<string, () => unknown>>;
}

const errorMap = z.locales.en().localeError;

/** The problems of a refused value, each with the place where it is. */
export const describeProblems = (error: z.core.$ZodError): string =>
  error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');

/** Parses the input of an operation. Throws RequestRefused `ValidationException`; a field the schema does not know is refused too. */
export const parseInput = <T>(schema: z.ZodMiniType<T>, input: unknown): T => {
  const parsed = schema.safeParse(input, { error: errorMap });
  if (parsed.success) return parsed.data;
  throw new RequestRefused('ValidationException', `Invalid request: ${describeProblems(parsed.error)}`);
};

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

const SIGNATURE_ERROR_TYPES: Partial<Record<SignatureErrorCode, string>> = {
  InvalidAccessKeyId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  RequestTimeTooSkewed: 'InvalidSignatureException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
};

const readBody = async (request: IncomingMessage, limit: number): Promise<Buffer> => {
  const body = await readRequestBody(request, limit);
  if (body !== undefined) return body;
  throw new RequestRefused('RequestEntityTooLargeException', `The request exceeds ${limit} bytes.`, 413);
};

const checkSignature = (service: AwsJsonService, request: IncomingMessage, body: Buffer): void => {
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  const { method = 'POST', headers } = request;
  try {
    const { payloadHash } = verifySignature(
      { method, path, query, headers },
      { service: service.signingName, credentials: service.credentials, now: Date.now(), body },
    );
    const declaredHash = headers['x-amz-content-sha256'];
    if (declaredHash === undefined || declaredHash === payloadHash) return;
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    const type = SIGNATURE_ERROR_TYPES[error.code] ?? 'IncompleteSignatureException';
    throw new RequestRefused(type, error.message, error.status);
  }
  const reason = 'The value of x-amz-content-sha256 is not the SHA-256 of the body.';
  throw new RequestRefused('InvalidSignatureException', reason, 403);
};

const parseBody = (body: Buffer): unknown => {
  if (body.length === 0) return {};
  try {
    return JSON.parse(UTF_8.decode(body));
  } catch {
    throw new RequestRefused('SerializationException', 'The body is not JSON.');
  }
};

const operationOf = (service: AwsJsonService, request: IncomingMessage): AwsOperation => {
  const target = request.headers['x-amz-target'];
  const [prefix, name, ...rest] = typeof target === 'string' ? target.split('.') : [];
  const known =
    request.method === 'POST' && prefix === service.targetPrefix && name !== undefined && rest.length === 0;
  const operation = known && Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  if (operation !== undefined) return operation;
  const asked = typeof target === 'string' ? target : `${request.method ?? ''} ${request.url ?? ''}`;
  throw new RequestRefused(
    'UnknownOperationException',
    `The local ${service.targetPrefix} endpoint does not support ${asked}.`,
  );
};

// Another host name means a web page that had its own name resolved to 127.0.0.1; it must not read what is here.
const isLoopbackHost = (host: string | undefined): boolean =>
  /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? '');

const localPage = (service: AwsJsonService, request: IncomingMessage): (() => unknown) | undefined => {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const pages = service.localPages ?? {};
  const asked = request.method === 'GET' && isLoopbackHost(request.headers.host);
  return asked && Object.hasOwn(pages, path) ? pages[path] : undefined;
};

const answerTo = async (service: AwsJsonService, request: IncomingMessage): Promise<unknown> => {
  const page = localPage(service, request);
  if (page !== undefined) return page();
  const body = await readBody(request, service.maxBodyBytes);
  checkSignature(service, request, body);
  return operationOf(service, request)(parseBody(body));
};

/** Tells the operator of something that went wrong where no client waits for an answer. Never throws. */
export const warnOf = (error: unknown): void =>
  process.emitWarning(error instanceof Error ? (error.stack ?? error.message) : String(error));

const asRefusal = (error: unknown): RequestRefused => {
  if (error instanceof RequestRefused) return error;
  warnOf(error);
  return new RequestRefused('InternalFailure', 'The request failed because of an unknown error.', 500);
};

interface Sent {
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

const send = (
  { tellsChecksum = false }: AwsJsonService,
  response: ServerResponse,
  { status, contentType, body }: Sent,
): void => {
  const bytes = Buffer.from(JSON.stringify(body ?? {}));
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': bytes.length,
    'x-amzn-requestid': randomUUID(),
    ...(tellsChecksum ? { 'x-amz-crc32': crc32(bytes) } : {}),
  });
  response.end(bytes);
};

const answer = async (service: AwsJsonService, request: IncomingMessage, response: ServerResponse) => {
  const contentType = `application/x-amz-json-${service.jsonVersion}`;
  try {
    const body = await answerTo(service, request);
    const isPage = request.method === 'GET';
    send(service, response, { status: 200, contentType: isPage ? 'application/json' : contentType, body });
  } catch (error) {
    if (response.destroyed) return; // The client went away; nobody is left to answer.
    const { type, message, status } = asRefusal(error);
    send(service, response, { status, contentType, body: { __type: type, message } });
  }
};

/** An HTTP server, not yet listening, that answers the operations of one AWS service. Every request must be signed. */
export const createAwsJsonServer = (service: AwsJsonService): Server =>
  createServer((request, response) => {
    response.on('error', () => response.destroy());
    void answer(service, request, response);
  });
