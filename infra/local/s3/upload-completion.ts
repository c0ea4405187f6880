import { createHash } from 'node:crypto';
import type { OpenUpload } from './catalogue.ts';
import type { StoredObject, UploadedPart } from './catalogue-record.ts';
import { announcedChecksum, checksumHeader, checksumOfParts, type Checksum } from './checksum.ts';
import { writeCheck } from './conditions.ts';
import { findUpload } from './multipart.ts';
import { encryptionHeaders } from './object-headers.ts';
import { readDocument } from './request-body.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { xmlResponse, type S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';
import { checksumElement, parseCompletion, type NamedPart } from './upload-documents.ts';
import { textElement, xmlDocument } from './xml.ts';

const SMALLEST_PART_BYTES = 5 * 1024 ** 2;

const checkNamedPart = (
  named: NamedPart,
  part: UploadedPart | undefined,
  upload: OpenUpload,
): UploadedPart => {
  const sumsAgree = [...named.checksums].every(
    ([algorithm, value]) => part?.checksum?.algorithm === algorithm && part.checksum.value === value,
  );
  if (part?.etag !== named.etag || !sumsAgree) {
    const reason =
      "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    throw new S3Error('InvalidPart', reason, { UploadId: upload.uploadId, PartNumber: String(named.number) });
  }
  if (upload.checksumType === 'COMPOSITE' && named.checksums.size === 0) {
    const reason = `The upload was created using a ${upload.checksumAlgorithm?.toLowerCase() ?? ''} checksum. The complete request must include the checksum for each part. It was missing for part ${named.number} in the request.`;
    throw new S3Error('InvalidRequest', reason);
  }
  return part;
};

const chosenParts = (named: readonly NamedPart[], upload: OpenUpload): UploadedPart[] => {
  if (named.some(({ number }, index) => number <= (named[index - 1]?.number ?? 0))) {
    const reason = 'The list of parts was not in ascending order. Parts must be ordered by part number.';
    throw new S3Error('InvalidPartOrder', reason, { UploadId: upload.uploadId });
  }
  const parts = named.map((each) => checkNamedPart(each, upload.parts.get(each.number), upload));
  const small = parts.slice(0, -1).find((part) => part.blob.size < SMALLEST_PART_BYTES);
  if (small === undefined) return parts;
  throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    ProposedSize: String(small.blob.size),
    MinSizeAllowed: String(SMALLEST_PART_BYTES),
    PartNumber: String(small.number),
    ETag: small.etag,
  });
};

const combinedChecksum = (upload: OpenUpload, parts: readonly UploadedPart[]): Checksum | undefined => {
  const { checksumAlgorithm, checksumType } = upload;
  if (checksumAlgorithm === undefined || checksumType === undefined) return undefined;
  const sums = parts.map(({ blob, checksum }) => ({ size: blob.size, checksum: checksum?.value ?? '' }));
  return checksumOfParts(checksumAlgorithm, checksumType, sums);
};

const objectOfParts = (
  upload: OpenUpload,
  parts: readonly UploadedPart[],
  lastModified: number,
): StoredObject => {
  const digests = Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex')));
  return {
    key: upload.key,
    size: parts.reduce((sum, part) => sum + part.blob.size, 0),
    etag: `${createHash('md5').update(digests).digest('hex')}-${parts.length}`,
    lastModified,
    headers: upload.headers,
    tags: upload.tags,
    blobs: parts.map((part) => part.blob),
    checksum: combinedChecksum(upload, parts),
    uploadId: upload.uploadId,
  };
};

const checkDeclaredWhole = ({ headers }: S3Request, object: StoredObject, upload: OpenUpload): void => {
  const declaredSize = headers['x-amz-mp-object-size'];
  if (declaredSize !== undefined && declaredSize !== String(object.size)) {
    throw new S3Error(
      'InvalidRequest',
      `The provided object size does not match the sum of its parts: ${object.size}`,
    );
  }
  const declaredType = headers['x-amz-checksum-type'];
  if (declaredType !== undefined && declaredType !== upload.checksumType) {
    throw new S3Error('InvalidRequest', 'The checksum type is not the one the upload was created with');
  }
  const algorithm = announcedChecksum(headers);
  if (algorithm === undefined) return;
  const { checksum } = object;
  if (checksum?.algorithm === algorithm && checksum.value === headers[checksumHeader(algorithm)]) return;
  throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
};

const completionResponse = ({ bucket, headers }: S3Request, object: StoredObject): S3Response => {
  const location = `http://${headers.host ?? ''}/${bucket}/${encodeURIComponent(object.key)}`;
  const body = xmlDocument(
    'CompleteMultipartUploadResult',
    textElement('Location', location),
    textElement('Bucket', bucket),
    textElement('Key', object.key),
    textElement('ETag', `"${object.etag}"`),
    checksumElement(object.checksum),
  );
  return xmlResponse(body, encryptionHeaders(object.headers));
};

/** Asked again for an upload that is complete, because the answer was lost, gives the same answer again. */
export const completeMultipartUpload = async (request: S3Request, store: S3Store): Promise<S3Response> => {
  const { bucket, key, query, headers } = request;
  const check = writeCheck(headers);
  const named = parseCompletion(await readDocument(request, 'object'));
  const before = store.catalogue.completed(bucket, key, query.get('uploadId') ?? '');
  if (before !== undefined) return completionResponse(request, before);
  const upload = findUpload(request, store);
  const object = objectOfParts(upload, chosenParts(named, upload), store.currentSecond());
  checkDeclaredWhole(request, object, upload);
  store.completeUpload(upload, object, check);
  return completionResponse(request, object);
};
