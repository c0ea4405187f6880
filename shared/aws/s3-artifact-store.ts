import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NotFound,
  NoSuchUpload,
  paginateListObjectsV2,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { AccessRefused, ServiceUnavailable } from '../domain/errors.ts';
import type { ArtifactStore, Piece, Stored, StoredObject } from '../ports.ts';
import { STORAGE, written } from './artifact-errors.ts';
import { getObject } from './get-object.ts';
import { joinedUpload } from './joined-upload.ts';
import { resumedObject, resumedRange, type RequestedPart, type ResumePolicy } from './resumed-body.ts';
import { translated } from './translated.ts';
import { untilAborted } from './until-aborted.ts';

/**
 * 10,000 parts at the most (S3 quotas): 6 MiB let one upload grow to 63 GB, which is more than a function can send in its
 * 15 minutes (about 69 MB/s). Of three, two are on their way while one is put together, which takes 24 MiB in all.
 */
const PART_BYTES = 6 * 1024 * 1024;
const PARTS_IN_FLIGHT = 3;

/** Of an upload in parts S3 would keep a checksum of the parts' checksums, which whoever reads the object cannot check. */
const WHOLE_OBJECT_CHECKSUM = { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;

/** Part of one version of an object: `start` and `length` in bytes. */
interface ObjectRange {
  readonly key: string;
  readonly version: string;
  readonly start: number;
  readonly length: number;
}

/** How many objects or uploads the search for orphans takes in hand at a time. */
const LISTED_AT_ONCE = 500;

const storedAs = (key: string | undefined, since: Date | undefined): Stored[] =>
  key === undefined || since === undefined ? [] : [{ key, since: since.getTime() }];

interface StoreOptions {
  readonly signal?: AbortSignal | undefined;
  readonly policy?: ResumePolicy | undefined;
}

/** A body of `length` bytes in one piece of memory, never in two at a time. @throws ServiceUnavailable when it has others */
const filled = async (length: number, body: AsyncIterable<unknown>): Promise<Uint8Array> => {
  const bytes = Buffer.allocUnsafe(length);
  let received = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('An object is not read as bytes.');
    if (received + chunk.length <= length) bytes.set(chunk, received);
    received += chunk.length;
  }
  if (received === length) return bytes;
  throw new ServiceUnavailable(`${STORAGE} gave another part of an object than was asked for.`);
};

/** The bucket of interim objects and packages. */
export class S3ArtifactStore implements ArtifactStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #options: StoreOptions;

  constructor(client: S3Client, bucket: string, options: StoreOptions = {}) {
    this.#client = client;
    this.#bucket = bucket;
    this.#options = options;
  }

  until(signal: AbortSignal | undefined): S3ArtifactStore {
    return new S3ArtifactStore(this.#client, this.#bucket, { ...this.#options, signal });
  }

  async write(key: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, contentType: string) {
    const { signal } = this.#options;
    const hash = createHash('sha256');
    let bytes = 0;
    async function* measured(): AsyncGenerator<Uint8Array> {
      for await (const chunk of signal === undefined ? content : untilAborted(content, signal)) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    }
    // Told to abort, lib-storage fails before the upload has ended; when its source fails, it ends the upload first.
    const upload = new Upload({
      client: this.#client,
      params: {
        Bucket: this.#bucket,
        Key: key,
        Body: Readable.from(measured()),
        ContentType: contentType,
        ...WHOLE_OBJECT_CHECKSUM,
      },
      partSize: PART_BYTES,
      queueSize: PARTS_IN_FLIGHT,
    });
    await translated(STORAGE, () => upload.done());
    return { bytes, sha256: hash.digest('hex') };
  }

  read(key: string): Promise<Readable> {
    return resumedObject(this.#bodySource(key));
  }

  async open(key: string): Promise<StoredObject> {
    const { size, version } = await this.#describe(key);
    const read = (start: number, length: number) => this.#readRange({ key, version, start, length });
    return { key, version, size, read };
  }

  join(
    key: string,
    pieces: AsyncIterable<Piece> | Iterable<Piece>,
    contentType: string,
  ): Promise<{ bytes: number; crc64nvme: string }> {
    const { signal } = this.#options;
    return joinedUpload({ client: this.#client, bucket: this.#bucket, key, contentType, signal }, pieces);
  }

  async exists(key: string): Promise<boolean> {
    try {
      await translated(STORAGE, () =>
        this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key })),
      );
      return true;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    await translated(STORAGE, () =>
      this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key })),
    );
  }

  async list(after: string | undefined): Promise<{ stored: readonly Stored[]; next: string | undefined }> {
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      StartAfter: after,
      MaxKeys: LISTED_AT_ONCE,
    });
    const { Contents = [], IsTruncated } = await translated(STORAGE, () => this.#client.send(command));
    const stored = Contents.flatMap(({ Key, LastModified }) => storedAs(Key, LastModified));
    return { stored, next: IsTruncated === true ? stored.at(-1)?.key : undefined };
  }

  async openUploads(): Promise<readonly Stored[]> {
    const command = new ListMultipartUploadsCommand({ Bucket: this.#bucket, MaxUploads: LISTED_AT_ONCE });
    const { Uploads = [] } = await translated(STORAGE, () => this.#client.send(command));
    return Uploads.flatMap(({ Key, Initiated }) => storedAs(Key, Initiated));
  }

  async purge(prefix: string, except?: string): Promise<void> {
    await translated(STORAGE, async () => {
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
    const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: key });
    const { ContentLength, ETag } = await written(() => this.#client.send(command));
    if (ContentLength !== undefined && ETag !== undefined) return { size: ContentLength, version: ETag };
    throw new ServiceUnavailable(`${STORAGE} did not describe an object.`);
  }

  /** The version (ETag) pins all parts to one object. One that breaks off is `ServiceUnavailable`, never fewer bytes. */
  async #readRange({ key, version, start, length }: ObjectRange): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array();
    return filled(length, await resumedRange(this.#bodySource(key), { version, start, end: start + length }));
  }

  #bodySource(key: string) {
    const { signal, policy } = this.#options;
    const get = (part: RequestedPart) =>
      written(() => getObject(this.#client, { Bucket: this.#bucket, Key: key, ...part }, signal));
    return { get, service: STORAGE, signal, policy };
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
        throw new AccessRefused(`${STORAGE} refused to remove objects.`);
      }
      if (Errors.length > 0) throw new ServiceUnavailable(`${STORAGE} kept ${Errors.length} objects.`);
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
