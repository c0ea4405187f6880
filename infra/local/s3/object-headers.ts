import type { StoredObject } from './catalogue-record.ts';
import { checksumHeaders } from './checksum.ts';
import { S3Error } from './s3-error.ts';

type Headers = Readonly<Record<string, string | undefined>>;

const KEPT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
  'x-amz-storage-class',
];
const STORAGE_CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
];
const ARCHIVED_CLASSES = ['GLACIER', 'DEEP_ARCHIVE'];
const LARGEST_METADATA_BYTES = 2048;

export const storageClassOf = (object: StoredObject): string =>
  object.headers['x-amz-storage-class'] ?? 'STANDARD';

/** `aws-chunked` names the framing of the upload, not the content. */
const withoutFraming = (contentEncoding: string): string =>
  contentEncoding
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== 'aws-chunked')
    .join(',');

const checkMetadata = (metadata: readonly (readonly [string, string])[]): void => {
  const size = metadata.reduce(
    (sum, [name, value]) => sum + name.length - 'x-amz-meta-'.length + value.length,
    0,
  );
  if (size <= LARGEST_METADATA_BYTES) return;
  throw new S3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
};

/** The headers of an upload that are given back with the object. Throws S3Error `InvalidStorageClass` or `MetadataTooLarge`. */
export const keptHeaders = (headers: Headers): Record<string, string> => {
  const storageClass = headers['x-amz-storage-class'];
  if (storageClass !== undefined && !STORAGE_CLASSES.includes(storageClass)) {
    throw new S3Error('InvalidStorageClass', 'The storage class you specified is not valid');
  }
  const encryption = headers['x-amz-server-side-encryption'];
  if (encryption !== undefined && encryption !== 'AES256' && encryption !== 'aws:kms') {
    throw new S3Error('InvalidArgument', 'The encryption method specified is not supported');
  }
  const present = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, name === 'content-encoding' ? withoutFraming(value) : value]],
  );
  const metadata = present.filter(([name]) => name.startsWith('x-amz-meta-'));
  checkMetadata(metadata);
  const kept = present.filter(
    ([name, value]) => KEPT_HEADERS.includes(name) && value !== '' && value !== 'STANDARD',
  );
  return Object.fromEntries([...kept, ...metadata]);
};

/** The encryption headers S3 repeats when it answers a write. */
export const encryptionHeaders = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('x-amz-server-side-encryption') && value !== undefined ? [[name, value]] : [],
    ),
  );

/** Response headers of GET and HEAD, but for the length and what an answer to a range adds. */
export const objectHeaders = (object: StoredObject, withChecksum: boolean): Record<string, string> => ({
  'content-type': 'binary/octet-stream',
  ...object.headers,
  'accept-ranges': 'bytes',
  etag: `"${object.etag}"`,
  'last-modified': new Date(object.lastModified).toUTCString(),
  ...(object.tags.length > 0 ? { 'x-amz-tagging-count': String(object.tags.length) } : {}),
  ...(withChecksum ? checksumHeaders(object.checksum) : {}),
});

/** Throws S3Error `InvalidObjectState` for an object in an archive, which can be neither read nor copied. */
export const refuseArchived = (object: StoredObject): void => {
  const storageClass = storageClassOf(object);
  if (!ARCHIVED_CLASSES.includes(storageClass)) return;
  const reason = "The operation is not valid for the object's storage class";
  throw new S3Error('InvalidObjectState', reason, { StorageClass: storageClass });
};
