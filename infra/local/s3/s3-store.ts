import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobStore } from './blob-store.ts';
import { Catalogue, type OpenUpload } from './catalogue.ts';
import type { StoredObject, UploadedPart } from './catalogue-record.ts';
import { S3Error } from './s3-error.ts';

/** Refuses, by throwing, to replace what is there. */
export type WriteCheck = (existing: StoredObject | undefined) => void;

/** The catalogue and its blobs, changed together: content that nothing refers to any more is removed. */
export class S3Store {
  readonly catalogue: Catalogue;
  readonly blobs: BlobStore;
  readonly now: () => number;

  private constructor(catalogue: Catalogue, blobs: BlobStore, now: () => number) {
    this.catalogue = catalogue;
    this.blobs = blobs;
    this.now = now;
  }

  /** `now` gives milliseconds since the epoch. */
  static async open(directory: string, now: () => number): Promise<S3Store> {
    await mkdir(directory, { recursive: true });
    const catalogue = await Catalogue.open(join(directory, 'index.ndjson'));
    const blobs = await BlobStore.open(join(directory, 'blobs'), catalogue.blobFiles());
    return new S3Store(catalogue, blobs, now);
  }

  async close(): Promise<void> {
    this.catalogue.close();
    await this.blobs.close();
  }

  /** S3 knows whole seconds only. Milliseconds since the epoch. */
  currentSecond(): number {
    return Math.floor(this.now() / 1000) * 1000;
  }

  createBucket(name: string, location: string): void {
    const bucket = { name, location, createdAt: this.currentSecond() };
    if (this.catalogue.findBucket(name) === undefined) this.catalogue.record({ change: 'bucket', bucket });
  }

  /** Throws S3Error `NoSuchBucket` or `BucketNotEmpty`. Uploads in progress go with the bucket. */
  deleteBucket(name: string): void {
    if (this.catalogue.objects(name).size > 0) {
      throw new S3Error('BucketNotEmpty', 'The bucket you tried to delete is not empty', {
        BucketName: name,
      });
    }
    const uploads = this.catalogue.uploads(name);
    this.catalogue.record({ change: 'bucket-removed', name });
    for (const upload of uploads) this.#removeParts([...upload.parts.values()]);
  }

  /** Makes a written object visible, or removes its content when `check` or the disk refuses it. */
  putObject(bucket: string, object: StoredObject, check: WriteCheck): void {
    try {
      this.#replaceObject(bucket, object, check);
    } catch (error) {
      this.blobs.remove(object.blobs);
      throw error;
    }
  }

  deleteObject(bucket: string, key: string): void {
    const existing = this.catalogue.objects(bucket).get(key);
    if (existing === undefined) return;
    this.catalogue.record({ change: 'object-removed', bucket, key });
    this.blobs.remove(existing.blobs);
  }

  /** Throws S3Error `NoSuchUpload` when the upload was ended meanwhile; the content of the part is then removed. */
  putPart({ bucket, key, uploadId }: OpenUpload, part: UploadedPart): void {
    try {
      const replaced = this.catalogue.upload(bucket, key, uploadId).parts.get(part.number);
      this.catalogue.record({ change: 'part', uploadId, part });
      if (replaced !== undefined) this.#removeParts([replaced]);
    } catch (error) {
      this.#removeParts([part]);
      throw error;
    }
  }

  /** Turns an upload into its object in one step; parts that the object leaves out are removed. */
  completeUpload(upload: OpenUpload, object: StoredObject, check: WriteCheck): void {
    this.#replaceObject(upload.bucket, object, check);
    const used = new Set(object.blobs.map((blob) => blob.file));
    this.#removeParts([...upload.parts.values()].filter((part) => !used.has(part.blob.file)));
  }

  abortUpload({ uploadId, parts }: OpenUpload): void {
    this.catalogue.record({ change: 'upload-removed', uploadId });
    this.#removeParts([...parts.values()]);
  }

  #replaceObject(bucket: string, object: StoredObject, check: WriteCheck): void {
    const existing = this.catalogue.objects(bucket).get(object.key);
    check(existing);
    this.catalogue.record({ change: 'object', bucket, object });
    if (existing !== undefined) this.blobs.remove(existing.blobs);
  }

  #removeParts(parts: readonly UploadedPart[]): void {
    this.blobs.remove(parts.map((part) => part.blob));
  }
}
