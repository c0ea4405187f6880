import { ServiceUnavailable } from '../domain/errors.ts';
import type { RandomAccessSource } from './random-access-source.ts';

/** Large enough that a request costs little beside its bytes, small enough to hold several. */
export const BLOCK_BYTES = 4 * 1024 * 1024;
/** The block being read, the one ahead, and two of the directory, which is read beside the entries. */
const BLOCKS_HELD = 4;

/** Told how many bytes have been read in order; may refuse to go on by throwing. */
export type OnProgress = (bytesRead: number) => void | Promise<void>;

/** What is done with a package's bytes on the one pass over them. */
export interface OnePass {
  /** Is shown all bytes, once and in order. */
  readonly hash?: { readonly update: (bytes: Uint8Array) => void } | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Blocks with which all this was done by somebody before. */
  readonly blocksPassed?: number | undefined;
}

/**
 * A package's bytes by blocks: whoever reads on from the beginning finds the next block on its way, and a hash of the
 * whole sees each on that one pass. At most four blocks are held.
 */
export class PackageBytes {
  readonly size: number;
  readonly #source: RandomAccessSource;
  readonly #hash: OnePass['hash'];
  readonly #onProgress: OnProgress;
  readonly #blocks = new Map<number, Promise<Buffer>>();
  #blocksPassed: number;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    source: RandomAccessSource,
    { hash, onProgress = () => undefined, blocksPassed = 0 }: OnePass = {},
  ) {
    this.size = source.size;
    this.#source = source;
    this.#hash = hash;
    this.#onProgress = onProgress;
    this.#blocksPassed = blocksPassed;
  }

  /** How many blocks from the beginning the hash has seen. */
  get blocksPassed(): number {
    return this.#blocksPassed;
  }

  /** Why the source could not be read, or was not to be read on; nothing is known of the package then. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** The bytes from `start`; fewer than `length` where the package ends. */
  async read(start: number, length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.chunks(start, start + length)) parts.push(part);
    const [first] = parts;
    return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
  }

  /** The bytes from `start` to before `end`, or to where the package ends. */
  async *chunks(start: number, end: number): AsyncGenerator<Buffer> {
    const last = Math.min(end, this.size);
    for (let position = start; position < last;) {
      const index = Math.floor(position / BLOCK_BYTES);
      const block = await this.#block(index);
      const from = position - index * BLOCK_BYTES;
      const part = block.subarray(from, from + last - position);
      yield part;
      position += part.length;
    }
  }

  /** Reads on from where the pass is, so that the hash has seen everything. */
  async readRest(): Promise<void> {
    while (this.#blocksPassed * BLOCK_BYTES < this.size) await this.#block(this.#blocksPassed);
  }

  async #block(index: number): Promise<Buffer> {
    try {
      const block = await this.#held(index);
      if (index === this.#blocksPassed) {
        this.#blocksPassed += 1;
        this.#hash?.update(block);
        this.#readAhead();
        await this.#onProgress(Math.min(this.#blocksPassed * BLOCK_BYTES, this.size));
      }
      return block;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #readAhead(): void {
    // Whoever asks for the block is told when it could not be read.
    if (this.#blocksPassed * BLOCK_BYTES < this.size) this.#held(this.#blocksPassed).catch(() => undefined);
  }

  #held(index: number): Promise<Buffer> {
    const block = this.#blocks.get(index) ?? this.#fetch(index);
    this.#blocks.delete(index);
    this.#blocks.set(index, block);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= BLOCKS_HELD) break;
      this.#blocks.delete(oldest);
    }
    return block;
  }

  async #fetch(index: number): Promise<Buffer> {
    const start = index * BLOCK_BYTES;
    const length = Math.min(BLOCK_BYTES, this.size - start);
    const bytes = await this.#source.read(start, length);
    if (bytes.length !== length) throw new ServiceUnavailable('The package could not be read to its end.');
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
