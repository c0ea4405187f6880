import type { StoredObject } from './catalogue-record.ts';
import { notImplemented, S3Error } from './s3-error.ts';

type Headers = Readonly<Record<string, string | undefined>>;

const failed = (condition: string): S3Error =>
  new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition: condition,
  });

const matches = (list: string, etag: string): boolean =>
  list.split(',').some((candidate) => {
    const text = candidate.trim().replace(/^W\//, '').replaceAll('"', '');
    return text === '*' || text === etag;
  });

/** NaN, which no comparison holds for, when the date is absent or unreadable: HTTP ignores such a condition. */
const moment = (date: string | undefined): number => Date.parse(date ?? '');

/**
 * Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC 9110.
 * Returns true when the answer is 304. `prefix` reads the same conditions from `x-amz-copy-source-if-...` headers.
 * Throws S3Error `PreconditionFailed`.
 */
export const isNotModified = (headers: Headers, object: StoredObject, prefix = ''): boolean => {
  const ifMatch = headers[`${prefix}if-match`];
  const ifNoneMatch = headers[`${prefix}if-none-match`];
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object.etag)) throw failed('If-Match');
  } else if (object.lastModified > moment(headers[`${prefix}if-unmodified-since`])) {
    throw failed('If-Unmodified-Since');
  }
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, object.etag);
  return object.lastModified <= moment(headers[`${prefix}if-modified-since`]);
};

/** As isNotModified for the source of a copy, where 304 is no answer. Throws S3Error `PreconditionFailed`. */
export const checkCopySourceConditions = (headers: Headers, object: StoredObject): void => {
  if (isNotModified(headers, object, 'x-amz-copy-source-')) throw failed('x-amz-copy-source-If-None-Match');
};

/**
 * Returns the check a write makes at the moment it becomes visible.
 * Throws S3Error `NotImplemented` for conditions S3 does not have on writes; the check throws `PreconditionFailed` or `NoSuchKey`.
 */
export const writeCheck = (headers: Headers): ((existing: StoredObject | undefined) => void) => {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  refuseConditions(headers, 'if-modified-since', 'if-unmodified-since');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*')
    throw notImplemented('If-None-Match with an ETag on a write');
  if (ifNoneMatch !== undefined && ifMatch !== undefined)
    throw notImplemented('If-Match together with If-None-Match');
  return (existing) => {
    if (ifNoneMatch !== undefined && existing !== undefined) throw failed('If-None-Match');
    if (ifMatch === undefined) return;
    if (existing === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
    if (!matches(ifMatch, existing.etag)) throw failed('If-Match');
  };
};

/** Throws S3Error `NotImplemented` when a condition is set that the operation would not keep. */
export const refuseConditions = (headers: Headers, ...names: readonly string[]): void => {
  const present = names.find((name) => headers[name] !== undefined);
  if (present !== undefined) throw notImplemented(`${present} on this operation`);
};
