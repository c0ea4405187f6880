import * as buckets from './bucket-operations.ts';
import { copyObject, uploadPartCopy } from './copying.ts';
import { listObjects } from './listing.ts';
import { abortMultipartUpload, createMultipartUpload, uploadPart } from './multipart.ts';
import { getObject, headObject, RESPONSE_OVERRIDES } from './object-reading.ts';
import { getObjectTagging, putObjectTagging } from './object-tagging.ts';
import { deleteObject, deleteObjects, putObject } from './object-writing.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import type { S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';
import { completeMultipartUpload } from './upload-completion.ts';
import { listMultipartUploads, listParts } from './upload-listing.ts';

type Target = 'service' | 'bucket' | 'object';

interface Operation {
  readonly target: Target;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Query parameters that tell this operation from others of its method and target. */
  readonly marks: readonly string[];
  /** Query parameters it takes besides. */
  readonly parameters?: readonly string[];
  /** Whether the content comes from another object, named in a header. */
  readonly copies?: boolean;
  readonly run: (request: S3Request, store: S3Store) => S3Response | Promise<S3Response>;
}

const LIST_PARAMETERS = [
  'continuation-token',
  'delimiter',
  'encoding-type',
  'fetch-owner',
  'max-keys',
  'prefix',
  'start-after',
];
const UPLOAD_LIST_PARAMETERS = ['encoding-type', 'key-marker', 'max-uploads', 'prefix', 'upload-id-marker'];

const OPERATIONS: readonly Operation[] = [
  { target: 'service', method: 'GET', marks: [], run: buckets.listBuckets },
  { target: 'bucket', method: 'PUT', marks: [], run: buckets.createBucket },
  { target: 'bucket', method: 'HEAD', marks: [], run: buckets.headBucket },
  { target: 'bucket', method: 'DELETE', marks: [], run: buckets.deleteBucket },
  { target: 'bucket', method: 'GET', marks: ['location'], run: buckets.getBucketLocation },
  { target: 'bucket', method: 'PUT', marks: ['lifecycle'], run: buckets.putBucketLifecycle },
  { target: 'bucket', method: 'GET', marks: ['lifecycle'], run: buckets.getBucketLifecycle },
  { target: 'bucket', method: 'PUT', marks: ['cors'], run: buckets.putBucketCors },
  { target: 'bucket', method: 'GET', marks: ['cors'], run: buckets.getBucketCors },
  { target: 'bucket', method: 'GET', marks: ['list-type'], parameters: LIST_PARAMETERS, run: listObjects },
  {
    target: 'bucket',
    method: 'GET',
    marks: ['uploads'],
    parameters: UPLOAD_LIST_PARAMETERS,
    run: listMultipartUploads,
  },
  { target: 'bucket', method: 'POST', marks: ['delete'], run: deleteObjects },
  { target: 'object', method: 'PUT', marks: [], run: putObject },
  { target: 'object', method: 'PUT', marks: [], copies: true, run: copyObject },
  { target: 'object', method: 'GET', marks: [], parameters: RESPONSE_OVERRIDES, run: getObject },
  { target: 'object', method: 'HEAD', marks: [], parameters: RESPONSE_OVERRIDES, run: headObject },
  { target: 'object', method: 'DELETE', marks: [], run: deleteObject },
  { target: 'object', method: 'PUT', marks: ['tagging'], run: putObjectTagging },
  { target: 'object', method: 'GET', marks: ['tagging'], run: getObjectTagging },
  { target: 'object', method: 'POST', marks: ['uploads'], run: createMultipartUpload },
  { target: 'object', method: 'PUT', marks: ['partNumber', 'uploadId'], run: uploadPart },
  { target: 'object', method: 'PUT', marks: ['partNumber', 'uploadId'], copies: true, run: uploadPartCopy },
  {
    target: 'object',
    method: 'GET',
    marks: ['uploadId'],
    parameters: ['max-parts', 'part-number-marker'],
    run: listParts,
  },
  { target: 'object', method: 'POST', marks: ['uploadId'], run: completeMultipartUpload },
  { target: 'object', method: 'DELETE', marks: ['uploadId'], run: abortMultipartUpload },
];

const targetOf = ({ bucket, key }: S3Request): Target => {
  if (key !== '') return 'object';
  return bucket === '' ? 'service' : 'bucket';
};

/** `x-id` only repeats the operation's name; other `x-amz-` parameters are of the signature or stand for headers. */
const selectingParameters = ({ query }: S3Request): string[] =>
  [...query.keys()].filter((name) => name !== 'x-id' && !name.toLowerCase().startsWith('x-amz-'));

const takes = ({ marks, parameters = [] }: Operation, sent: readonly string[]): boolean =>
  marks.every((mark) => sent.includes(mark)) &&
  sent.every((name) => marks.includes(name) || parameters.includes(name));

/**
 * The one operation a request asks for.
 * Throws S3Error `MethodNotAllowed` or `NotImplemented`, also for a parameter that would be passed over.
 */
export const findOperation = (request: S3Request): Operation => {
  const target = targetOf(request);
  const candidates = OPERATIONS.filter((each) => each.target === target && each.method === request.method);
  if (candidates.length === 0) {
    throw new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.');
  }
  const sent = selectingParameters(request);
  const copies = request.headers['x-amz-copy-source'] !== undefined;
  const operation = candidates.find((each) => (each.copies ?? false) === copies && takes(each, sent));
  if (operation !== undefined) return operation;
  throw notImplemented(`${request.method} of ${target} with ${sent.join(', ') || 'no parameters'}`);
};
