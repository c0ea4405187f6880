import { percentDecode } from '../aws-signature.ts';
import type { StoredObject, UploadedPart } from './catalogue-record.ts';
import { parseChecksumAlgorithm, type Checksum, type ChecksumAlgorithm } from './checksum.ts';
import { checkCopySourceConditions, writeCheck } from './conditions.ts';
import { ContentDigest } from './content-digest.ts';
import type { Blob } from './blob-store.ts';
import { encryptionHeaders, keptHeaders, refuseArchived } from './object-headers.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { xmlResponse, type S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';
import { tagsOfHeader } from './tags.ts';
import { checksumElement } from './upload-documents.ts';
import { findUpload, partNumberOf } from './multipart.ts';
import { textElement, xmlDocument } from './xml.ts';

const LARGEST_COPY_BYTES = 5 * 1024 ** 3;
/** "You can copy a range only if the source object is greater than 5 MB" (API reference, UploadPartCopy). */
const RANGE_SOURCE_ABOVE_BYTES = 5 * 1024 ** 2;

/** `bucket/key`, percent-encoded, where a bare plus sign stands for a space as S3 has it. */
const parseCopySource = (header: string): { readonly bucket: string; readonly key: string } => {
  const [path = '', version] = header.split('?');
  if (version !== undefined) throw notImplemented('versions of objects');
  const decoded = percentDecode(path.replaceAll('+', ' ')).replace(/^\//, '');
  const slash = decoded.indexOf('/');
  if (slash < 1)
    throw new S3Error(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1) };
};

const readableSource = (
  { headers }: S3Request,
  store: S3Store,
): { readonly object: StoredObject; readonly path: string } => {
  const { bucket, key } = parseCopySource(headers['x-amz-copy-source'] ?? '');
  const object = store.catalogue.object(bucket, key);
  checkCopySourceConditions(headers, object);
  refuseArchived(object);
  return { object, path: `${bucket}/${key}` };
};

interface CopiedContent {
  readonly blob: Blob;
  readonly etag: string;
  readonly checksum: Checksum | undefined;
}

const copyContent = async (
  store: S3Store,
  source: StoredObject,
  range: { readonly from: number; readonly to: number },
  algorithm: ChecksumAlgorithm | undefined,
): Promise<CopiedContent> => {
  if (range.to - range.from + 1 > LARGEST_COPY_BYTES) {
    throw new S3Error(
      'InvalidRequest',
      'The specified copy source is larger than the maximum allowable size for a copy source',
    );
  }
  const reading = store.blobs.read(source.blobs, range.from, range.to);
  const digest = new ContentDigest(algorithm);
  try {
    const blob = await store.blobs.write(digest.over(reading.chunks));
    return { blob, etag: digest.etag, checksum: digest.sums.checksum };
  } finally {
    reading.release();
  }
};

const copyResult = (root: string, copy: CopiedContent, lastModified: number): string =>
  xmlDocument(
    root,
    textElement('LastModified', new Date(lastModified).toISOString()),
    textElement('ETag', `"${copy.etag}"`),
    checksumElement(copy.checksum),
  );

const directive = (headers: S3Request['headers'], name: string): 'COPY' | 'REPLACE' => {
  const value = headers[name] ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw new S3Error('InvalidArgument', `${name} must be COPY or REPLACE`);
};

/** The storage class and the encryption belong to the copy; all else is taken from the source or replaced. */
const copiedHeaders = ({ headers }: S3Request, source: StoredObject): Record<string, string> => {
  const own = keptHeaders(headers);
  if (directive(headers, 'x-amz-metadata-directive') === 'REPLACE') return own;
  const isOwn = (name: string) =>
    name === 'x-amz-storage-class' || name.startsWith('x-amz-server-side-encryption');
  return Object.fromEntries([
    ...Object.entries(source.headers).filter(([name]) => !isOwn(name)),
    ...Object.entries(own).filter(([name]) => isOwn(name)),
  ]);
};

const refuseCopyOntoItself = ({ bucket, key, headers }: S3Request, sourcePath: string): void => {
  const changes =
    headers['x-amz-metadata-directive'] === 'REPLACE' ||
    headers['x-amz-storage-class'] !== undefined ||
    headers['x-amz-server-side-encryption'] !== undefined;
  if (changes || sourcePath !== `${bucket}/${key}`) return;
  const reason =
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
  throw new S3Error('InvalidRequest', reason);
};

export const copyObject = async (request: S3Request, store: S3Store): Promise<S3Response> => {
  const { bucket, key, headers } = request;
  const { object: source, path } = readableSource(request, store);
  refuseCopyOntoItself(request, path);
  const check = writeCheck(headers);
  const replacesTags = directive(headers, 'x-amz-tagging-directive') === 'REPLACE';
  const kept = copiedHeaders(request, source);
  const tags = replacesTags ? tagsOfHeader(headers['x-amz-tagging']) : source.tags;
  const requested = headers['x-amz-checksum-algorithm'];
  const algorithm = requested === undefined ? source.checksum?.algorithm : parseChecksumAlgorithm(requested);
  store.catalogue.bucket(bucket);
  const copy = await copyContent(store, source, { from: 0, to: source.size - 1 }, algorithm);
  const lastModified = store.currentSecond();
  const { blob, etag, checksum } = copy;
  store.putObject(
    bucket,
    { key, size: blob.size, etag, lastModified, headers: kept, tags, blobs: [blob], checksum },
    check,
  );
  return xmlResponse(copyResult('CopyObjectResult', copy, lastModified), encryptionHeaders(headers));
};

const copyRange = (
  header: string | undefined,
  size: number,
): { readonly from: number; readonly to: number } => {
  if (header === undefined) return { from: 0, to: size - 1 };
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to)) {
    throw new S3Error(
      'InvalidArgument',
      'The x-amz-copy-source-range value must be of the form bytes=first-last',
    );
  }
  if (size <= RANGE_SOURCE_ABOVE_BYTES) {
    const reason = 'The specified copy source is not supported as a byte-range copy source';
    throw new S3Error('InvalidRequest', reason);
  }
  if (Number(to) < size) return { from: Number(from), to: Number(to) };
  throw new S3Error('InvalidArgument', `Range specified is not valid for source object of size: ${size}`);
};

export const uploadPartCopy = async (request: S3Request, store: S3Store): Promise<S3Response> => {
  const upload = findUpload(request, store);
  const number = partNumberOf(request);
  const { object: source } = readableSource(request, store);
  const range = copyRange(request.headers['x-amz-copy-source-range'], source.size);
  const copy = await copyContent(store, source, range, upload.checksumAlgorithm);
  const lastModified = store.currentSecond();
  const part: UploadedPart = {
    number,
    etag: copy.etag,
    lastModified,
    blob: copy.blob,
    checksum: copy.checksum,
  };
  store.putPart(upload, part);
  return xmlResponse(copyResult('CopyPartResult', copy, lastModified));
};
