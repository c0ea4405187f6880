import {
  catalogueRecord,
  type BucketSettings,
  type CatalogueRecord,
  type MultipartUpload,
  type StoredObject,
  type UploadedPart,
} from './catalogue-record.ts';
import { Journal } from './journal.ts';
import { OrderedKeys } from './ordered-keys.ts';
import { S3Error } from './s3-error.ts';

const REMEMBERED_COMPLETIONS = 10_000;

export interface OpenUpload extends MultipartUpload {
  readonly parts: ReadonlyMap<number, UploadedPart>;
}

interface Bucket {
  settings: BucketSettings;
  readonly objects: OrderedKeys<StoredObject>;
}

interface Completion {
  readonly bucket: string;
  readonly object: StoredObject;
}

/**
 * What buckets, objects and uploads there are. Every change is on disk before it is seen, and one change is one
 * line of the journal, so that a reader and a restart meet an object as it was or as it is, never in between.
 * All methods are synchronous: a check and the change that follows it cannot be parted by another request.
 */
export class Catalogue {
  readonly #buckets = new Map<string, Bucket>();
  readonly #uploads = new Map<string, MultipartUpload & { readonly parts: Map<number, UploadedPart> }>();
  readonly #completions = new Map<string, Completion>();
  #journal: Journal | undefined;

  static async open(path: string): Promise<Catalogue> {
    const catalogue = new Catalogue();
    catalogue.#journal = await Journal.open(
      path,
      (record) => catalogue.#apply(catalogueRecord.parse(record)),
      () => catalogue.#records(),
    );
    return catalogue;
  }

  /** Throws when the disk refuses the change, which then has not happened. */
  record(change: CatalogueRecord): void {
    if (this.#journal === undefined) throw new Error('The catalogue is closed.');
    this.#journal.append(change);
    this.#apply(change);
  }

  close(): void {
    this.#journal?.close();
    this.#journal = undefined;
  }

  buckets(): BucketSettings[] {
    return [...this.#buckets.values()].map((bucket) => bucket.settings);
  }

  findBucket(name: string): BucketSettings | undefined {
    return this.#buckets.get(name)?.settings;
  }

  /** Throws S3Error `NoSuchBucket`. */
  bucket(name: string): BucketSettings {
    return this.#bucket(name).settings;
  }

  /** Throws S3Error `NoSuchBucket`. */
  objects(bucket: string): OrderedKeys<StoredObject> {
    return this.#bucket(bucket).objects;
  }

  /** Throws S3Error `NoSuchBucket` or `NoSuchKey`. */
  object(bucket: string, key: string): StoredObject {
    const object = this.objects(bucket).get(key);
    if (object === undefined)
      throw new S3Error('NoSuchKey', 'The specified key does not exist.', { Key: key });
    return object;
  }

  uploads(bucket: string): OpenUpload[] {
    this.bucket(bucket);
    return [...this.#uploads.values()].filter((upload) => upload.bucket === bucket);
  }

  /** Throws S3Error `NoSuchBucket` or `NoSuchUpload`. */
  upload(bucket: string, key: string, uploadId: string): OpenUpload {
    this.bucket(bucket);
    const upload = this.#uploads.get(uploadId);
    if (upload?.bucket === bucket && upload.key === key) return upload;
    const reason =
      'The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
    throw new S3Error('NoSuchUpload', reason, { UploadId: uploadId });
  }

  /** The object an upload became, for a client that asks again because it lost the answer. */
  completed(bucket: string, key: string, uploadId: string): StoredObject | undefined {
    const completion = this.#completions.get(uploadId);
    return completion?.bucket === bucket && completion.object.key === key ? completion.object : undefined;
  }

  /** Names of all blobs that anything refers to. */
  blobFiles(): Set<string> {
    const files = new Set<string>();
    for (const { objects } of this.#buckets.values()) {
      for (const object of objects.values()) for (const { file } of object.blobs) files.add(file);
    }
    for (const { parts } of this.#uploads.values())
      for (const { blob } of parts.values()) files.add(blob.file);
    return files;
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) return bucket;
    throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: name });
  }

  #apply(record: CatalogueRecord): void {
    switch (record.change) {
      case 'bucket':
        this.#putBucket(record.bucket);
        break;
      case 'bucket-removed':
        for (const { uploadId } of this.uploads(record.name)) this.#uploads.delete(uploadId);
        this.#buckets.delete(record.name);
        break;
      case 'object':
        this.#putObject(record.bucket, record.object);
        break;
      case 'object-removed':
        this.#bucket(record.bucket).objects.delete(record.key);
        break;
      case 'upload':
        this.#uploads.set(record.upload.uploadId, { ...record.upload, parts: new Map() });
        break;
      case 'part':
        this.#uploads.get(record.uploadId)?.parts.set(record.part.number, record.part);
        break;
      case 'upload-removed':
        this.#uploads.delete(record.uploadId);
        break;
    }
  }

  #putBucket(settings: BucketSettings): void {
    const existing = this.#buckets.get(settings.name);
    if (existing === undefined) this.#buckets.set(settings.name, { settings, objects: new OrderedKeys() });
    else existing.settings = settings;
  }

  #putObject(bucket: string, object: StoredObject): void {
    this.#bucket(bucket).objects.set(object.key, object);
    if (object.uploadId === undefined) return;
    this.#uploads.delete(object.uploadId);
    this.#completions.set(object.uploadId, { bucket, object });
    const [oldest] = this.#completions.keys();
    if (this.#completions.size > REMEMBERED_COMPLETIONS && oldest !== undefined)
      this.#completions.delete(oldest);
  }

  *#records(): Generator<CatalogueRecord> {
    for (const { settings, objects } of this.#buckets.values()) {
      yield { change: 'bucket', bucket: settings };
      for (const object of objects.values()) yield { change: 'object', bucket: settings.name, object };
    }
    for (const { parts, ...upload } of this.#uploads.values()) {
      yield { change: 'upload', upload };
      for (const part of parts.values()) yield { change: 'part', uploadId: upload.uploadId, part };
    }
  }
}
