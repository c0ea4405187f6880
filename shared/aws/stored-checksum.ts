import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { createCRC32, createCRC64, type IHasher } from 'hash-wasm';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Polynomials in reversed bit order. */
const CRC32C = 0x82f63b78;
const CRC64_NVME = '9a6c9329ac4bc9b5';

/** A checksum over bytes as they arrive. */
interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** In base64; nothing can be added after it. */
  digest(): string;
}

const zlibCrc32 = (): RunningChecksum => {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
};

const nodeHash = (algorithm: string) => (): RunningChecksum => {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('base64') };
};

const wasmHash = (create: () => Promise<IHasher>) => async (): Promise<RunningChecksum> => {
  const hash = await create();
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => Buffer.from(hash.digest('binary')).toString('base64'),
  };
};

const ALGORITHMS = [
  ['ChecksumCRC32', zlibCrc32],
  ['ChecksumCRC64NVME', wasmHash(() => createCRC64(CRC64_NVME))],
  ['ChecksumCRC32C', wasmHash(() => createCRC32(CRC32C))],
  ['ChecksumSHA1', nodeHash('sha1')],
  ['ChecksumSHA256', nodeHash('sha256')],
] as const;

type Told = Pick<GetObjectCommandOutput, (typeof ALGORITHMS)[number][0] | 'ChecksumType'>;

/** What the storage said of an object's bytes, to be compared with those that arrive. */
export class StoredChecksum {
  readonly #expected: string;
  readonly #running: RunningChecksum;

  constructor(expected: string, running: RunningChecksum) {
    this.#expected = expected;
    this.#running = running;
  }

  update(bytes: Uint8Array): void {
    this.#running.update(bytes);
  }

  /** Whether the bytes are the object's; to be asked once, after the last of them. */
  matches(): boolean {
    return this.#running.digest() === this.#expected;
  }
}

/**
 * The checksum that S3 told of an object; undefined when it told none that is of the whole: of an object uploaded in parts
 * it may be one of the parts' checksums, which ends in `-` and their number.
 */
export const storedChecksum = async (told: Told): Promise<StoredChecksum | undefined> => {
  if (told.ChecksumType === 'COMPOSITE') return undefined;
  for (const [field, start] of ALGORITHMS) {
    const expected = told[field];
    if (expected !== undefined && !expected.includes('-')) return new StoredChecksum(expected, await start());
  }
  return undefined;
};
