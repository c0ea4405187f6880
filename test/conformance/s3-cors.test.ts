import { GetObjectCommand, PutBucketCorsCommand, PutObjectCommand, type CORSRule } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { S3UnderTest } from '../support/s3-under-test.ts';

const PAGE = 'https://page.example';
const RULE: CORSRule = {
  AllowedOrigins: [PAGE],
  AllowedMethods: ['GET', 'HEAD'],
  AllowedHeaders: ['range', 'if-*'],
  ExposeHeaders: ['ETag', 'Content-Range'],
  MaxAgeSeconds: 60,
};

let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await S3UnderTest.start();
});
afterAll(() => s3.dispose());

/** A link to an object of five bytes, in a bucket of its own. */
const linkTo = async (CORSRules: CORSRule[] | undefined): Promise<string> => {
  const Bucket = await s3.newBucket();
  await s3.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'hello' }));
  if (CORSRules) await s3.client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  return getSignedUrl(s3.client, new GetObjectCommand({ Bucket, Key: 'a' }));
};

const preflight = (link: string, headers: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(link, {
    method: 'OPTIONS',
    headers: { origin: PAGE, 'access-control-request-method': 'GET', ...headers },
  });

const allowedOrigin = (response: Response): string | null =>
  response.headers.get('access-control-allow-origin');

describe('cross-origin requests to a bucket', () => {
  it('are answered like any other, without a word to the browser, where the bucket has no configuration', async () => {
    const response = await fetch(await linkTo(undefined), { headers: { origin: PAGE } });
    expect([response.status, allowedOrigin(response)]).toEqual([200, null]);
  });

  it('may be read by the pages that the configuration names, and by no others', async () => {
    const link = await linkTo([RULE]);
    const own = await fetch(link, { headers: { origin: PAGE, range: 'bytes=1-2' } });
    expect([own.status, await own.text(), allowedOrigin(own)]).toEqual([206, 'el', PAGE]);
    expect(own.headers.get('access-control-expose-headers')).toBe('ETag, Content-Range');
    expect(own.headers.get('vary')).toContain('Origin');
    const other = await fetch(link, { headers: { origin: 'https://other.example' } });
    expect([other.status, allowedOrigin(other)]).toEqual([200, null]);
  });

  it('let the page read refusals too', async () => {
    const link = new URL(await linkTo([RULE]));
    link.searchParams.set('X-Amz-Signature', '0'.repeat(64));
    const response = await fetch(link, { headers: { origin: PAGE } });
    expect([response.status, allowedOrigin(response)]).toEqual([403, PAGE]);
  });

  it('are allowed beforehand with the headers that a rule names', async () => {
    const link = await linkTo([RULE]);
    const response = await preflight(link, { 'access-control-request-headers': 'Range, If-Match' });
    expect([response.status, allowedOrigin(response)]).toEqual([200, PAGE]);
    expect(response.headers.get('access-control-allow-headers')).toBe('range, if-match');
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, HEAD');
    expect(response.headers.get('access-control-max-age')).toBe('60');
  });

  it.each([
    ['a header that no rule names', { 'access-control-request-headers': 'range, x-other' }],
    ['a method that no rule names', { 'access-control-request-method': 'PUT' }],
    ['another origin', { origin: 'https://other.example' }],
  ])('are refused beforehand for %s', async (_what, headers) => {
    const response = await preflight(await linkTo([RULE]), headers);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Code>AccessForbidden</Code>');
    expect(allowedOrigin(response)).toBeNull();
  });

  it('are not understood beforehand without an origin', async () => {
    const response = await fetch(await linkTo([RULE]), { method: 'OPTIONS' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('<Code>BadRequest</Code>');
  });

  it('fit a pattern of an origin, and any origin where a rule says so', async () => {
    const some = await linkTo([{ ...RULE, AllowedOrigins: ['https://*.example'] }]);
    expect(allowedOrigin(await fetch(some, { headers: { origin: 'https://a.b.example' } }))).toBe(
      'https://a.b.example',
    );
    expect(allowedOrigin(await fetch(some, { headers: { origin: 'https://a.test' } }))).toBeNull();
    const any = await linkTo([{ AllowedOrigins: ['*'], AllowedMethods: ['GET'] }]);
    expect(allowedOrigin(await fetch(any, { headers: { origin: PAGE } }))).toBe('*');
  });
});
