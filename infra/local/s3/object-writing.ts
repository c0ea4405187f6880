import type { StoredObject } from './catalogue-record.ts';
import { announcedChecksum, checksumHeaders, type Checksum } from './checksum.ts';
import { refuseConditions, writeCheck } from './conditions.ts';
import { encryptionHeaders, keptHeaders } from './object-headers.ts';
import { readDocument, RequestBody } from './request-body.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { noContent, xmlResponse, type S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';
import { tagsOfHeader } from './tags.ts';
import {
  childrenNamed,
  element,
  optionalText,
  parseXml,
  requiredText,
  textElement,
  xmlDocument,
} from './xml.ts';

const MOST_KEYS_PER_DELETE = 1000;

export const putObject = async (request: S3Request, store: S3Store): Promise<S3Response> => {
  const { bucket, key, headers } = request;
  const check = writeCheck(headers);
  const kept = keptHeaders(headers);
  const tags = tagsOfHeader(headers['x-amz-tagging']);
  // Refused before the content is read where possible; what counts is the check when it is stored.
  check(store.catalogue.objects(bucket).get(key));
  const body = new RequestBody(request);
  const blob = await store.blobs.write(body.content());
  const { etag } = body.digest;
  const { checksum } = body.digest.sums;
  const object: StoredObject = {
    key,
    size: blob.size,
    etag,
    lastModified: store.currentSecond(),
    headers: kept,
    tags,
    blobs: [blob],
    checksum,
  };
  store.putObject(bucket, object, check);
  return { status: 200, headers: writtenHeaders(etag, checksum, request) };
};

/** What the answer to a write of content says about it. */
export const writtenHeaders = (
  etag: string,
  checksum: Checksum | undefined,
  { headers }: S3Request,
): Record<string, string> => ({
  etag: `"${etag}"`,
  ...checksumHeaders(checksum),
  ...encryptionHeaders(headers),
});

export const deleteObject = ({ bucket, key, headers }: S3Request, store: S3Store): S3Response => {
  refuseConditions(headers, 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since');
  store.deleteObject(bucket, key);
  return noContent;
};

const parseKeys = (body: Uint8Array): { readonly keys: string[]; readonly quiet: boolean } => {
  const root = parseXml(body, 'Delete');
  const objects = childrenNamed(root, 'Object');
  const unsupported = objects.flatMap((object) => object.children).find((child) => child.name !== 'Key');
  if (unsupported !== undefined) throw notImplemented(`${unsupported.name} in DeleteObjects`);
  const keys = objects.map((object) => requiredText(object, 'Key'));
  if (keys.length < 1 || keys.length > MOST_KEYS_PER_DELETE || keys.includes('')) {
    throw new S3Error('MalformedXML', 'DeleteObjects takes 1 to 1000 keys, none of them empty');
  }
  return { keys, quiet: optionalText(root, 'Quiet')?.trim() === 'true' };
};

export const deleteObjects = async (request: S3Request, store: S3Store): Promise<S3Response> => {
  const { bucket, headers } = request;
  store.catalogue.bucket(bucket);
  if (headers['content-md5'] === undefined && announcedChecksum(headers) === undefined) {
    throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5');
  }
  const { keys, quiet } = parseKeys(await readDocument(request));
  for (const key of keys) store.deleteObject(bucket, key);
  const deleted = keys.map((key) => element('Deleted', textElement('Key', key)));
  return xmlResponse(xmlDocument('DeleteResult', ...(quiet ? [] : deleted)));
};
