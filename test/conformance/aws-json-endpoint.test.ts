import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SFNClient, DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { createHash, createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import * as z from 'zod/mini';
import { createAwsJsonServer, parseInput, RequestRefused } from '../../infra/local/aws-json-endpoint.ts';
import { LOCAL_CREDENTIALS } from '../../infra/local/local-identity.ts';
import { listenOnLoopback, type LocalServer } from '../../infra/local/local-server.ts';

const MAX_BODY_BYTES = 1024;
let server: LocalServer;

beforeAll(async () => {
  const service = createAwsJsonServer({
    signingName: 'states',
    targetPrefix: 'AWSStepFunctions',
    jsonVersion: '1.0',
    credentials: LOCAL_CREDENTIALS,
    maxBodyBytes: MAX_BODY_BYTES,
    operations: {
      Echo: (input) => Promise.resolve({ input }),
      Parse: (input) => parseInput(z.strictObject({ name: z.string() }), input),
      Refuse: () => {
        throw new RequestRefused('SomethingDoesNotExist', 'It does not exist.', 404);
      },
      Break: () => {
        throw new TypeError('an internal matter');
      },
    },
    localPages: { '/_local/page': () => ({ open: true }) },
  });
  server = await listenOnLoopback(service, 0);
});
afterAll(() => server.close());

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Headers that sign a POST to / as AWS clients do. */
const signed = (
  body: string,
  extra: Record<string, string> = {},
  secret = LOCAL_CREDENTIALS.secretAccessKey,
) => {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const headers: Record<string, string> = { host: new URL(server.url).host, 'x-amz-date': date, ...extra };
  const names = Object.keys(headers).sort();
  const canonical = ['POST', '/', '', ...names.map((name) => `${name}:${headers[name] ?? ''}`), ''].join(
    '\n',
  );
  const text = `${canonical}\n${names.join(';')}\n${sha256(body)}`;
  const scope = `${day}/us-east-1/states/aws4_request`;
  const key = [day, 'us-east-1', 'states', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secret}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(text)}`).toString('hex');
  const credential = `Credential=${LOCAL_CREDENTIALS.accessKeyId}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
};

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

const send = (method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(`${server.url}${path}`, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const parsed = JSON.parse(text) as Record<string, unknown>;
        resolve({ status: response.statusCode, headers: response.headers, body: parsed });
      });
    });
    request.on('error', reject);
    request.end(body);
  });

const call = (operation: string, body: string, extra: Record<string, string> = {}) =>
  send('POST', '/', signed(body, { 'x-amz-target': `AWSStepFunctions.${operation}`, ...extra }), body);

const refusal = ({ status, body }: Answer) => [status, body.__type];

describe('an AWS JSON endpoint', () => {
  it('answers a signed request with the operation’s output, its content type and a request id', async () => {
    const { status, headers, body } = await call('Echo', '{"a":"ü"}');
    expect([status, body]).toEqual([200, { input: { a: 'ü' } }]);
    expect(headers['content-type']).toBe('application/x-amz-json-1.0');
    expect(headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('takes no body for an empty input', async () => {
    expect((await call('Echo', '')).body).toEqual({ input: {} });
  });

  it('shapes a refusal as AWS does', async () => {
    const { status, body } = await call('Refuse', '{}');
    expect([status, body]).toEqual([404, { __type: 'SomethingDoesNotExist', message: 'It does not exist.' }]);
  });

  it('says nothing about what broke inside', async () => {
    const answer = await call('Break', '{}');
    expect(refusal(answer)).toEqual([500, 'InternalFailure']);
    expect(JSON.stringify(answer.body)).not.toContain('internal matter');
  });

  it('refuses missing and unknown fields of an input by their names', async () => {
    const missing = await call('Parse', '{}');
    const unknown = await call('Parse', '{"name":"a","other":1}');
    expect([refusal(missing), refusal(unknown)]).toEqual([
      [400, 'ValidationException'],
      [400, 'ValidationException'],
    ]);
    expect(missing.body.message).toContain('name');
    expect(unknown.body.message).toContain('other');
  });

  it.each(['Missing', 'toString', 'Echo.Echo', ''])('refuses the operation %j', async (operation) => {
    expect(refusal(await call(operation, '{}'))).toEqual([400, 'UnknownOperationException']);
  });

  it('refuses another service’s target', async () => {
    const headers = signed('{}', { 'x-amz-target': 'DynamoDB_20120810.Echo' });
    expect(refusal(await send('POST', '/', headers, '{}'))).toEqual([400, 'UnknownOperationException']);
  });

  it.each(['{', 'Echo', '\u0000'])('refuses the body %j', async (body) => {
    expect(refusal(await call('Echo', body))).toEqual([400, 'SerializationException']);
  });

  it('refuses a body over the limit, and one far over it too', async () => {
    const body = JSON.stringify('x'.repeat(MAX_BODY_BYTES));
    const answer = await call('Echo', body);
    expect(refusal(answer)).toEqual([413, 'RequestEntityTooLargeException']);
    const farOver = await call('Echo', JSON.stringify('x'.repeat(8 * 1024 * 1024)));
    expect(refusal(farOver)).toEqual([413, 'RequestEntityTooLargeException']);
    expect((await call('Echo', JSON.stringify('x'.repeat(MAX_BODY_BYTES - 2)))).status).toBe(200);
  });

  it('refuses requests that are unsigned, signed with another key, or changed on the way', async () => {
    const target = { 'x-amz-target': 'AWSStepFunctions.Echo' };
    const unsigned = await send('POST', '/', target, '{}');
    const foreign = await send('POST', '/', signed('{}', target, 'another secret'), '{}');
    const changed = await send('POST', '/', signed('{"a":1}', target), '{"a":2}');
    const wrongHash = await call('Echo', '{}', { 'x-amz-content-sha256': sha256('something else') });
    const rightHash = await call('Echo', '{}', { 'x-amz-content-sha256': sha256('{}') });
    expect([unsigned, foreign, changed, wrongHash].map(refusal)).toEqual([
      [403, 'MissingAuthenticationTokenException'],
      [403, 'InvalidSignatureException'],
      [403, 'InvalidSignatureException'],
      [403, 'InvalidSignatureException'],
    ]);
    expect(rightHash.status).toBe(200);
  });

  it('refuses an unknown access key to an unmodified client', async () => {
    const credentials = { accessKeyId: 'somebody-else', secretAccessKey: 'x' };
    const client = new SFNClient({ endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 });
    const described = client.send(new DescribeExecutionCommand({ executionArn: 'arn:x' }));
    await expect(described).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    client.destroy();
  });

  it('shows its local pages without a signature, but only under a loopback host name', async () => {
    const { host } = new URL(server.url);
    const open = await send('GET', '/_local/page?x=1', { host });
    expect([open.status, open.body]).toEqual([200, { open: true }]);
    const rebound = await send('GET', '/_local/page', { host: 'rebound.example' });
    expect(refusal(rebound)).toEqual([403, 'MissingAuthenticationTokenException']);
    expect((await send('GET', '/_local/other', { host })).status).toBe(403);
  });
});
