import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import {
  ALGORITHM,
  headerText,
  parseQuery,
  percentDecode,
  percentEncode,
  readAuthorization,
  SignatureError,
  type Authorization,
} from './aws-authorization.ts';
import type { LocalCredentials } from './local-identity.ts';

export { parseQuery, percentDecode, percentEncode, SignatureError } from './aws-authorization.ts';
export type { SignatureErrorCode } from './aws-authorization.ts';

const ALLOWED_SKEW_MS = 15 * 60_000;

/** The request as it stood on the wire: nothing decoded, the path without the query, the query without `?`. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
}

export interface SignatureExpectations {
  /** Service name of the credential scope, such as `s3` or `dynamodb`. `s3` selects S3's own path and payload rules. */
  readonly service: string;
  readonly credentials: LocalCredentials;
  /** Server time, milliseconds since the epoch. */
  readonly now: number;
  /** The whole body. Needed for every service but S3, whose payload hash is a header and is checked while reading. */
  readonly body?: Uint8Array;
}

export interface SignatureVerdict {
  /** Hex SHA-256 of the payload, or `UNSIGNED-PAYLOAD`, or a `STREAMING-...` marker: what the signature covers. */
  readonly payloadHash: string;
  readonly presigned: boolean;
  /** What the signatures of the chunks of a signed stream are chained to. */
  readonly signature: string;
  readonly signingKey: Buffer;
  readonly scope: string;
  readonly timestamp: string;
}

const sha256Hex = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');
const hmac = (key: string | Buffer, content: string): Buffer =>
  createHmac('sha256', key).update(content).digest();

const parseTimestamp = (timestamp: string): number =>
  Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

const checkTime = ({ timestamp, day, presignedSeconds }: Authorization, now: number): void => {
  const signedAt = parseTimestamp(timestamp);
  if (Number.isNaN(signedAt) || !timestamp.startsWith(day)) {
    throw new SignatureError(
      'AccessDenied',
      403,
      'X-Amz-Date must be present and agree with the credential scope',
    );
  }
  if (presignedSeconds === undefined) {
    if (Math.abs(now - signedAt) <= ALLOWED_SKEW_MS) return;
    const reason = 'The difference between the request time and the current time is too large.';
    throw new SignatureError('RequestTimeTooSkewed', 403, reason);
  }
  if (signedAt - now > ALLOWED_SKEW_MS)
    throw new SignatureError('AccessDenied', 403, 'Request is not valid yet');
  if (now > signedAt + presignedSeconds * 1000)
    throw new SignatureError('AccessDenied', 403, 'Request has expired');
};

const checkSignedHeaders = (
  headers: IncomingHttpHeaders,
  signed: readonly string[],
  service: string,
): void => {
  // S3 alone insists on every x-amz- header: otherwise a presigned PUT could be turned into a copy of any object.
  const required = [
    'host',
    ...(service === 's3' ? Object.keys(headers).filter((name) => name.startsWith('x-amz-')) : []),
  ];
  const missing = required.filter((name) => !signed.includes(name));
  if (missing.length === 0) return;
  const reason = `There were headers present in the request which were not signed: ${missing.join(', ')}`;
  throw new SignatureError('AccessDenied', 403, reason);
};

const payloadHashOf = (
  { headers }: SignedRequest,
  { service, body }: SignatureExpectations,
  parameters: ReadonlyMap<string, string>,
  presigned: boolean,
): string => {
  if (service !== 's3') return sha256Hex(body ?? new Uint8Array());
  const declared = parameters.get('X-Amz-Content-Sha256') ?? headerText(headers, 'x-amz-content-sha256');
  if (declared !== undefined) return declared;
  if (presigned) return 'UNSIGNED-PAYLOAD';
  throw new SignatureError(
    'InvalidRequest',
    400,
    'Missing required header for this request: x-amz-content-sha256',
  );
};

const canonicalPath = (path: string, service: string): string =>
  path
    .split('/')
    .map((segment) => (service === 's3' ? percentEncode(percentDecode(segment)) : percentEncode(segment)))
    .join('/');

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const canonicalQuery = (parameters: readonly (readonly [string, string])[]): string =>
  parameters
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([name, value], [otherName, otherValue]) => byText(name, otherName) || byText(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const canonicalHeaders = (headers: IncomingHttpHeaders, signed: readonly string[]): string =>
  signed.map((name) => `${name}:${(headerText(headers, name) ?? '').trim().replace(/ +/g, ' ')}\n`).join('');

const equalInConstantTime = (left: string, right: string): boolean => {
  const [leftBytes, rightBytes] = [Buffer.from(left), Buffer.from(right)];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
};

const deriveSigningKey = (secretAccessKey: string, scope: string): Buffer =>
  scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));

let latest: { readonly secretAccessKey: string; readonly scope: string; readonly key: Buffer } | undefined;

/** One request after the other comes from the same client, with the same key all day; so the last one is kept. */
const signingKeyOf = ({ secretAccessKey }: LocalCredentials, scope: string): Buffer => {
  if (latest?.secretAccessKey !== secretAccessKey || latest.scope !== scope) {
    latest = { secretAccessKey, scope, key: deriveSigningKey(secretAccessKey, scope) };
  }
  return latest.key;
};

/**
 * Verifies the SigV4 signature of a request, in the Authorization header or in a presigned query.
 * Any region is accepted, since the local system stands for all; the service, the day and the key must agree.
 * Throws SignatureError.
 */
export const verifySignature = (
  request: SignedRequest,
  expectations: SignatureExpectations,
): SignatureVerdict => {
  const { service, credentials, now } = expectations;
  const query = parseQuery(request.query);
  const parameters = new Map(query);
  const authorization = readAuthorization(request.headers, parameters, service);
  const { signedHeaders, scope, timestamp } = authorization;
  const presigned = authorization.presignedSeconds !== undefined;
  if (authorization.accessKeyId !== credentials.accessKeyId) {
    throw new SignatureError(
      'InvalidAccessKeyId',
      403,
      'The AWS Access Key Id you provided does not exist in our records.',
    );
  }
  checkTime(authorization, now);
  checkSignedHeaders(request.headers, signedHeaders, service);
  const payloadHash = payloadHashOf(request, expectations, parameters, presigned);
  // Node decodes headers as Latin-1; turned back so that what is hashed are the bytes as they came.
  const canonicalRequest = [
    request.method,
    canonicalPath(request.path, service),
    canonicalQuery(query),
    canonicalHeaders(request.headers, signedHeaders),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
  const signingKey = signingKeyOf(credentials, scope);
  const expected = hmac(
    signingKey,
    [ALGORITHM, timestamp, scope, sha256Hex(Buffer.from(canonicalRequest, 'latin1'))].join('\n'),
  ).toString('hex');
  if (!equalInConstantTime(authorization.signature, expected)) {
    const reason =
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.';
    throw new SignatureError('SignatureDoesNotMatch', 403, reason);
  }
  return { payloadHash, presigned, signature: expected, signingKey, scope, timestamp };
};
