import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../local-identity.ts';
import type { BucketSettings } from './catalogue-record.ts';
import { announcedChecksum } from './checksum.ts';
import { readDocument } from './request-body.ts';
import { notImplemented, S3Error, type S3ErrorCode } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { noContent, xmlResponse, type S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';
import {
  childrenNamed,
  element,
  optionalText,
  parseXml,
  requiredText,
  textElement,
  xmlDocument,
  type XmlElement,
} from './xml.ts';

const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Throws S3Error `InvalidBucketName`. */
export const checkBucketName = (name: string): void => {
  if (BUCKET_NAME.test(name)) return;
  throw new S3Error('InvalidBucketName', 'The specified bucket is not valid.', { BucketName: name });
};

const requestedLocation = (body: Uint8Array): string => {
  if (body.length === 0) return LOCAL_REGION;
  const root = parseXml(body, 'CreateBucketConfiguration');
  const other = root.children.find((child) => child.name !== 'LocationConstraint');
  if (other !== undefined) throw notImplemented(`${other.name} in CreateBucket`);
  return optionalText(root, 'LocationConstraint') ?? LOCAL_REGION;
};

export const createBucket = async (request: S3Request, store: S3Store): Promise<S3Response> => {
  checkBucketName(request.bucket);
  store.createBucket(request.bucket, requestedLocation(await readDocument(request)));
  return { status: 200, headers: { location: `/${request.bucket}` } };
};

export const headBucket = ({ bucket }: S3Request, store: S3Store): S3Response => ({
  status: 200,
  headers: { 'x-amz-bucket-region': store.catalogue.bucket(bucket).location },
});

export const deleteBucket = ({ bucket }: S3Request, store: S3Store): S3Response => {
  store.deleteBucket(bucket);
  return noContent;
};

export const getBucketLocation = ({ bucket }: S3Request, store: S3Store): S3Response => {
  const { location } = store.catalogue.bucket(bucket);
  // The oldest region has no name here.
  const document = xmlDocument('LocationConstraint', location === LOCAL_REGION ? '' : location);
  return xmlResponse(document);
};

export const listBuckets = (_request: S3Request, store: S3Store): S3Response => {
  const buckets = store.catalogue
    .buckets()
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map(({ name, createdAt }) =>
      element(
        'Bucket',
        textElement('Name', name),
        textElement('CreationDate', new Date(createdAt).toISOString()),
      ),
    );
  const owner = element('Owner', textElement('ID', LOCAL_ACCOUNT_ID), textElement('DisplayName', 'local'));
  return xmlResponse(xmlDocument('ListAllMyBucketsResult', owner, element('Buckets', ...buckets)));
};

/** A setting kept as the document it was sent as. */
interface BucketDocument {
  readonly setting: 'lifecycle' | 'cors';
  readonly root: string;
  readonly absent: S3ErrorCode;
  readonly isValidRule: (rule: XmlElement) => boolean;
}

const LIFECYCLE_ACTIONS = [
  'AbortIncompleteMultipartUpload',
  'Expiration',
  'NoncurrentVersionExpiration',
  'NoncurrentVersionTransition',
  'Transition',
];

const names = (element: XmlElement): string[] => element.children.map((child) => child.name);

const lifecycleDocument: BucketDocument = {
  setting: 'lifecycle',
  root: 'LifecycleConfiguration',
  absent: 'NoSuchLifecycleConfiguration',
  isValidRule: (rule) =>
    ['Enabled', 'Disabled'].includes(requiredText(rule, 'Status')) &&
    ['Filter', 'Prefix'].some((name) => names(rule).includes(name)) &&
    LIFECYCLE_ACTIONS.some((name) => names(rule).includes(name)),
};

const corsDocument: BucketDocument = {
  setting: 'cors',
  root: 'CORSConfiguration',
  absent: 'NoSuchCORSConfiguration',
  isValidRule: (rule) => ['AllowedMethod', 'AllowedOrigin'].every((name) => names(rule).includes(name)),
};

const putDocument =
  ({ setting, root, isValidRule }: BucketDocument) =>
  async (request: S3Request, store: S3Store): Promise<S3Response> => {
    if (request.headers['content-md5'] === undefined && announcedChecksum(request.headers) === undefined) {
      throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5');
    }
    const body = await readDocument(request);
    const parsed = parseXml(body, root);
    const rules = childrenNamed(parsed, setting === 'cors' ? 'CORSRule' : 'Rule');
    if (rules.length === 0 || !rules.every(isValidRule)) {
      throw new S3Error('MalformedXML', `The ${root} has no rule, or a rule lacks a required element`);
    }
    const bucket: BucketSettings = { ...store.catalogue.bucket(request.bucket), [setting]: body.toString() };
    store.catalogue.record({ change: 'bucket', bucket });
    return { status: 200 };
  };

const getDocument =
  ({ setting, absent }: BucketDocument) =>
  ({ bucket }: S3Request, store: S3Store): S3Response => {
    const document = store.catalogue.bucket(bucket)[setting];
    if (document !== undefined) return xmlResponse(document);
    throw new S3Error(absent, `The ${setting} configuration does not exist`, { BucketName: bucket });
  };

/** Rules are kept and given back; this server itself expires nothing. */
export const putBucketLifecycle = putDocument(lifecycleDocument);
export const getBucketLifecycle = getDocument(lifecycleDocument);
export const putBucketCors = putDocument(corsDocument);
export const getBucketCors = getDocument(corsDocument);
