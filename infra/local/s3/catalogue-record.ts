import * as z from 'zod/mini';
import { CHECKSUM_ALGORITHMS, CHECKSUM_TYPES } from './checksum.ts';

const blob = z.object({ file: z.string(), size: z.number() });
const tag = z.object({ key: z.string(), value: z.string() });
const checksum = z.object({
  algorithm: z.enum(CHECKSUM_ALGORITHMS),
  value: z.string(),
  type: z.enum(CHECKSUM_TYPES),
});

const bucketSettings = z.object({
  name: z.string(),
  createdAt: z.number(),
  location: z.string(),
  lifecycle: z.optional(z.string()),
  cors: z.optional(z.string()),
});

const storedObject = z.object({
  key: z.string(),
  size: z.number(),
  etag: z.string(),
  lastModified: z.number(),
  headers: z.record(z.string(), z.string()),
  tags: z.array(tag),
  blobs: z.array(blob),
  checksum: z.optional(checksum),
  uploadId: z.optional(z.string()),
});

const upload = z.object({
  uploadId: z.string(),
  bucket: z.string(),
  key: z.string(),
  initiated: z.number(),
  headers: z.record(z.string(), z.string()),
  tags: z.array(tag),
  checksumAlgorithm: z.optional(z.enum(CHECKSUM_ALGORITHMS)),
  checksumType: z.optional(z.enum(CHECKSUM_TYPES)),
});

const part = z.object({
  number: z.number(),
  etag: z.string(),
  lastModified: z.number(),
  blob,
  checksum: z.optional(checksum),
});

/** One change of what the server holds. Times are milliseconds since the epoch. */
export const catalogueRecord = z.discriminatedUnion('change', [
  z.object({ change: z.literal('bucket'), bucket: bucketSettings }),
  z.object({ change: z.literal('bucket-removed'), name: z.string() }),
  z.object({ change: z.literal('object'), bucket: z.string(), object: storedObject }),
  z.object({ change: z.literal('object-removed'), bucket: z.string(), key: z.string() }),
  z.object({ change: z.literal('upload'), upload }),
  z.object({ change: z.literal('part'), uploadId: z.string(), part }),
  z.object({ change: z.literal('upload-removed'), uploadId: z.string() }),
]);

export type CatalogueRecord = z.infer<typeof catalogueRecord>;
export type BucketSettings = z.infer<typeof bucketSettings>;
export type StoredObject = z.infer<typeof storedObject>;
export type StoredTag = z.infer<typeof tag>;
export type MultipartUpload = z.infer<typeof upload>;
export type UploadedPart = z.infer<typeof part>;
