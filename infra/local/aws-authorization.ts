import type { IncomingHttpHeaders } from 'node:http';

export const ALGORITHM = 'AWS4-HMAC-SHA256';
const LONGEST_PRESIGNED_SECONDS = 604_800;

export type SignatureErrorCode =
  | 'AccessDenied'
  | 'AuthorizationHeaderMalformed'
  | 'AuthorizationQueryParametersError'
  | 'InvalidAccessKeyId'
  | 'InvalidArgument'
  | 'InvalidRequest'
  | 'InvalidURI'
  | 'MissingAuthenticationToken'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch';

/** A request that is not authentic. `code` and `status` are those of S3; other services map the code to their own. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly code: SignatureErrorCode;
  readonly status: 400 | 403;

  constructor(code: SignatureErrorCode, status: 400 | 403, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What a request claims about its own signature; nothing in it is verified yet. */
export interface Authorization {
  readonly accessKeyId: string;
  readonly scope: string;
  readonly day: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly timestamp: string;
  readonly presignedSeconds: number | undefined;
}

/** Percent-encodes all but the unreserved characters of RFC 3986, as SigV4 does. */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Throws SignatureError `InvalidURI` when the text is not valid percent-encoded UTF-8. */
export const percentDecode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SignatureError('InvalidURI', 400, "Couldn't parse the specified URI.");
  }
};

/** Name and value pairs in the order sent, decoded. Throws SignatureError `InvalidURI`. */
export const parseQuery = (query: string): [name: string, value: string][] =>
  query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.replaceAll('+', '%20').split('=');
      return [percentDecode(name), percentDecode(value.join('='))];
    });

/** The value of a header, several of one name joined as SigV4 joins them. */
export const headerText = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};

const splitCredential = (credential: string, service: string) => {
  const [accessKeyId, day, region, scopeService, terminator, ...rest] = credential.split('/');
  const valid = scopeService === service && terminator === 'aws4_request' && rest.length === 0;
  if (!valid || !accessKeyId || !region || !day || !/^\d{8}$/.test(day)) return undefined;
  return { accessKeyId, day, region, scope: `${day}/${region}/${service}/aws4_request` };
};

const parseAuthorizationHeader = (headers: IncomingHttpHeaders, service: string): Authorization => {
  const header = headers.authorization ?? '';
  if (!header.startsWith(`${ALGORITHM} `)) {
    const advice = `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM}.`;
    throw new SignatureError('InvalidRequest', 400, advice);
  }
  const fields = new Map(
    header
      .slice(ALGORITHM.length)
      .split(',')
      .map((field) => [
        field.slice(0, field.indexOf('=')).trim(),
        field.slice(field.indexOf('=') + 1).trim(),
      ]),
  );
  const credential = splitCredential(fields.get('Credential') ?? '', service);
  const signedHeaders = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  if (credential === undefined || !signedHeaders || !signature) {
    const reason = `The authorization header is malformed; it needs Credential with the service "${service}", SignedHeaders and Signature.`;
    throw new SignatureError('AuthorizationHeaderMalformed', 400, reason);
  }
  return {
    ...credential,
    signedHeaders: signedHeaders.split(';'),
    signature,
    timestamp: headerText(headers, 'x-amz-date') ?? '',
    presignedSeconds: undefined,
  };
};

const parsePresignedQuery = (parameters: ReadonlyMap<string, string>, service: string): Authorization => {
  const refuse = (reason: string) => new SignatureError('AuthorizationQueryParametersError', 400, reason);
  if (parameters.get('X-Amz-Algorithm') !== ALGORITHM)
    throw refuse(`X-Amz-Algorithm only supports "${ALGORITHM}"`);
  const credential = splitCredential(parameters.get('X-Amz-Credential') ?? '', service);
  if (credential === undefined) throw refuse(`X-Amz-Credential must be a scope of the service "${service}"`);
  const signedHeaders = parameters.get('X-Amz-SignedHeaders');
  const signature = parameters.get('X-Amz-Signature');
  const expires = parameters.get('X-Amz-Expires') ?? '';
  if (!signedHeaders || !signature) throw refuse('X-Amz-SignedHeaders and X-Amz-Signature are required');
  const presignedSeconds = /^\d+$/.test(expires) ? Number(expires) : 0;
  if (presignedSeconds < 1 || presignedSeconds > LONGEST_PRESIGNED_SECONDS) {
    throw refuse(`X-Amz-Expires must be between 1 and ${LONGEST_PRESIGNED_SECONDS} seconds`);
  }
  const timestamp = parameters.get('X-Amz-Date') ?? '';
  return { ...credential, signedHeaders: signedHeaders.split(';'), signature, timestamp, presignedSeconds };
};

/**
 * Reads the Authorization header or the presigned query of a request.
 * Throws SignatureError when there is none, are both, or when it is malformed.
 */
export const readAuthorization = (
  headers: IncomingHttpHeaders,
  parameters: ReadonlyMap<string, string>,
  service: string,
): Authorization => {
  const presigned = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature'].some((name) =>
    parameters.has(name),
  );
  if (presigned && headers.authorization !== undefined) {
    const reason =
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified.';
    throw new SignatureError('InvalidArgument', 400, reason);
  }
  if (presigned) return parsePresignedQuery(parameters, service);
  if (headers.authorization !== undefined) return parseAuthorizationHeader(headers, service);
  if (parameters.has('AWSAccessKeyId')) {
    throw new SignatureError(
      'InvalidRequest',
      400,
      `Signature version 2 is not supported. Please use ${ALGORITHM}.`,
    );
  }
  throw new SignatureError('MissingAuthenticationToken', 403, 'Request is missing Authentication Token');
};
