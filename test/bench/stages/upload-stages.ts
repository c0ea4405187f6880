import { createCipheriv } from 'node:crypto';
import { forEachConcurrently } from '../../../infra/local/sample-household/for-each-concurrently.ts';
import { s3 } from '../../../shared/aws/s3-client.ts';
import { artifactStore } from '../../../shared/lambda/dependencies/storage.ts';
import { BareClient, objectPath } from '../bare-client.ts';
import { credentialsFound } from '../credentials-found.ts';
import type { Stage } from '../stage.ts';

const BLOCK_BYTES = 1024 * 1024;

const incompressible = (bytes: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(bytes));

/** The product's way into S3: parts, a checksum of all bytes in S3's keeping, and their SHA-256. */
export const productUpload: Stage<{ bucket: string; bytes: number }> = async ({ bucket, bytes }) => {
  const artifacts = artifactStore({ EXPORT_PACKAGES_BUCKET: bucket });
  const block = incompressible(BLOCK_BYTES);
  function* blocks(): Generator<Uint8Array> {
    for (let left = bytes; left > 0; left -= BLOCK_BYTES)
      yield block.subarray(0, Math.min(left, BLOCK_BYTES));
  }
  await credentialsFound(s3);
  return async () => {
    const written = await artifacts.write('product', blocks(), 'application/zip');
    return { bytes: written.bytes };
  };
};

interface BareUpload {
  /** Of S3. */
  readonly url: string;
  readonly bucket: string;
  readonly bytes: number;
  readonly partBytes: number;
  readonly atOnce: number;
}

const uploadIdIn = (xml: string): string => {
  const [, id] = /<UploadId>([^<]+)<\/UploadId>/.exec(xml) ?? [];
  if (id === undefined) throw new Error('The upload has no id.');
  return encodeURIComponent(id);
};

const partsXml = (etags: readonly string[]): string =>
  `<CompleteMultipartUpload>${etags
    .map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
    .join('')}</CompleteMultipartUpload>`;

/** As many bytes in parts of the same size over bare HTTP, unsigned and without any checksum. */
export const bareUpload: Stage<BareUpload> = ({ url, bucket, bytes, partBytes, atOnce }) => {
  const client = new BareClient(url, 's3');
  const path = objectPath(bucket, 'bare');
  const part = incompressible(partBytes);
  const count = Math.ceil(bytes / partBytes);
  return Promise.resolve(async () => {
    const begun = await client.send({ method: 'POST', path, query: 'uploads=' });
    const uploadId = uploadIdIn(begun.body.toString());
    const etags: string[] = [];
    await forEachConcurrently([...Array(count).keys()], atOnce, async (index) => {
      const body = part.subarray(0, Math.min(partBytes, bytes - index * partBytes));
      const query = `partNumber=${index + 1}&uploadId=${uploadId}`;
      const { headers } = await client.send({ method: 'PUT', path, query, body });
      etags[index] = headers.etag ?? '';
    });
    await client.send({ method: 'POST', path, query: `uploadId=${uploadId}`, body: partsXml(etags) });
    client.close();
    return { bytes };
  });
};
