import type { OpenUpload } from './catalogue.ts';
import type { UploadedPart } from './catalogue-record.ts';
import { keyEncoding, pageSize } from './listing.ts';
import { findUpload } from './multipart.ts';
import { compareUtf8 } from './ordered-keys.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { xmlResponse, type S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';
import { checksumElement } from './upload-documents.ts';
import { element, textElement, xmlDocument } from './xml.ts';

const storageClassElement = (upload: OpenUpload): string =>
  textElement('StorageClass', upload.headers['x-amz-storage-class'] ?? 'STANDARD');

const checksumSettings = ({ checksumAlgorithm, checksumType }: OpenUpload): string =>
  (checksumAlgorithm === undefined ? '' : textElement('ChecksumAlgorithm', checksumAlgorithm)) +
  (checksumType === undefined ? '' : textElement('ChecksumType', checksumType));

const byKeyThenAge = (left: OpenUpload, right: OpenUpload): number =>
  compareUtf8(left.key, right.key) || compareUtf8(left.uploadId, right.uploadId);

/** Without an upload id the marker leaves out all uploads of its key; with one, those up to it. */
const isAfterMarker = (upload: OpenUpload, query: ReadonlyMap<string, string>): boolean => {
  const keyMarker = query.get('key-marker') ?? '';
  const uploadIdMarker = query.get('upload-id-marker') ?? '';
  const order = compareUtf8(upload.key, keyMarker);
  return order > 0 || (order === 0 && uploadIdMarker !== '' && upload.uploadId > uploadIdMarker);
};

const uploadElement = (upload: OpenUpload, encode: (key: string) => string): string =>
  element(
    'Upload',
    textElement('Key', encode(upload.key)),
    textElement('UploadId', upload.uploadId),
    storageClassElement(upload),
    textElement('Initiated', new Date(upload.initiated).toISOString()),
    checksumSettings(upload),
  );

export const listMultipartUploads = ({ bucket, query }: S3Request, store: S3Store): S3Response => {
  const prefix = query.get('prefix') ?? '';
  const encode = keyEncoding(query);
  const limit = pageSize(query, 'max-uploads');
  const remaining = store.catalogue
    .uploads(bucket)
    .filter((upload) => upload.key.startsWith(prefix) && isAfterMarker(upload, query))
    .sort(byKeyThenAge);
  const page = remaining.slice(0, limit);
  const last = remaining.length > page.length ? page.at(-1) : undefined;
  return xmlResponse(
    xmlDocument(
      'ListMultipartUploadsResult',
      textElement('Bucket', bucket),
      textElement('KeyMarker', encode(query.get('key-marker') ?? '')),
      textElement('UploadIdMarker', query.get('upload-id-marker') ?? ''),
      textElement('Prefix', encode(prefix)),
      query.has('encoding-type') ? textElement('EncodingType', 'url') : '',
      last === undefined
        ? ''
        : textElement('NextKeyMarker', encode(last.key)) + textElement('NextUploadIdMarker', last.uploadId),
      textElement('MaxUploads', limit),
      textElement('IsTruncated', last !== undefined),
      ...page.map((upload) => uploadElement(upload, encode)),
    ),
  );
};

const partElement = (part: UploadedPart): string =>
  element(
    'Part',
    textElement('PartNumber', part.number),
    textElement('LastModified', new Date(part.lastModified).toISOString()),
    textElement('ETag', `"${part.etag}"`),
    textElement('Size', part.blob.size),
    checksumElement(part.checksum, false),
  );

const partMarker = (query: ReadonlyMap<string, string>): number => {
  const text = query.get('part-number-marker') ?? '0';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new S3Error('InvalidArgument', 'Provided part-number-marker not an integer or within integer range');
};

export const listParts = (request: S3Request, store: S3Store): S3Response => {
  const upload = findUpload(request, store);
  const limit = pageSize(request.query, 'max-parts');
  const marker = partMarker(request.query);
  const remaining = [...upload.parts.values()]
    .filter((part) => part.number > marker)
    .sort((left, right) => left.number - right.number);
  const page = remaining.slice(0, limit);
  const truncated = remaining.length > page.length;
  return xmlResponse(
    xmlDocument(
      'ListPartsResult',
      textElement('Bucket', upload.bucket),
      textElement('Key', upload.key),
      textElement('UploadId', upload.uploadId),
      storageClassElement(upload),
      checksumSettings(upload),
      textElement('PartNumberMarker', marker),
      truncated ? textElement('NextPartNumberMarker', page.at(-1)?.number ?? marker) : '',
      textElement('MaxParts', limit),
      textElement('IsTruncated', truncated),
      ...page.map(partElement),
    ),
  );
};
