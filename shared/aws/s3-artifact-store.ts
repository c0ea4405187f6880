import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  NoSuchUpload,
  paginateListObjectsV2,
  S3ServiceException,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AccessRefused, InterimCorrupted, ServiceUnavailable } from '../domain/errors.ts';
import type { ArtifactStore } from '../ports.ts';
import type { RandomAccessSource } from '../verification/random-access-source.ts';
import { bodyOf } from './body-of.ts';
import { translated } from './translated.ts';

const SERVICE = 'The storage of exports';

/** 10,000 parts at the most (S3 quotas): 8 MiB let one upload grow to 80 GB, and four in flight keep memory at 32 MiB. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_IN_FLIGHT = 4;

/** Part of one version of an object: `start` and `length` in bytes. */
interface ObjectRange {
  readonly key: string;
  readonly version: string;
  readonly start: number;
  readonly length: number;
}

const gone = (cause: unknown): InterimCorrupted =>
  new InterimCorrupted('An object that a step of this export wrote is gone.', { cause });

/** The bucket of interim objects and packages. */
export class S3ArtifactStore implements ArtifactStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async write(key: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, contentType: string) {
    const hash = createHash('sha256');
    let bytes = 0;
    async function* measured(): AsyncGenerator<Uint8Array> {
      for await (const chunk of content) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    }
    const upload = new Upload({
      client: this.#client,
      params: { Bucket: this.#bucket, Key: key, Body: Readable.from(measured()), ContentType: contentType },
      partSize: PART_BYTES,
      queueSize: PARTS_IN_FLIGHT,
    });
    await translated(SERVICE, () => upload.done());
    return { bytes, sha256: hash.digest('hex') };
  }

  async read(key: string): Promise<Readable> {
    try {
      const command = new GetObjectCommand({ Bucket: this.#bucket, Key: key });
      return bodyOf(await translated(SERVICE, () => this.#client.send(command)), SERVICE);
    } catch (error) {
      if (error instanceof NoSuchKey) throw gone(error);
      throw error;
    }
  }

  async open(key: string): Promise<RandomAccessSource> {
    const { size, version } = await this.#describe(key);
    return { size, read: (start, length) => this.#readRange({ key, version, start, length }) };
  }

  async exists(key: string): Promise<boolean> {
    try {
      await translated(SERVICE, () =>
        this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key })),
      );
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await translated(SERVICE, () =>
      this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key })),
    );
  }

  async purge(prefix: string, except?: string): Promise<void> {
    await translated(SERVICE, async () => {
      await this.#abortUploads(prefix);
      await this.#deleteObjects(prefix, except);
    });
  }

  async signDownload(
    key: string,
    { fileName, seconds }: { fileName: string; seconds: number },
  ): Promise<{ url: string; seconds: number }> {
    // A link dies with the session that signed it, whatever it says itself.
    const { expiration } = await this.#client.config.credentials();
    const sessionSeconds = ((expiration?.getTime() ?? Infinity) - Date.now()) / 1000;
    const lifetime = Math.max(1, Math.floor(Math.min(seconds, sessionSeconds)));
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ResponseContentDisposition: `attachment; filename="${fileName}"`,
    });
    return { url: await getSignedUrl(this.#client, command, { expiresIn: lifetime }), seconds: lifetime };
  }

  async #describe(key: string): Promise<{ size: number; version: string }> {
    try {
      const { ContentLength, ETag } = await translated(SERVICE, () =>
        this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key })),
      );
      if (ContentLength !== undefined && ETag !== undefined) return { size: ContentLength, version: ETag };
      throw new ServiceUnavailable(`${SERVICE} did not describe an object.`);
    } catch (error) {
      if (error instanceof NotFound) throw gone(error);
      throw error;
    }
  }

  /** The version (ETag) pins all parts to one object. One that breaks off is `ServiceUnavailable`, never fewer bytes. */
  async #readRange({ key, version, start, length }: ObjectRange): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array();
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      IfMatch: version,
      Range: `bytes=${start}-${start + length - 1}`,
    });
    try {
      const answer = await translated(SERVICE, () => this.#client.send(command));
      const bytes = await buffer(bodyOf(answer, SERVICE));
      if (bytes.length === length) return bytes;
      throw new ServiceUnavailable(`${SERVICE} gave another part of an object than was asked for.`);
    } catch (error) {
      if (error instanceof NoSuchKey) throw gone(error);
      if (error instanceof S3ServiceException && error.name === 'PreconditionFailed') {
        throw new InterimCorrupted('An object that a step of this export wrote was replaced.', {
          cause: error,
        });
      }
      throw error;
    }
  }

  async #deleteObjects(prefix: string, except: string | undefined): Promise<void> {
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix: prefix });
    for await (const { Contents = [] } of pages) {
      const Objects = Contents.flatMap(({ Key }) => (Key === undefined || Key === except ? [] : [{ Key }]));
      if (Objects.length === 0) continue;
      const { Errors = [] } = await this.#client.send(
        new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }),
      );
      if (Errors.some(({ Code }) => Code === 'AccessDenied')) {
        throw new AccessRefused(`${SERVICE} refused to remove objects.`);
      }
      if (Errors.length > 0) throw new ServiceUnavailable(`${SERVICE} kept ${Errors.length} objects.`);
    }
  }

  async #abortUploads(prefix: string): Promise<void> {
    for (;;) {
      const { Uploads = [], IsTruncated } = await this.#client.send(
        new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: prefix }),
      );
      for (const { Key, UploadId } of Uploads) await this.#abortUpload(Key, UploadId);
      if (IsTruncated !== true) return;
    }
  }

  async #abortUpload(key: string | undefined, uploadId: string | undefined): Promise<void> {
    try {
      await this.#client.send(
        new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key: key, UploadId: uploadId }),
      );
    } catch (error) {
      if (!(error instanceof NoSuchUpload)) throw error;
    }
  }
}
