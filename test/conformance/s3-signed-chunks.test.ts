import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { refusal, S3UnderTest } from '../support/s3-under-test.ts';

// Uploads in signed chunks, byte for byte the worked examples of AWS's documentation ("Transferring Payload in
// Multiple Chunks"): 65 KiB of the letter a, sent on 24 May 2013 with AWS's example key.
const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const content = 'a'.repeat(66_560);
const scope = 'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';
const commonHeaders = {
  host: 's3.amazonaws.com',
  'x-amz-date': '20130524T000000Z',
  'x-amz-storage-class': 'REDUCED_REDUNDANCY',
  'content-encoding': 'aws-chunked',
  'x-amz-decoded-content-length': '66560',
};

interface Example {
  readonly headers: Record<string, string>;
  readonly body: string;
}

const plain: Example = {
  headers: {
    ...commonHeaders,
    'content-length': '66824',
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    authorization: `${scope},SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9`,
  },
  body: [
    `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${content.slice(0, 65_536)}\r\n`,
    `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${content.slice(65_536)}\r\n`,
    '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n',
  ].join(''),
};

const trailing: Example = {
  headers: {
    ...commonHeaders,
    'transfer-encoding': 'chunked',
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    'x-amz-trailer': 'x-amz-checksum-crc32c',
    authorization: `${scope},SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e`,
  },
  body: [
    `10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n${content.slice(0, 65_536)}\r\n`,
    `400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n${content.slice(65_536)}\r\n`,
    '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n',
    'x-amz-checksum-crc32c:sOO8/Q==\r\n',
    'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
  ].join(''),
};

let s3: S3UnderTest;
beforeEach(async () => {
  const now = () => Date.UTC(2013, 4, 24);
  s3 = await S3UnderTest.start({ credentials, now, buckets: ['examplebucket'] });
});
afterEach(() => s3.dispose());

const upload = async ({ headers, body }: Example) => {
  const sending = httpRequest(`${s3.url}/examplebucket/chunkObject.txt`, { method: 'PUT', headers });
  sending.end(body);
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode,
    code: /<Code>(.*)<\/Code>/.exec(Buffer.concat(chunks).toString())?.[1],
  };
};
const stored = () =>
  s3
    .newClient({ credentials, systemClockOffset: Date.UTC(2013, 4, 24) - Date.now() })
    .send(new GetObjectCommand({ Bucket: 'examplebucket', Key: 'chunkObject.txt' }));

describe.each<[string, Example]>([
  ['without a trailer', plain],
  ['with a signed trailer', trailing],
])('an upload in signed chunks %s', (_what, example) => {
  it('is taken as documented', async () => {
    expect(await upload(example)).toEqual({ status: 200, code: undefined });
    const object = await stored();
    expect(object).toMatchObject({ ContentLength: 66_560, StorageClass: 'REDUCED_REDUNDANCY' });
    expect(object.ContentEncoding).toBeUndefined();
    expect(await object.Body?.transformToString()).toBe(content);
  });

  it.each<[string, (body: string) => string]>([
    ['content', (body) => body.replace('\r\naaaa', '\r\nbaaa')],
    ['content of the second chunk', (body) => body.replace(/a\r\n0;/, 'b\r\n0;')],
    [
      'signature of a chunk',
      (body) => body.replace('chunk-signature=0055', 'chunk-signature=0056').replace('=1c13', '=1c14'),
    ],
    [
      'signature of the last chunk',
      (body) => body.replace('0;chunk-signature=b6', '0;chunk-signature=b7').replace('=2ca2', '=2ca3'),
    ],
  ])('is refused when the %s was changed', async (_part, change) => {
    expect(change(example.body)).not.toBe(example.body);
    expect(await upload({ ...example, body: change(example.body) })).toEqual({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
    expect(await refusal(stored())).toMatchObject({ code: 'NoSuchKey' });
  });
});

describe('a signed trailer', () => {
  it.each([
    ['its signature', 'signature:d81f', 'signature:d81e'],
    ['the checksum in it', 'sOO8/Q==', 'sOO8/A=='],
  ])('is refused when %s was changed', async (_what, from, to) => {
    const body = trailing.body.replace(from, to);
    expect(body).not.toBe(trailing.body);
    expect(await upload({ ...trailing, body })).toEqual({ status: 403, code: 'SignatureDoesNotMatch' });
  });
});
