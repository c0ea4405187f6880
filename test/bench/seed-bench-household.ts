import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createMissingTables } from '../../infra/local/application-tables.ts';
import { startDynamoDbServer } from '../../infra/local/dynamodb/dynamodb-server.ts';
import type { LocalSettings } from '../../infra/local/local-settings.ts';
import { forEachConcurrently } from '../../infra/local/sample-household/for-each-concurrently.ts';
import type { BenchFile, BenchHousehold } from './bench-household.ts';

const WRITER_FILE = fileURLToPath(new URL('record-writer-process.ts', import.meta.url));
const AT_ONCE = 16;
const LARGEST_PUT_BYTES = 64 * 1024 ** 2;
const PART_BYTES = 16 * 1024 ** 2;

/** Writes a household's records where a system with these settings will find them; none may be running. */
export const seedBenchRecords = async (
  { dataDir, region, credentials, tables }: LocalSettings,
  { size }: BenchHousehold,
  signal: AbortSignal,
): Promise<void> => {
  const folder = join(dataDir, 'dynamodb');
  const server = await startDynamoDbServer({ dataDir: folder, port: 0, credentials });
  const client = new DynamoDBClient({ region, credentials, endpoint: server.url });
  try {
    await createMissingTables(client, tables);
  } finally {
    client.destroy();
    await server.close();
  }
  const given = [join(folder, 'tables'), JSON.stringify(tables), JSON.stringify(size)];
  await promisify(execFile)(process.execPath, [WRITER_FILE, ...given], { signal });
};

const writeFile = async (s3: S3Client, bucket: string, file: BenchFile): Promise<void> => {
  const params = { Bucket: bucket, Key: file.s3Key };
  if (file.bytes <= LARGEST_PUT_BYTES) {
    await s3.send(new PutObjectCommand({ ...params, Body: Buffer.concat([...file.blocks()]) }));
    return;
  }
  const Body = Readable.from(file.blocks(), { objectMode: false });
  await new Upload({ client: s3, params: { ...params, Body }, partSize: PART_BYTES, queueSize: 2 }).done();
};

/** Uploads a household's files. */
export const seedBenchFiles = async (
  { s3, bucket }: { readonly s3: S3Client; readonly bucket: string },
  { size, file }: BenchHousehold,
  signal: AbortSignal,
): Promise<void> => {
  const indexes = Array.from({ length: size.files }, (_, index) => index);
  await forEachConcurrently(indexes, AT_ONCE, async (index) => {
    signal.throwIfAborted();
    await writeFile(s3, bucket, file(index));
  });
};
