import { percentEncode } from '../aws-signature.ts';
import { LOCAL_ACCOUNT_ID } from '../local-identity.ts';
import type { StoredObject } from './catalogue-record.ts';
import { storageClassOf } from './object-headers.ts';
import { compareUtf8, type OrderedKeys } from './ordered-keys.ts';
import { S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { xmlResponse, type S3Response } from './s3-response.ts';
import type { S3Store } from './s3-store.ts';
import { element, textElement, xmlDocument } from './xml.ts';

const LARGEST_PAGE = 1000;

/** Where a listing goes on: after a key, or after all keys below a common prefix. */
interface Position {
  readonly kind: 'key' | 'prefix';
  readonly text: string;
}

interface ListPlan {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  readonly after: Position | undefined;
}

interface ListPage {
  readonly objects: StoredObject[];
  readonly prefixes: string[];
  readonly next: Position | undefined;
}

/** Size of a page. Throws S3Error `InvalidArgument`. */
export const pageSize = (query: ReadonlyMap<string, string>, name: string): number => {
  const text = query.get(name) ?? String(LARGEST_PAGE);
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text), LARGEST_PAGE);
  throw new S3Error('InvalidArgument', `Provided ${name} not an integer or within integer range`);
};

/** How keys are written in the answer. Throws S3Error `InvalidArgument`. */
export const keyEncoding = (query: ReadonlyMap<string, string>): ((key: string) => string) => {
  const encoding = query.get('encoding-type');
  if (encoding === undefined) return (key) => key;
  if (encoding === 'url') return (key) => percentEncode(key).replaceAll('%2F', '/');
  throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request');
};

const encodePosition = ({ kind, text }: Position): string =>
  Buffer.from(`${kind}:${text}`).toString('base64url');

const decodePosition = (token: string): Position => {
  const [, kind, text] = /^(key|prefix):(.*)$/s.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if ((kind === 'key' || kind === 'prefix') && text !== undefined) return { kind, text };
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect');
};

const readPlan = (query: ReadonlyMap<string, string>): ListPlan => {
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const start: Position | undefined =
    startAfter === undefined ? undefined : { kind: 'key', text: startAfter };
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    limit: pageSize(query, 'max-keys'),
    after: token === undefined ? start : decodePosition(token),
  };
};

const commonPrefix = (key: string, { prefix, delimiter }: ListPlan): string | undefined => {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
};

const isPassed = (key: string, after: Position | undefined): boolean =>
  after !== undefined &&
  (compareUtf8(key, after.text) <= 0 || (after.kind === 'prefix' && key.startsWith(after.text)));

const listPage = (keys: OrderedKeys<StoredObject>, plan: ListPlan): ListPage => {
  const objects: StoredObject[] = [];
  const prefixes: string[] = [];
  let last: Position | undefined;
  const start =
    plan.after !== undefined && compareUtf8(plan.after.text, plan.prefix) > 0 ? plan.after.text : plan.prefix;
  for (const [key, object] of plan.limit === 0 ? [] : keys.from(start)) {
    if (!key.startsWith(plan.prefix)) break;
    if (isPassed(key, plan.after)) continue;
    const common = commonPrefix(key, plan);
    if (common !== undefined && common === prefixes.at(-1)) continue;
    if (objects.length + prefixes.length === plan.limit) return { objects, prefixes, next: last };
    if (common === undefined) objects.push(object);
    else prefixes.push(common);
    last = common === undefined ? { kind: 'key', text: key } : { kind: 'prefix', text: common };
  }
  return { objects, prefixes, next: undefined };
};

const owner = (): string =>
  element('Owner', textElement('ID', LOCAL_ACCOUNT_ID), textElement('DisplayName', 'local'));

const objectElement = (object: StoredObject, encode: (key: string) => string, withOwner: boolean): string =>
  element(
    'Contents',
    textElement('Key', encode(object.key)),
    textElement('LastModified', new Date(object.lastModified).toISOString()),
    textElement('ETag', `"${object.etag}"`),
    ...(object.checksum === undefined
      ? []
      : [
          textElement('ChecksumAlgorithm', object.checksum.algorithm),
          textElement('ChecksumType', object.checksum.type),
        ]),
    textElement('Size', object.size),
    textElement('StorageClass', storageClassOf(object)),
    withOwner ? owner() : '',
  );

export const listObjects = ({ bucket, query }: S3Request, store: S3Store): S3Response => {
  if (query.get('list-type') !== '2') throw new S3Error('InvalidArgument', 'Invalid list-type parameter');
  const plan = readPlan(query);
  const encode = keyEncoding(query);
  const { objects, prefixes, next } = listPage(store.catalogue.objects(bucket), plan);
  const echoed = ['continuation-token', 'start-after', 'delimiter', 'encoding-type'] as const;
  const names = {
    'continuation-token': 'ContinuationToken',
    'start-after': 'StartAfter',
    delimiter: 'Delimiter',
    'encoding-type': 'EncodingType',
  };
  const encoded = ['start-after', 'delimiter'];
  return xmlResponse(
    xmlDocument(
      'ListBucketResult',
      textElement('Name', bucket),
      textElement('Prefix', encode(plan.prefix)),
      ...echoed.flatMap((name) => {
        const value = query.get(name);
        return value === undefined
          ? []
          : [textElement(names[name], encoded.includes(name) ? encode(value) : value)];
      }),
      textElement('KeyCount', objects.length + prefixes.length),
      textElement('MaxKeys', plan.limit),
      textElement('IsTruncated', next !== undefined),
      next === undefined ? '' : textElement('NextContinuationToken', encodePosition(next)),
      ...objects.map((object) => objectElement(object, encode, query.get('fetch-owner') === 'true')),
      ...prefixes.map((prefix) => element('CommonPrefixes', textElement('Prefix', encode(prefix)))),
    ),
  );
};
