import type { PackageSummary } from './manifest.ts';

/** A larger package (bytes) has no SHA-256 of its own unless its maker has told one. */
export const LARGEST_HASHED_PACKAGE_BYTES = 100 * 1024 ** 3;

const SHA256_OMITTED =
  'The package is larger than 100 GiB, so it has no SHA-256 as a whole; each part of it has one in its manifest.';

export interface PackageHash {
  /** Hex, of the whole package. */
  readonly sha256: string | null;
  /** Why there is no `sha256`, in a sentence. */
  readonly sha256Omitted: string | null;
  /** Base64, S3's CRC-64/NVME of the whole package: tells of damage where there is no `sha256`, not of forgery. */
  readonly crc64nvme: string | null;
}

/** By what a reader can tell that a finished package is the very one that was made. */
export const packageHash = ({
  sha256,
  crc64nvme,
}: Pick<PackageSummary, 'sha256' | 'crc64nvme'>): PackageHash => ({
  sha256,
  sha256Omitted: sha256 === null ? SHA256_OMITTED : null,
  crc64nvme: crc64nvme ?? null,
});
