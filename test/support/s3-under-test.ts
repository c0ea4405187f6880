import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CreateBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../infra/local/local-identity.ts';
import type { LocalServer } from '../../infra/local/local-server.ts';
import { startS3Server, type S3ServerOptions } from '../../infra/local/s3/s3-server.ts';

/** A server on a folder of its own, with the SDK's client as anybody would make it. */
export class S3UnderTest {
  readonly dataDir: string;
  readonly #options: Partial<S3ServerOptions>;
  readonly #clients: S3Client[] = [];
  #server: LocalServer | undefined;
  #client: S3Client | undefined;

  private constructor(dataDir: string, options: Partial<S3ServerOptions>) {
    this.dataDir = dataDir;
    this.#options = options;
  }

  static async create(options: Partial<S3ServerOptions> = {}): Promise<S3UnderTest> {
    return new S3UnderTest(await mkdtemp(join(tmpdir(), 's3-test-')), options);
  }

  static async start(options: Partial<S3ServerOptions> = {}): Promise<S3UnderTest> {
    const underTest = await S3UnderTest.create(options);
    await underTest.start();
    return underTest;
  }

  get url(): string {
    if (this.#server === undefined) throw new Error('The server is not running.');
    return this.#server.url;
  }

  get client(): S3Client {
    this.#client ??= this.newClient();
    return this.#client;
  }

  async start(): Promise<void> {
    const { dataDir } = this;
    this.#server = await startS3Server({
      dataDir,
      port: 0,
      credentials: LOCAL_CREDENTIALS,
      ...this.#options,
    });
    this.#client = undefined;
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async dispose(): Promise<void> {
    await this.stop();
    for (const client of this.#clients) client.destroy();
    await rm(this.dataDir, { recursive: true });
  }

  newClient(config: S3ClientConfig = {}): S3Client {
    const client = new S3Client({
      endpoint: config.endpoint ?? this.url,
      region: LOCAL_REGION,
      credentials: LOCAL_CREDENTIALS,
      forcePathStyle: true,
      maxAttempts: 1,
      ...config,
    });
    this.#clients.push(client);
    return client;
  }

  async newBucket(): Promise<string> {
    const Bucket = `bucket-${randomUUID()}`;
    await this.client.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  }

  /** How many files of content are on disk, once they are as many as expected or two seconds have passed. */
  async settledBlobCount(expected: number): Promise<number> {
    const count = async () => (await readdir(join(this.dataDir, 'blobs'))).length;
    for (let attempt = 0; attempt < 200 && (await count()) !== expected; attempt += 1) await wait(10);
    return count();
  }
}

/** What a request was refused with: the code of S3 and the HTTP status. */
export const refusal = async (sending: Promise<unknown>): Promise<{ code: string; status: number }> => {
  try {
    await sending;
  } catch (error) {
    const failure = error as { name: string; $metadata?: { httpStatusCode: number } };
    return { code: failure.name, status: failure.$metadata?.httpStatusCode ?? 0 };
  }
  return { code: 'accepted', status: 200 };
};

/** The same for a plain HTTP answer. */
export const httpRefusal = async (
  response: Response,
): Promise<{ code: string | undefined; status: number }> => ({
  code: /<Code>(.*?)<\/Code>/.exec(await response.text())?.[1],
  status: response.status,
});

/** Bytes that repeat nowhere, so that parts in the wrong place are seen. */
export const distinctBytes = (size: number, seed = 1): Buffer => {
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let index = 0; index < words.length; index += 1)
    words[index] = Math.imul(index + seed * 7919, 2654435761);
  return Buffer.from(words.buffer, 0, size);
};
