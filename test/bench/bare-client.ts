import { createHash, createHmac } from 'node:crypto';
import { Agent, request as sendRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { percentEncode } from '../../infra/local/aws-authorization.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../infra/local/local-identity.ts';

interface BareRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** As it goes over the wire, percent-encoded. */
  readonly path?: string;
  /** Its parameters in the order of their names, percent-encoded. */
  readonly query?: string;
  /** In lower case; all of them are signed. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export interface BareAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

const sha256Hex = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');
const hmac = (key: Uint8Array | string, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

/** AWS without an SDK: node:http, connections that are kept, and each request signed by hand (SigV4). */
export class BareClient {
  readonly #host: URL;
  readonly #service: 's3' | 'dynamodb';
  readonly #agent = new Agent({ keepAlive: true });
  #key: { readonly scope: string; readonly bytes: Buffer } | undefined;

  constructor(endpoint: string, service: 's3' | 'dynamodb') {
    this.#host = new URL(endpoint);
    this.#service = service;
  }

  /** @throws Error with what the server said when it refuses */
  async send(request: BareRequest): Promise<BareAnswer> {
    const answer = await this.#answered(request);
    const body = await buffer(answer);
    const { statusCode = 0, headers, rawHeaders } = answer;
    if (statusCode >= 200 && statusCode < 300) return { headers, rawHeaders, body };
    throw new Error(`${request.method} was answered with ${statusCode}: ${body.toString('utf8', 0, 500)}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  #answered(request: BareRequest): Promise<IncomingMessage> {
    const { method, path = '/', query = '', body } = request;
    return new Promise((resolve, reject) => {
      const outgoing = sendRequest(
        {
          host: this.#host.hostname,
          port: this.#host.port,
          agent: this.#agent,
          method,
          path: query === '' ? path : `${path}?${query}`,
          headers: { ...this.#signed(request), 'content-length': Buffer.byteLength(body ?? '') },
        },
        resolve,
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  #signed({ method, path = '/', query = '', headers = {}, body = '' }: BareRequest): Record<string, string> {
    const timestamp = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
    const scope = `${timestamp.slice(0, 8)}/${LOCAL_REGION}/${this.#service}/aws4_request`;
    const payloadHash = this.#service === 's3' ? 'UNSIGNED-PAYLOAD' : sha256Hex(body);
    const signed = new Map(
      Object.entries({
        ...headers,
        host: this.#host.host,
        'x-amz-content-sha256': payloadHash,
        'x-amz-date': timestamp,
      }).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    const names = [...signed.keys()].join(';');
    const lines = [...signed].map(([name, value]) => `${name}:${value}\n`).join('');
    const canonical = [method, path, query, lines, names, payloadHash].join('\n');
    const text = ['AWS4-HMAC-SHA256', timestamp, scope, sha256Hex(canonical)].join('\n');
    const signature = hmac(this.#signingKey(scope), text).toString('hex');
    return {
      ...Object.fromEntries(signed),
      authorization:
        `AWS4-HMAC-SHA256 Credential=${LOCAL_CREDENTIALS.accessKeyId}/${scope}, ` +
        `SignedHeaders=${names}, Signature=${signature}`,
    };
  }

  #signingKey(scope: string): Buffer {
    if (this.#key?.scope !== scope) {
      const secret = Buffer.from(`AWS4${LOCAL_CREDENTIALS.secretAccessKey}`);
      this.#key = { scope, bytes: scope.split('/').reduce<Buffer>(hmac, secret) };
    }
    return this.#key.bytes;
  }
}

/** The path of an object, as it goes over the wire. */
export const objectPath = (bucket: string, key: string): string =>
  `/${[bucket, ...key.split('/')].map(percentEncode).join('/')}`;
