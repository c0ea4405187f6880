import { randomBytes } from 'node:crypto';
import type { OpenUpload } from './catalogue.ts';
import { announcedChecksum, multipartChecksumType, parseChecksumAlgorithm } from './checksum.ts';
import { encryptionHeaders, keptHeaders } from './object-headers.ts';
import { writtenHeaders } from './object-writing.ts';
import { RequestBody } from './request-body.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { noContent, xmlResponse, type S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';
import { tagsOfHeader } from './tags.ts';
import { textElement, xmlDocument } from './xml.ts';

const MOST_PARTS = 10_000;

/** Sorts by the time of its making, as S3 lists the uploads of one key. */
const newUploadId = (now: number): string =>
  `${now.toString(16).padStart(12, '0')}${randomBytes(16).toString('hex')}`;

/** Throws S3Error `NoSuchUpload`. */
export const findUpload = ({ bucket, key, query }: S3Request, store: S3Store): OpenUpload =>
  store.catalogue.upload(bucket, key, query.get('uploadId') ?? '');

/** Throws S3Error `InvalidArgument`. */
export const partNumberOf = ({ query }: S3Request): number => {
  const text = query.get('partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MOST_PARTS) return number;
  throw new S3Error(
    'InvalidArgument',
    `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`,
  );
};

const requestedChecksum = (headers: S3Request['headers']) => {
  const name = headers['x-amz-checksum-algorithm'];
  if (name === undefined) {
    if (headers['x-amz-checksum-type'] === undefined) return {};
    throw new S3Error(
      'InvalidRequest',
      'The x-amz-checksum-type header can only be used with x-amz-checksum-algorithm',
    );
  }
  const checksumAlgorithm = parseChecksumAlgorithm(name);
  const checksumType = multipartChecksumType(checksumAlgorithm, headers['x-amz-checksum-type']);
  return { checksumAlgorithm, checksumType };
};

const checksumSettingHeaders = ({
  checksumAlgorithm,
  checksumType,
}: ReturnType<typeof requestedChecksum>) => ({
  ...(checksumAlgorithm === undefined ? {} : { 'x-amz-checksum-algorithm': checksumAlgorithm }),
  ...(checksumType === undefined ? {} : { 'x-amz-checksum-type': checksumType }),
});

export const createMultipartUpload = ({ bucket, key, headers }: S3Request, store: S3Store): S3Response => {
  store.catalogue.bucket(bucket);
  const initiated = store.currentSecond();
  const uploadId = newUploadId(store.now());
  const checksum = requestedChecksum(headers);
  const tags = tagsOfHeader(headers['x-amz-tagging']);
  const upload = { uploadId, bucket, key, initiated, headers: keptHeaders(headers), tags, ...checksum };
  store.catalogue.record({ change: 'upload', upload });
  const body = xmlDocument(
    'InitiateMultipartUploadResult',
    textElement('Bucket', bucket),
    textElement('Key', key),
    textElement('UploadId', uploadId),
  );
  return xmlResponse(body, { ...checksumSettingHeaders(checksum), ...encryptionHeaders(headers) });
};

/** A part must come with the checksum its upload was created for. */
const checkPartChecksum = ({ checksumAlgorithm, checksumType }: OpenUpload, { headers }: S3Request): void => {
  const announced = announcedChecksum(headers);
  const missing = announced === undefined && checksumType === 'COMPOSITE';
  const different = announced !== undefined && announced !== checksumAlgorithm;
  if (checksumAlgorithm === undefined || (!missing && !different)) return;
  const reason = `Checksum Type mismatch occurred, expected checksum Type: ${checksumAlgorithm.toLowerCase()}, actual checksum Type: ${announced?.toLowerCase() ?? 'null'}`;
  throw new S3Error('InvalidRequest', reason);
};

export const uploadPart = async (request: S3Request, store: S3Store): Promise<S3Response> => {
  const upload = findUpload(request, store);
  const number = partNumberOf(request);
  checkPartChecksum(upload, request);
  const body = new RequestBody(request, { computed: upload.checksumAlgorithm });
  const blob = await store.blobs.write(body.content());
  const { etag } = body.digest;
  const { checksum } = body.digest.sums;
  store.putPart(upload, { number, etag, lastModified: store.currentSecond(), blob, checksum });
  return { status: 200, headers: writtenHeaders(etag, checksum, request) };
};

export const abortMultipartUpload = (request: S3Request, store: S3Store): S3Response => {
  store.abortUpload(findUpload(request, store));
  return noContent;
};
