import { createHash } from 'node:crypto';
import { startChecksum, type Checksum, type ChecksumAlgorithm, type RunningDigest } from './checksum.ts';

export interface ContentSums {
  readonly md5: Buffer;
  /** Present when it was asked for. */
  readonly sha256: Buffer | undefined;
  readonly checksum: Checksum | undefined;
}

/** Computes all sums of some content in one pass, none of them twice. */
export class ContentDigest {
  size = 0;
  readonly #algorithm: ChecksumAlgorithm | undefined;
  readonly #md5 = createHash('md5');
  readonly #checksum: RunningDigest | undefined;
  readonly #sha256: RunningDigest | undefined;
  #sums: ContentSums | undefined;

  constructor(algorithm: ChecksumAlgorithm | undefined, withSha256 = false) {
    this.#algorithm = algorithm;
    this.#sha256 = withSha256 || algorithm === 'SHA256' ? startChecksum('SHA256') : undefined;
    if (algorithm !== undefined && algorithm !== 'SHA256') this.#checksum = startChecksum(algorithm);
  }

  /** Passes the content on. */
  async *over(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of content) {
      this.size += chunk.length;
      this.#md5.update(chunk);
      this.#sha256?.update(chunk);
      this.#checksum?.update(chunk);
      yield chunk;
    }
  }

  /** To be read when all content has passed. */
  get sums(): ContentSums {
    this.#sums ??= this.#finish();
    return this.#sums;
  }

  get etag(): string {
    return this.sums.md5.toString('hex');
  }

  #finish(): ContentSums {
    const sha256 = this.#sha256?.digest();
    const value = this.#checksum?.digest() ?? sha256;
    const checksum: Checksum | undefined =
      this.#algorithm === undefined || value === undefined
        ? undefined
        : { algorithm: this.#algorithm, value: value.toString('base64'), type: 'FULL_OBJECT' };
    return { md5: this.#md5.digest(), sha256, checksum };
  }
}
