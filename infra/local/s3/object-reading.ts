import type { StoredObject } from './catalogue-record.ts';
import { isNotModified } from './conditions.ts';
import { objectHeaders, refuseArchived } from './object-headers.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import { asHeaderValue, type S3Request } from './s3-request.ts';
import type { S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';

interface ByteRange {
  readonly from: number;
  /** Included. */
  readonly to: number;
}

const OVERRIDABLE = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

export const RESPONSE_OVERRIDES = OVERRIDABLE.map((name) => `response-${name}`);

/** Undefined stands for the whole object, which is also the answer to a range that cannot be read. */
const parseRange = (range: string | undefined, size: number): ByteRange | undefined => {
  if (range?.startsWith('bytes=') === true && range.includes(','))
    throw notImplemented('several ranges in one request');
  const match = /^bytes=(\d*)-(\d*)$/.exec(range ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (from < size && from <= to) return { from, to };
  throw new S3Error('InvalidRange', 'The requested range is not satisfiable', {
    RangeRequested: range ?? '',
    ActualObjectSize: String(size),
  });
};

/** If-Range: a range is honoured only for the very content its first half came from. */
const wantedRange = ({ headers }: S3Request, object: StoredObject): ByteRange | undefined => {
  const ifRange = headers['if-range'];
  const current = [`"${object.etag}"`, new Date(object.lastModified).toUTCString()];
  if (ifRange !== undefined && !current.includes(ifRange)) return undefined;
  return parseRange(headers.range, object.size);
};

const overrides = (query: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries(
    OVERRIDABLE.flatMap((name) => {
      const value = query.get(`response-${name}`);
      return value === undefined ? [] : [[name, asHeaderValue(value)]];
    }),
  );

const describe = (
  request: S3Request,
  object: StoredObject,
): { readonly range: ByteRange; readonly response: S3Response } => {
  const range = wantedRange(request, object);
  const { from, to } = range ?? { from: 0, to: object.size - 1 };
  const withChecksum =
    range === undefined && request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  const headers = {
    ...objectHeaders(object, withChecksum),
    ...overrides(request.query),
    'content-length': String(to - from + 1),
    ...(range === undefined ? {} : { 'content-range': `bytes ${from}-${to}/${object.size}` }),
  };
  return { range: { from, to }, response: { status: range === undefined ? 200 : 206, headers } };
};

const notModified = (object: StoredObject): S3Response => {
  const { etag = '', 'last-modified': lastModified = '' } = objectHeaders(object, false);
  return { status: 304, headers: { etag, 'last-modified': lastModified } };
};

export const getObject = (request: S3Request, store: S3Store): S3Response => {
  const object = store.catalogue.object(request.bucket, request.key);
  if (isNotModified(request.headers, object)) return notModified(object);
  refuseArchived(object);
  const { range, response } = describe(request, object);
  return { ...response, body: store.blobs.read(object.blobs, range.from, range.to) };
};

/** Shows archived objects too; their class tells them apart. */
export const headObject = (request: S3Request, store: S3Store): S3Response => {
  const object = store.catalogue.object(request.bucket, request.key);
  if (isNotModified(request.headers, object)) return notModified(object);
  return describe(request, object).response;
};
