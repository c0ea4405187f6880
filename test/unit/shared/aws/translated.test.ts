import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DynamoJobStore } from '../../../../shared/aws/dynamo-job-store.ts';
import { S3ArtifactStore } from '../../../../shared/aws/s3-artifact-store.ts';
import { S3StatementFiles } from '../../../../shared/aws/s3-statement-files.ts';
import { translated, translatedError } from '../../../../shared/aws/translated.ts';
import { AccessRefused, ExportClosed, ServiceUnavailable } from '../../../../shared/domain/errors.ts';
import { awsJsonError, FaultProxy, s3Error } from '../../../support/fault-proxy.ts';
import { S3UnderTest } from '../../../support/s3-under-test.ts';

const BUCKET = 'faulty-bucket';
const CONTENT = Buffer.from('0123456789'.repeat(50_000));

let s3: S3UnderTest;
let proxy: FaultProxy;
let dynamodb: DynamoDBClient;

beforeAll(async () => {
  s3 = await S3UnderTest.start({ buckets: [BUCKET] });
  proxy = await FaultProxy.start(s3.url);
  dynamodb = aDynamoDbAt(proxy.url);
  await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'user-1/file', Body: CONTENT }));
});
beforeEach(() => proxy.reset());
afterAll(async () => {
  dynamodb.destroy();
  await proxy.close();
  await s3.dispose();
});

const aDynamoDbAt = (endpoint: string) =>
  new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });

const found = (client = dynamodb) => new DynamoJobStore(client, 'jobs').find('export-1');

describe('an error of an AWS service', () => {
  it.each([
    ['ThrottlingException', 400],
    ['ProvisionedThroughputExceededException', 400],
    ['RequestLimitExceeded', 400],
    ['LimitExceededException', 400],
    ['ExecutionLimitExceeded', 400],
    ['TransactionConflictException', 400],
    ['InternalServerError', 500],
    ['SomethingNew', 503],
    ['KMSThrottlingException', 400],
    ['KmsThrottlingException', 400],
    ['KMSInternalException', 400],
  ])('%s (%d) is a reason to try again', async (type, status) => {
    proxy.faultOf = () => awsJsonError(type, status);
    await expect(found()).rejects.toMatchObject({ name: 'ServiceUnavailable', cause: { name: type } });
  });

  it.each([
    ['AccessDeniedException'],
    ['UnrecognizedClientException'],
    ['ExpiredTokenException'],
    ['KMSAccessDeniedException'],
    ['KMSDisabledException'],
    ['KmsAccessDeniedException'],
    ['KmsInvalidStateException'],
    ['KMSInvalidStateException'],
    ['KMSNotFoundException'],
  ])('%s is a reason to give up', async (type) => {
    proxy.faultOf = () => awsJsonError(type);
    await expect(found()).rejects.toMatchObject({ name: 'AccessRefused', cause: { name: type } });
  });

  it.each([
    ['SlowDown', 503, 'ServiceUnavailable'],
    ['InternalError', 500, 'ServiceUnavailable'],
    ['RequestTimeout', 400, 'ServiceUnavailable'],
    ['AccessDenied', 403, 'AccessRefused'],
    ['KMS.DisabledException', 400, 'AccessRefused'],
    ['KMS.KMSInvalidStateException', 400, 'AccessRefused'],
    ['KMS.KMSInternalException', 400, 'ServiceUnavailable'],
    ['AllAccessDisabled', 403, 'AccessRefused'],
    ['InvalidAccessKeyId', 403, 'AccessRefused'],
  ])('%s (%d) of S3 becomes %s', async (code, status, name) => {
    proxy.faultOf = () => s3Error(code, status);
    const client = s3.newClient({ endpoint: proxy.url });
    await expect(new S3ArtifactStore(client, BUCKET).read('key')).rejects.toMatchObject({ name });
    await expect(new S3StatementFiles(client, BUCKET).open('user-1', 'user-1/file')).rejects.toMatchObject({
      name,
    });
  });

  it('of S3 that has a status but no body is a refusal too, never an object that is missing', async () => {
    proxy.faultOf = () => ({ answer: { status: 403, headers: {}, body: Buffer.alloc(0) } });
    const client = s3.newClient({ endpoint: proxy.url });
    const [artifacts, files] = [new S3ArtifactStore(client, BUCKET), new S3StatementFiles(client, BUCKET)];
    for (const call of [
      () => artifacts.exists('key'),
      () => artifacts.open('key'),
      () => artifacts.read('key'),
      () => artifacts.remove('key'),
      () => artifacts.purge('prefix/'),
      () => artifacts.write('key', [Buffer.from('x')], 'text/plain'),
      () => files.open('user-1', 'user-1/file'),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'AccessRefused' });
    }
  });

  it('of S3 about an archived object is no refusal', async () => {
    proxy.faultOf = () => s3Error('InvalidObjectState', 403);
    const files = new S3StatementFiles(s3.newClient({ endpoint: proxy.url }), BUCKET);
    expect(await files.open('user-1', 'user-1/file')).toEqual({ found: false, code: 'ARCHIVED_OBJECT' });
  });

  it.each([
    ['AccessDenied', 'AccessRefused'],
    ['InternalError', 'ServiceUnavailable'],
  ])('%s about one of many objects to remove becomes %s', async (code, name) => {
    const answer = `<DeleteResult><Error><Key>p/1</Key><Code>${code}</Code></Error></DeleteResult>`;
    proxy.faultOf = ({ method }) =>
      method === 'POST'
        ? {
            answer: {
              status: 200,
              headers: { 'content-type': 'application/xml' },
              body: Buffer.from(answer),
            },
          }
        : undefined;
    await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'p/1', Body: 'x' }));
    const artifacts = new S3ArtifactStore(s3.newClient({ endpoint: proxy.url }), BUCKET);
    await expect(artifacts.purge('p/')).rejects.toMatchObject({ name });
  });

  it('that is neither is given back as it is', async () => {
    proxy.faultOf = () => awsJsonError('ValidationException');
    await expect(found()).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('does not carry its message into ours', async () => {
    proxy.faultOf = () => awsJsonError('ThrottlingException');
    await expect(found()).rejects.toMatchObject({ message: 'The table of export jobs did not answer.' });
  });
});

describe('an error of our own', () => {
  it('goes through as it is', async () => {
    const errors = [
      new ServiceUnavailable('A table did not answer.'),
      new AccessRefused('A table refused access.'),
      new ExportClosed('The export is closed.'),
    ];
    for (const error of errors) {
      expect(translatedError(error, 'The storage')).toBe(error);
      await expect(translated('The storage', () => Promise.reject(error))).rejects.toBe(error);
    }
  });

  it('need not even be an error', () => {
    expect(translatedError('text', 'The storage')).toBe('text');
    expect(translatedError(undefined, 'The storage')).toBeUndefined();
  });
});

describe('a network that fails', () => {
  /**
   * Told by a process of its own: Node's own errors are of another realm than the classes under Jest, so the SDK wraps
   * them there as it never does in production.
   */
  let names: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const script = fileURLToPath(new URL('fixtures/network-faults.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      script,
    ]);
    names = JSON.parse(stdout) as typeof names;
  });

  it.each([
    ['a connection that is reset', 'connectionReset'],
    ['a connection that is refused', 'connectionRefused'],
    ['a name that is unknown', 'hostUnknown'],
    ['a server that says nothing', 'silence'],
    ['an answer of DynamoDB that is cut', 'answerCut'],
    ['a statement file that is cut, and then again and again', 'fileCutForGood'],
    ['a statement file that is cut before the network goes away', 'fileResetForGood'],
    ['a statement file with one byte changed', 'fileCorrupted'],
    ['an interim object that is cut, and then again and again', 'interimCutForGood'],
  ])('is a reason to try again: %s', (_, fault) => {
    expect(names[fault]).toBe('ServiceUnavailable');
  });

  it.each([
    ['never', 'fileWhole'],
    ['twice after a fifth has come', 'fileCut'],
    ['twice by silence after two fifths have come', 'fileStalled'],
    ['twice before an answer, after it was cut', 'fileCutThenReset'],
    ['twice after a fifth of an interim object has come', 'interimCut'],
  ])('is no reason to give up a body when it fails %s', (_, fault) => {
    expect(names[fault]).toBe('500000 bytes');
  });
});

describe('a body that nobody wants any more', () => {
  it.each([['before any of it was read'], ['after some of it was read']])(
    'is let go of %s',
    async (moment) => {
      const files = new S3StatementFiles(s3.client, BUCKET);
      // As many as the client has connections: with one still held, the last request would wait for ever.
      for (let at = 0; at < 60; at += 1) {
        const file = await files.open('user-1', 'user-1/file');
        if (!file.found) throw new Error('The file is there.');
        if (moment.startsWith('after')) await once(file.body, 'readable');
        file.body.destroy();
      }
      const { ContentLength } = await s3.client.send(
        new HeadObjectCommand({ Bucket: BUCKET, Key: 'user-1/file' }),
      );
      expect(ContentLength).toBe(CONTENT.length);
    },
  );
});
