import { announcedChecksum, checksumHeader, type ChecksumAlgorithm } from './checksum.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { ContentDigest } from './content-digest.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';

const LARGEST_OBJECT_BYTES = 5 * 1024 ** 3;
const LARGEST_DOCUMENT_BYTES = 8 * 1024 ** 2;

const declaredSize = ({ headers }: S3Request): number => {
  const decoded = headers['x-amz-decoded-content-length'];
  const size = decoded ?? headers['content-length'];
  if (size === undefined && headers['transfer-encoding'] !== undefined) {
    throw notImplemented('Transfer-Encoding without x-amz-decoded-content-length');
  }
  if (size === undefined || !/^\d+$/.test(size)) {
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (Number(size) > LARGEST_OBJECT_BYTES) {
    const reason = 'Your proposed upload exceeds the maximum allowed size';
    throw new S3Error('EntityTooLarge', reason, { ProposedSize: size });
  }
  return Number(size);
};

const isStreaming = (payloadHash: string): boolean => payloadHash.startsWith('STREAMING-');

export interface BodyExpectations {
  /** The checksum to compute when the request announces none. */
  readonly computed?: ChecksumAlgorithm | undefined;
  /** What the checksum header is of: when a multipart upload is completed it is of the object, not of the body. */
  readonly checksumOf?: 'body' | 'object';
}

/** Content of a request, verified while it is read: the last read throws when anything does not agree. */
export class RequestBody {
  readonly digest: ContentDigest;
  readonly #request: S3Request;
  readonly #size: number;
  readonly #announced: ChecksumAlgorithm | undefined;
  #trailers: ReadonlyMap<string, string> = new Map();

  /** Throws S3Error when the request does not say how long its content is. */
  constructor(request: S3Request, { computed, checksumOf = 'body' }: BodyExpectations = {}) {
    const { payloadHash } = request.verdict;
    const hashed = payloadHash !== 'UNSIGNED-PAYLOAD' && !isStreaming(payloadHash);
    this.#request = request;
    this.#size = declaredSize(request);
    this.#announced = checksumOf === 'body' ? announcedChecksum(request.headers) : undefined;
    this.digest = new ContentDigest(this.#announced ?? computed, hashed);
  }

  /** Throws S3Error `IncompleteBody`, `XAmzContentSHA256Mismatch`, `BadDigest`, `MalformedTrailerError` or `SignatureDoesNotMatch`. */
  async *content(): AsyncGenerator<Buffer> {
    yield* this.digest.over(this.#unframed());
    this.#verify();
  }

  #unframed(): AsyncIterable<Buffer> {
    const { message, verdict } = this.#request;
    // An early end must leave the connection open, or the refusal could not be sent.
    const raw: AsyncIterable<Buffer> = message.iterator({ destroyOnReturn: false });
    if (!isStreaming(verdict.payloadHash)) return raw;
    return decodeAwsChunked(raw, verdict, (trailers) => this.#acceptTrailers(trailers));
  }

  #acceptTrailers(trailers: ReadonlyMap<string, string>): void {
    const announced = (this.#request.headers['x-amz-trailer'] ?? '').toLowerCase().split(/, */);
    const surprise = [...trailers.keys()].find((name) => !announced.includes(name));
    if (surprise !== undefined) {
      throw new S3Error('MalformedTrailerError', `The trailer ${surprise} was sent but not announced.`);
    }
    this.#trailers = trailers;
  }

  #verify(): void {
    const { headers, verdict } = this.#request;
    const { md5, sha256 } = this.digest.sums;
    if (this.digest.size !== this.#size) {
      const reason = 'You did not provide the number of bytes specified by the Content-Length HTTP header';
      throw new S3Error('IncompleteBody', reason);
    }
    if (/^[0-9a-f]{64}$/.test(verdict.payloadHash) && sha256?.toString('hex') !== verdict.payloadHash) {
      const reason = "The provided 'x-amz-content-sha256' header does not match what was computed.";
      throw new S3Error('XAmzContentSHA256Mismatch', reason);
    }
    const declaredMd5 = headers['content-md5'];
    if (declaredMd5 !== undefined && declaredMd5 !== md5.toString('base64')) {
      throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
    this.#verifyChecksum();
  }

  #verifyChecksum(): void {
    const algorithm = this.#announced;
    if (algorithm === undefined) return;
    const name = checksumHeader(algorithm);
    const declared = this.#request.headers[name] ?? this.#trailers.get(name);
    if (declared === undefined) {
      throw new S3Error('MalformedTrailerError', `The trailer ${name} was announced but not sent.`);
    }
    if (declared === this.digest.sums.checksum?.value) return;
    throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}

/** Reads the whole of a small body. Throws S3Error as RequestBody does, and `EntityTooLarge` beyond 8 MiB. */
export const readDocument = async (
  request: S3Request,
  checksumOf: 'body' | 'object' = 'body',
): Promise<Buffer> => {
  const hasBody =
    request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  if (!hasBody) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  const body = new RequestBody(request, { checksumOf });
  for await (const chunk of body.content()) {
    if (body.digest.size > LARGEST_DOCUMENT_BYTES) {
      throw new S3Error('EntityTooLarge', 'The document in the request body is too large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
