import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { CRC32C, CRC64_NVME, reflectedCrc } from './reflected-crc.ts';

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

const ALGORITHMS = [
  ['ChecksumCRC32', zlibCrc32],
  ['ChecksumCRC64NVME', reflectedCrc(CRC64_NVME)],
  ['ChecksumCRC32C', reflectedCrc(CRC32C)],
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
export const storedChecksum = (told: Told): StoredChecksum | undefined => {
  if (told.ChecksumType === 'COMPOSITE') return undefined;
  for (const [field, start] of ALGORITHMS) {
    const expected = told[field];
    if (expected !== undefined && !expected.includes('-')) return new StoredChecksum(expected, start());
  }
  return undefined;
};
