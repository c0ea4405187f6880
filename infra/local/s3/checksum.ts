import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { combineCrcs, startCrc } from './crc.ts';
import { S3Error } from './s3-error.ts';

export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export const CHECKSUM_TYPES = ['FULL_OBJECT', 'COMPOSITE'] as const;

export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];
export type ChecksumType = (typeof CHECKSUM_TYPES)[number];

/** `value` is base64; that of a composite checksum ends in `-` and the number of parts. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
  readonly type: ChecksumType;
}

export interface RunningDigest {
  update(chunk: Uint8Array): void;
  digest(): Buffer;
}

const startHash = (algorithm: string): RunningDigest => {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
};

export const startChecksum = (algorithm: ChecksumAlgorithm): RunningDigest =>
  algorithm === 'SHA1' || algorithm === 'SHA256' ? startHash(algorithm.toLowerCase()) : startCrc(algorithm);

export const checksumHeader = (algorithm: ChecksumAlgorithm): string =>
  `x-amz-checksum-${algorithm.toLowerCase()}`;

/** The response headers that show a checksum. */
export const checksumHeaders = (checksum: Checksum | undefined): Record<string, string> =>
  checksum === undefined
    ? {}
    : { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };

/** Throws S3Error `InvalidRequest` for a name that is none of S3's. */
export const parseChecksumAlgorithm = (name: string): ChecksumAlgorithm => {
  const found = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
  if (found !== undefined) return found;
  throw new S3Error('InvalidRequest', `Checksum algorithm provided is unsupported: ${name}`);
};

/**
 * The one algorithm whose value comes in a header or is promised in the trailer.
 * Throws S3Error `InvalidRequest` when there are several, or one is named and not there.
 */
export const announcedChecksum = (headers: IncomingHttpHeaders): ChecksumAlgorithm | undefined => {
  const promised = String(headers['x-amz-trailer'] ?? '').toLowerCase();
  const [algorithm, ...others] = CHECKSUM_ALGORITHMS.filter(
    (candidate) =>
      checksumHeader(candidate) in headers || promised.split(/, */).includes(checksumHeader(candidate)),
  );
  if (others.length > 0) {
    const reason = 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.';
    throw new S3Error('InvalidRequest', reason);
  }
  if (algorithm === undefined && headers['x-amz-sdk-checksum-algorithm'] !== undefined) {
    const reason =
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.';
    throw new S3Error('InvalidRequest', reason);
  }
  return algorithm;
};

/** The type S3 gives the checksum of a multipart upload. Throws S3Error `InvalidRequest` for a pair S3 does not have. */
export const multipartChecksumType = (
  algorithm: ChecksumAlgorithm,
  requested: string | undefined,
): ChecksumType => {
  const type = requested ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const possible =
    algorithm === 'CRC64NVME' ? type === 'FULL_OBJECT' : type === 'COMPOSITE' || algorithm.startsWith('CRC');
  if (possible && (type === 'FULL_OBJECT' || type === 'COMPOSITE')) return type;
  throw new S3Error(
    'InvalidRequest',
    `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
  );
};

interface SummedPart {
  readonly size: number;
  /** Base64. */
  readonly checksum: string;
}

/** The checksum of an object from those of its parts. */
export const checksumOfParts = (
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly SummedPart[],
): Checksum => {
  const digests = parts.map((part) => Buffer.from(part.checksum, 'base64'));
  if (type === 'COMPOSITE' || algorithm === 'SHA1' || algorithm === 'SHA256') {
    const running = startChecksum(algorithm);
    running.update(Buffer.concat(digests));
    return { algorithm, type: 'COMPOSITE', value: `${running.digest().toString('base64')}-${parts.length}` };
  }
  const sums = parts.map(({ size, checksum }) => ({ size, crc: Buffer.from(checksum, 'base64') }));
  return { algorithm, type, value: combineCrcs(algorithm, sums).toString('base64') };
};
