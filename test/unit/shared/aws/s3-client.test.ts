import { DeleteObjectsCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';
import { s3 } from '../../../../shared/aws/s3-client.ts';

const Body = Buffer.from('[]');
const CRC32 = Buffer.from(crc32(Body).toString(16).padStart(8, '0'), 'hex').toString('base64');

const asked: IncomingHttpHeaders[] = [];
const server = createServer((request, response) => {
  asked.push(request.headers);
  request.resume().on('end', () => response.end());
});

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
});
afterAll(() => {
  s3.destroy();
  server.close();
});

it('hashes an upload once, for S3 to compare, and signs everything else whole', async () => {
  const object = { Bucket: 'packages', Key: 'key' };
  await s3.send(new PutObjectCommand({ ...object, Body, ChecksumAlgorithm: 'CRC32' }));
  await s3.send(
    new UploadPartCommand({ ...object, UploadId: 'u', PartNumber: 1, Body, ChecksumAlgorithm: 'CRC32' }),
  );
  await s3.send(new DeleteObjectsCommand({ Bucket: 'packages', Delete: { Objects: [{ Key: 'key' }] } }));
  const told = asked.map((headers) => [headers['x-amz-content-sha256'], headers['x-amz-checksum-crc32']]);
  expect(told).toEqual([
    ['UNSIGNED-PAYLOAD', CRC32],
    ['UNSIGNED-PAYLOAD', CRC32],
    [expect.stringMatching(/^[0-9a-f]{64}$/), expect.any(String)],
  ]);
});
