import { createServer, request as sendOn, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOnLoopback, type LocalServer } from '../../infra/local/local-server.ts';

export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface ProxiedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * What becomes of one request: passed on (undefined), answered by the proxy, its answer altered on the way back, or its
 * connection reset before or after the request has reached the server. `cutAt` sends so many bytes of the true answer
 * and then resets, `stallAt` sends so many and then nothing more, with the connection left open.
 */
export type Fault =
  | undefined
  | 'reset'
  | 'lose-answer'
  | { readonly answer: ProxiedAnswer }
  | { readonly alter: (answer: ProxiedAnswer) => ProxiedAnswer }
  | { readonly cutAt: number }
  | { readonly stallAt: number };

const forwarded = (target: URL, { method, path, headers, body }: ProxiedRequest): Promise<ProxiedAnswer> =>
  new Promise((resolve, reject) => {
    const outgoing = sendOn(
      { host: target.hostname, port: target.port, method, path, headers },
      (incoming) => {
        buffer(incoming).then((answer) => {
          const pairs = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
          const kept = Object.fromEntries(pairs) as Record<string, string>;
          resolve({ status: incoming.statusCode ?? 502, headers: kept, body: answer });
        }, reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });

const send = (response: ServerResponse, { status, headers, body }: ProxiedAnswer): void => {
  const kept = Object.entries(headers).filter(
    ([name]) => !['transfer-encoding', 'connection'].includes(name),
  );
  // The answer to HEAD tells the length of a body that it does not have.
  const length = response.req.method === 'HEAD' ? {} : { 'content-length': body.length };
  response.writeHead(status, { ...Object.fromEntries(kept), ...length });
  response.end(body);
};

const handle = async (
  message: IncomingMessage,
  response: ServerResponse,
  proxy: FaultProxy,
): Promise<void> => {
  const body = await buffer(message);
  const { method = 'GET', url: path = '/', headers } = message;
  const request = { method, path, headers, body };
  proxy.requests.push(request);
  const fault = await proxy.faultOf(request);
  if (typeof fault === 'object' && 'answer' in fault) {
    send(response, fault.answer);
    return;
  }
  const answer = fault === 'reset' ? undefined : await forwarded(new URL(proxy.target), request);
  if (answer === undefined || fault === 'lose-answer') {
    message.socket.destroy();
  } else if (typeof fault === 'object' && 'stallAt' in fault) {
    response.writeHead(answer.status, answer.headers);
    response.flushHeaders();
    response.write(answer.body.subarray(0, fault.stallAt));
  } else if (typeof fault === 'object' && 'cutAt' in fault) {
    response.writeHead(answer.status, answer.headers);
    response.write(answer.body.subarray(0, fault.cutAt), () =>
      setTimeout(() => message.socket.destroy(), 20),
    );
  } else {
    send(response, typeof fault === 'object' ? fault.alter(answer) : answer);
  }
};

/** A proxy in front of a local endpoint that does to its requests what a test asks for. */
export class FaultProxy {
  readonly requests: ProxiedRequest[] = [];
  readonly target: string;
  /** A promise keeps the request waiting. */
  faultOf: (request: ProxiedRequest) => Fault | Promise<Fault> = () => undefined;
  #server: LocalServer | undefined;

  private constructor(target: string) {
    this.target = target;
  }

  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    const server = createServer((message, response) => {
      handle(message, response, proxy).catch(() => message.socket.destroy());
    });
    proxy.#server = await listenOnLoopback(server, 0);
    return proxy;
  }

  get url(): string {
    if (this.#server === undefined) throw new Error('The proxy is not running.');
    return this.#server.url;
  }

  /** Forgets what was asked of it, and what it saw. */
  reset(): void {
    this.faultOf = () => undefined;
    this.requests.length = 0;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}

/** An error as DynamoDB, Step Functions and EventBridge answer it. */
export const awsJsonError = (type: string, status = 400): { answer: ProxiedAnswer } => ({
  answer: {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify({ __type: `com.amazonaws.service#${type}`, message: 'Of the proxy.' })),
  },
});

/** An error as S3 answers it. */
export const s3Error = (code: string, status: number): { answer: ProxiedAnswer } => ({
  answer: {
    status,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(
      `<?xml version="1.0"?><Error><Code>${code}</Code><Message>Of the proxy.</Message></Error>`,
    ),
  },
});
