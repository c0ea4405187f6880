import type { IncomingMessage } from 'node:http';
import { parseQuery, percentDecode, verifySignature, type SignatureVerdict } from '../aws-signature.ts';
import { LOCAL_ACCOUNT_ID, type LocalCredentials } from '../local-identity.ts';
import { notImplemented, S3Error } from './s3-error.ts';

const LONGEST_KEY_BYTES = 1024;
const VIRTUAL_HOST_SUFFIX = '.localhost';

const PAYLOAD_HASH =
  /^(?:[0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-UNSIGNED-PAYLOAD-TRAILER|STREAMING-AWS4-HMAC-SHA256-PAYLOAD(?:-TRAILER)?)$/;

/** All that this server takes account of. A header beyond these would ask for something that would not happen. */
const UNDERSTOOD_HEADERS =
  /^x-amz-(?:meta-.+|content-sha256|date|decoded-content-length|trailer|user-agent|security-token|expected-bucket-owner|source-expected-bucket-owner|sdk-checksum-algorithm|checksum-(?:algorithm|type|mode|crc32|crc32c|crc64nvme|sha1|sha256)|copy-source|copy-source-range|copy-source-if-(?:match|none-match|modified-since|unmodified-since)|metadata-directive|tagging|tagging-directive|storage-class|server-side-encryption(?:-aws-kms-key-id|-bucket-key-enabled)?|mp-object-size)$/;

/** An authentic request. `bucket` and `key` are empty when it names none; header names are in lower case. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly verdict: SignatureVerdict;
  readonly message: IncomingMessage;
}

/** The bucket and key that a request names, in its host or its path. Throws where the path is malformed. */
export const addressOf = ({ url = '/', headers }: IncomingMessage): { bucket: string; key: string } => {
  const [path = '/'] = url.split('?');
  const hostName = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (hostName.endsWith(VIRTUAL_HOST_SUFFIX)) {
    return { bucket: hostName.slice(0, -VIRTUAL_HOST_SUFFIX.length), key: percentDecode(path.slice(1)) };
  }
  const [, bucket = '', ...key] = path.split('/');
  return { bucket: percentDecode(bucket), key: percentDecode(key.join('/')) };
};

/** Text of a query as a header carries it, in UTF-8. Throws S3Error `InvalidArgument` when no header can. */
export const asHeaderValue = (text: string): string => {
  const value = Buffer.from(text).toString('latin1');
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new S3Error('InvalidArgument', 'A header value cannot hold control characters');
};

/** Presigned URLs carry `x-amz-` headers as query parameters; S3 takes them for the headers they stand for. */
const effectiveHeaders = (
  message: IncomingMessage,
  query: ReadonlyMap<string, string>,
): Record<string, string> => {
  const hoisted = [...query]
    .filter(([name]) => name.startsWith('x-amz-'))
    .map(([name, value]): [string, string] => [name, asHeaderValue(value)]);
  const sent = Object.entries(message.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return Object.fromEntries<string>([...hoisted, ...sent]);
};

const checkHeaders = (headers: Readonly<Record<string, string>>): void => {
  const unknown = Object.keys(headers).find(
    (name) => name.startsWith('x-amz-') && !UNDERSTOOD_HEADERS.test(name),
  );
  if (unknown !== undefined) throw notImplemented(`header ${unknown}`);
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    if (headers[name] !== undefined && headers[name] !== LOCAL_ACCOUNT_ID) {
      throw new S3Error('AccessDenied', 'The bucket has another owner than the one expected.');
    }
  }
};

/** Throws SignatureError when the request is not authentic and S3Error when it asks for what no operation here does. */
export const readS3Request = (
  message: IncomingMessage,
  credentials: LocalCredentials,
  now: number,
): S3Request => {
  const [path = '/', ...rest] = (message.url ?? '/').split('?');
  const method = message.method ?? 'GET';
  const rawQuery = rest.join('?');
  const signed = { method, path, query: rawQuery, headers: message.headers };
  const verdict = verifySignature(signed, { service: 's3', credentials, now });
  if (!PAYLOAD_HASH.test(verdict.payloadHash)) {
    const reason =
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING- value, or a valid sha256 value.';
    throw new S3Error('InvalidArgument', reason);
  }
  const query = new Map(parseQuery(rawQuery));
  const headers = effectiveHeaders(message, query);
  checkHeaders(headers);
  const { bucket, key } = addressOf(message);
  if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', 'Your key is too long', {
      MaxSizeAllowed: String(LONGEST_KEY_BYTES),
    });
  }
  return { method, bucket, key, query, headers, verdict, message };
};
