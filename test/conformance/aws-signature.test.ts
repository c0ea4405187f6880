import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SignatureError, verifySignature } from '../../infra/local/aws-signature.ts';
import type { SignatureExpectations, SignedRequest } from '../../infra/local/aws-signature.ts';

// The worked examples of AWS's own documentation: requests, keys and signatures computed by nobody here.
const EMPTY_SHA256 = createHash('sha256').digest('hex');
const S3_SCOPE = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';
const s3: SignatureExpectations = {
  service: 's3',
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  now: Date.UTC(2013, 4, 24),
};
const s3Get: SignedRequest = {
  method: 'GET',
  path: '/test.txt',
  query: '',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': EMPTY_SHA256,
    'x-amz-date': '20130524T000000Z',
    authorization: `AWS4-HMAC-SHA256 Credential=${S3_SCOPE},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41`,
  },
};
const s3Put: SignedRequest = {
  method: 'PUT',
  path: '/test$file.text',
  query: '',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    date: 'Fri, 24 May 2013 00:00:00 GMT',
    'x-amz-date': '20130524T000000Z',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    authorization: `AWS4-HMAC-SHA256 Credential=${S3_SCOPE},SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd`,
  },
};
const s3Presigned: SignedRequest = {
  method: 'GET',
  path: '/test.txt',
  query: `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(S3_SCOPE)}&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404`,
  headers: { host: 'examplebucket.s3.amazonaws.com' },
};
const iam: SignatureExpectations = {
  service: 'iam',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
  now: Date.UTC(2015, 7, 30, 12, 36),
  body: Buffer.alloc(0),
};
const iamList: SignedRequest = {
  method: 'GET',
  path: '/',
  query: 'Action=ListUsers&Version=2010-05-08',
  headers: {
    host: 'iam.amazonaws.com',
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  },
};

const refusal = (request: SignedRequest, expectations: SignatureExpectations) => {
  try {
    verifySignature(request, expectations);
  } catch (error) {
    if (error instanceof SignatureError)
      return { code: error.code, status: error.status, text: error.message };
    throw error;
  }
  return 'accepted';
};
const withHeaders = (request: SignedRequest, headers: Record<string, string | undefined>): SignedRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
});
const withQuery = (pattern: string | RegExp, replacement: string): SignedRequest => ({
  ...s3Presigned,
  query: s3Presigned.query.replace(pattern, replacement),
});

describe('requests signed in the Authorization header', () => {
  it('accepts the documented S3 examples and reports the payload hash they sign', () => {
    expect(verifySignature(s3Get, s3)).toMatchObject({ payloadHash: EMPTY_SHA256, presigned: false });
    expect(verifySignature(s3Put, s3)).toMatchObject({ payloadHash: s3Put.headers['x-amz-content-sha256'] });
  });

  it('accepts the documented example of another service and hashes its body', () => {
    expect(verifySignature(iamList, iam)).toMatchObject({ payloadHash: EMPTY_SHA256, presigned: false });
    expect(refusal(iamList, { ...iam, body: Buffer.from('x') })).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  it.each<[string, SignedRequest]>([
    ['method', { ...s3Get, method: 'DELETE' }],
    ['path', { ...s3Get, path: '/other.txt' }],
    ['query', { ...s3Get, query: 'versionId=1' }],
    ['signed header', withHeaders(s3Get, { range: 'bytes=0-99' })],
    ['payload hash', withHeaders(s3Get, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })],
    ['signature', withHeaders(s3Get, { authorization: s3Get.headers.authorization?.replace(/1$/, '2') })],
    ['signature length', withHeaders(s3Get, { authorization: s3Get.headers.authorization?.slice(0, -1) })],
  ])('refuses a request whose %s was changed', (_what, request) => {
    expect(refusal(request, s3)).toMatchObject({ code: 'SignatureDoesNotMatch', status: 403 });
  });

  it('refuses another secret and an unknown access key', () => {
    const { accessKeyId, secretAccessKey } = s3.credentials;
    expect(refusal(s3Get, { ...s3, credentials: { accessKeyId, secretAccessKey: 'x' } })).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    expect(refusal(s3Get, { ...s3, credentials: { accessKeyId: 'x', secretAccessKey } })).toMatchObject({
      code: 'InvalidAccessKeyId',
    });
  });

  it('allows a clock skew of 15 minutes either way and no more', () => {
    for (const minutes of [-15, 15]) {
      expect(refusal(s3Get, { ...s3, now: s3.now + minutes * 60_000 })).toBe('accepted');
      expect(refusal(s3Get, { ...s3, now: s3.now + minutes * 60_001 })).toMatchObject({
        code: 'RequestTimeTooSkewed',
        status: 403,
      });
    }
  });

  it('refuses a header x-amz-* that is not signed, for S3', () => {
    const copied = withHeaders(s3Get, { 'x-amz-copy-source': '/other/secret' });
    expect(refusal(copied, s3)).toMatchObject({ code: 'AccessDenied', status: 403 });
  });

  it.each<[string, string | undefined, string]>([
    ['no authentication', undefined, 'MissingAuthenticationToken'],
    ['signature version 2', 'AWS AKIAIOSFODNN7EXAMPLE:abc=', 'InvalidRequest'],
    ['an unsigned host', s3Get.headers.authorization?.replace('=host;', '='), 'AccessDenied'],
    [
      'another service',
      s3Get.headers.authorization?.replace('/s3/', '/sqs/'),
      'AuthorizationHeaderMalformed',
    ],
    ['another day', s3Get.headers.authorization?.replace('/20130524/', '/20130525/'), 'AccessDenied'],
    ['no signature', s3Get.headers.authorization?.split(',Signature')[0], 'AuthorizationHeaderMalformed'],
  ])('refuses %s', (_what, authorization, code) => {
    expect(refusal(withHeaders(s3Get, { authorization }), s3)).toMatchObject({ code });
  });
});

describe('presigned requests', () => {
  it('accepts the documented example until the second it expires', () => {
    expect(verifySignature(s3Presigned, s3)).toMatchObject({
      payloadHash: 'UNSIGNED-PAYLOAD',
      presigned: true,
    });
    expect(refusal(s3Presigned, { ...s3, now: s3.now + 86_400_000 })).toBe('accepted');
    expect(refusal(s3Presigned, { ...s3, now: s3.now + 86_400_001 })).toEqual({
      code: 'AccessDenied',
      status: 403,
      text: 'Request has expired',
    });
  });

  it('refuses one that is signed for later', () => {
    expect(refusal(s3Presigned, { ...s3, now: s3.now - 16 * 60_000 })).toMatchObject({
      code: 'AccessDenied',
    });
  });

  it('refuses a tampered query', () => {
    const forged = { code: 'SignatureDoesNotMatch' };
    expect(refusal(withQuery('Expires=86400', 'Expires=86401'), s3)).toMatchObject(forged);
    expect(refusal(withQuery(/$/, '&response-content-type=text%2Fhtml'), s3)).toMatchObject(forged);
  });

  it.each(['0', '604801', '-1', '1e3', ''])('refuses an expiry of "%s" seconds', (seconds) => {
    expect(refusal(withQuery('Expires=86400', `Expires=${seconds}`), s3)).toMatchObject({
      code: 'AuthorizationQueryParametersError',
      status: 400,
    });
  });

  it('refuses a second authentication in the header', () => {
    const both = withHeaders(s3Presigned, { authorization: 'Bearer token' });
    expect(refusal(both, s3)).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });

  it('refuses text that is not UTF-8', () => {
    expect(refusal({ ...s3Get, query: 'a=%ff' }, s3)).toMatchObject({ code: 'InvalidURI', status: 400 });
  });
});
