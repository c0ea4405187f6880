import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SignatureError } from '../aws-signature.ts';
import type { LocalCredentials } from '../local-identity.ts';
import { LOCAL_REGION } from '../local-identity.ts';
import { listenOnLoopback, type LocalServer } from '../local-server.ts';
import { checkBucketName } from './bucket-operations.ts';
import { corsHeaders, preflightResponse } from './cors.ts';
import { findOperation } from './operations.ts';
import { S3Error } from './s3-error.ts';
import { readS3Request } from './s3-request.ts';
import type { S3Response } from './s3-response.ts';
import { S3Store } from './s3-store.ts';
import { errorDocument } from './xml.ts';

export interface S3ServerOptions {
  /** Folder that holds everything; made when it is absent. One server at a time may use it. */
  readonly dataDir: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly credentials: LocalCredentials;
  /** Milliseconds since the epoch; the clock of the machine when absent. */
  readonly now?: () => number;
  /** Buckets to make when they are not there. */
  readonly buckets?: readonly string[];
}

const KEEP_ALIVE_MS = 60_000;

interface ErrorDescription {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly details?: Readonly<Record<string, string>>;
}

const describeError = (error: unknown): ErrorDescription => {
  if (error instanceof S3Error) return error;
  if (error instanceof SignatureError) {
    return error.code === 'MissingAuthenticationToken'
      ? { code: 'AccessDenied', status: 403, message: 'Access Denied' }
      : error;
  }
  const message = 'We encountered an internal error. Please try again.';
  return { code: 'InternalError', status: 500, message };
};

const errorResponse = (error: unknown, message: IncomingMessage, requestId: string): S3Response => {
  const { code, status, message: text, details } = describeError(error);
  const resource = (message.url ?? '/').split('?')[0] ?? '/';
  const fields = { Code: code, Message: text, ...details, Resource: resource, RequestId: requestId };
  return { status, headers: { 'content-type': 'application/xml' }, body: errorDocument(fields) };
};

const respond = async (
  message: IncomingMessage,
  response: ServerResponse,
  answer: S3Response,
): Promise<void> => {
  const { status, headers = {}, body } = answer;
  const reading = typeof body === 'object' ? body : undefined;
  try {
    const text = typeof body === 'string' ? Buffer.from(body) : Buffer.alloc(0);
    const hasLength = reading === undefined && message.method !== 'HEAD' && status !== 204 && status !== 304;
    const length = hasLength ? { 'content-length': String(text.length) } : {};
    response.writeHead(status, { ...length, ...headers });
    if (reading !== undefined) await pipeline(Readable.from(reading.chunks, { objectMode: false }), response);
    else response.end(message.method === 'HEAD' ? undefined : text);
  } finally {
    reading?.release();
    // What is left of a refused body is read over, so that the connection can serve the next request.
    message.resume();
  }
};

/**
 * Starts the S3-compatible server on 127.0.0.1. Objects, uploads in progress and settings outlive the process,
 * also when it is killed. What it does not implement it refuses with `NotImplemented`. It logs nothing.
 * Rejects when the port is taken or the folder cannot be read.
 */
export const startS3Server = async (options: S3ServerOptions): Promise<LocalServer> => {
  const { dataDir, port, credentials, now = Date.now, buckets = [] } = options;
  buckets.forEach(checkBucketName);
  // Assigned below, after the port is ours: a second server must not tidy up the folder of the first.
  let opening: Promise<S3Store>;

  const answerItself = async (message: IncomingMessage, requestId: string): Promise<S3Response> => {
    try {
      if (message.method === 'OPTIONS') return preflightResponse(message, await opening);
      const request = readS3Request(message, credentials, now());
      return await findOperation(request).run(request, await opening);
    } catch (error) {
      return errorResponse(error, message, requestId);
    }
  };

  const answer = async (message: IncomingMessage, requestId: string): Promise<S3Response> => {
    try {
      const granted = message.method === 'OPTIONS' ? {} : corsHeaders(message, await opening);
      const result = await answerItself(message, requestId);
      return { ...result, headers: { ...granted, ...result.headers } };
    } catch (error) {
      return errorResponse(error, message, requestId);
    }
  };

  const inFlight = new Set<Promise<void>>();
  const server = createServer((message, response) => {
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    response.setHeader('x-amz-request-id', requestId);
    const handling = answer(message, requestId)
      .then((result) => respond(message, response, result))
      .catch(() => void response.destroy())
      .finally(() => inFlight.delete(handling));
    inFlight.add(handling);
  });
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const listening = await listenOnLoopback(server, port);
  const close = async (): Promise<void> => {
    await listening.close();
    await Promise.all(inFlight);
    await (await opening).close();
  };
  try {
    opening = S3Store.open(dataDir, now);
    const store = await opening;
    for (const name of buckets) store.createBucket(name, LOCAL_REGION);
  } catch (error) {
    await listening.close();
    throw error;
  }
  return { url: listening.url, close };
};
