import { createHash, createHmac } from 'node:crypto';
import type { SignatureVerdict } from '../aws-signature.ts';
import { S3Error } from './s3-error.ts';

const LONGEST_LINE = 16 * 1024;
const EMPTY_SHA256 = createHash('sha256').digest('hex');

const malformedChunk = (): S3Error =>
  new S3Error('IncompleteBody', 'The request body is not correctly framed as aws-chunked or ended too early');

/** Reads lines and counted bytes from a stream of chunks, keeping no more than one chunk and one line. */
class FrameReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next line without its CR LF. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 2);
        return line;
      }
      if (this.#rest.length > LONGEST_LINE || !(await this.#pull())) throw malformedChunk();
    }
  }

  async *bytes(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0;) {
      if (this.#rest.length === 0 && !(await this.#pull())) throw malformedChunk();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** Lets go of the source, which can then be read or drained by others. */
  async release(): Promise<void> {
    await this.#source.return?.();
  }

  async atEnd(): Promise<boolean> {
    return this.#rest.length === 0 && !(await this.#pull());
  }

  async #pull(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }
}

/** The chain of signatures of a signed stream: each covers the one before it. */
class SignatureChain {
  readonly #verdict: SignatureVerdict;
  #previous: string;

  constructor(verdict: SignatureVerdict) {
    this.#verdict = verdict;
    this.#previous = verdict.signature;
  }

  /** Throws S3Error `SignatureDoesNotMatch`. */
  verify(kind: 'PAYLOAD' | 'TRAILER', contentHashes: readonly string[], signature: string | undefined): void {
    const { scope, signingKey, timestamp } = this.#verdict;
    const toSign = [`AWS4-HMAC-SHA256-${kind}`, timestamp, scope, this.#previous, ...contentHashes].join(
      '\n',
    );
    this.#previous = createHmac('sha256', signingKey).update(toSign).digest('hex');
    if (signature === this.#previous) return;
    throw new S3Error(
      'SignatureDoesNotMatch',
      'The signature of a chunk of the request body does not match.',
    );
  }
}

const parseChunkHeader = (line: string, signed: boolean): { size: number; signature: string | undefined } => {
  const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (match?.[1] === undefined || (match[2] !== undefined) !== signed) throw malformedChunk();
  return { size: Number.parseInt(match[1], 16), signature: match[2] };
};

async function* chunkBody(
  frames: FrameReader,
  size: number,
  hash: (piece: Buffer) => unknown,
): AsyncGenerator<Buffer> {
  for await (const piece of frames.bytes(size)) {
    hash(piece);
    yield piece;
  }
  if ((await frames.line()) !== '') throw malformedChunk();
}

const readTrailers = async (
  frames: FrameReader,
  chain: SignatureChain | undefined,
): Promise<ReadonlyMap<string, string>> => {
  const trailers = new Map<string, string>();
  const signedText = createHash('sha256');
  let signature: string | undefined;
  for (let line = await frames.line(); line !== ''; line = await frames.line()) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === '')
      throw new S3Error(
        'MalformedTrailerError',
        'The request contained trailing data that was not well-formed',
      );
    if (name === 'x-amz-trailer-signature') signature = value;
    else {
      trailers.set(name, value);
      signedText.update(`${name}:${value}\n`);
    }
  }
  chain?.verify('TRAILER', [signedText.digest('hex')], signature);
  return trailers;
};

/**
 * Takes the aws-chunked framing off a body. Signed chunks are verified as they pass, so that a caller must
 * not make anything visible before the end. Throws S3Error `IncompleteBody`, `SignatureDoesNotMatch` or
 * `MalformedTrailerError`. `onTrailers` is called once, before the generator ends.
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  verdict: SignatureVerdict,
  onTrailers: (trailers: ReadonlyMap<string, string>) => void,
): AsyncGenerator<Buffer> {
  const frames = new FrameReader(source);
  try {
    yield* decodeFrames(frames, verdict, onTrailers);
    if (!(await frames.atEnd())) throw malformedChunk();
  } finally {
    await frames.release();
  }
}

async function* decodeFrames(
  frames: FrameReader,
  verdict: SignatureVerdict,
  onTrailers: (trailers: ReadonlyMap<string, string>) => void,
): AsyncGenerator<Buffer> {
  const signed = verdict.payloadHash.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD');
  const withTrailers = verdict.payloadHash.endsWith('-TRAILER');
  const chain = signed ? new SignatureChain(verdict) : undefined;
  for (;;) {
    const { size, signature } = parseChunkHeader(await frames.line(), signed);
    const hash = createHash('sha256');
    if (size > 0) yield* chunkBody(frames, size, (piece) => signed && hash.update(piece));
    chain?.verify('PAYLOAD', [EMPTY_SHA256, hash.digest('hex')], signature);
    if (size === 0) break;
  }
  if (withTrailers) onTrailers(await readTrailers(frames, signed ? chain : undefined));
  else if ((await frames.line()) !== '') throw malformedChunk();
}
