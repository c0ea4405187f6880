import * as z from 'zod/mini';
import { BLOCK_BYTES, PackageBytes } from './package-bytes.ts';
import { contentsState, PackageContents } from './package-contents.ts';
import type { RandomAccessSource } from './random-access-source.ts';
import { resumableHash, type ResumableHash } from './running-hash.ts';
import {
  verifyContents,
  verifyHash,
  verifyPackage,
  type VerifiedContents,
  type VerifyOptions,
} from './verify-package.ts';
import { ZipReading } from './zip-package.ts';

/** All that is known of a package up to an entry's end, for whoever goes on from there. */
export const verificationState = z.object({
  /** Bytes that have been read in order. */
  position: z.number(),
  /** The hash is ahead of the position: it has seen whole blocks. */
  blockBytes: z.literal(BLOCK_BYTES),
  blocksPassed: z.number(),
  /** Of the hash; null when there is none of this package. */
  hash: z.nullable(z.string()),
  contents: contentsState,
});
export type VerificationState = z.infer<typeof verificationState>;

export interface PartOptions extends VerifyOptions {
  /** How many bytes of the package may be read at a time; an entry is never cut, nor is a JSON package. */
  readonly budgetBytes: number;
  /** A package that is larger and must be cut gets no hash, unless the one that it must have is known. */
  readonly largestHashedBytes: number;
  /** Where the part before this one ended. */
  readonly state?: VerificationState | undefined;
}

export type VerifiedPart =
  | { readonly done: false; readonly state: VerificationState }
  | { readonly done: true; readonly verified: VerifiedContents; readonly sha256: string | null };

const hashOf = async (
  { size }: RandomAccessSource,
  { state, sha256, largestHashedBytes }: PartOptions,
): Promise<ResumableHash | undefined> => {
  if (state?.hash === null) return undefined;
  if (state === undefined && sha256 === undefined && size > largestHashedBytes) return undefined;
  return resumableHash(state?.hash);
};

const readPart = async (source: RandomAccessSource, options: PartOptions): Promise<VerifiedPart> => {
  const { format, budgetBytes, sha256: expected, onProgress, state } = options;
  const hash = await hashOf(source, options);
  const bytes = new PackageBytes(source, { hash, onProgress, blocksPassed: state?.blocksPassed });
  const contents = new PackageContents(state?.contents);
  const reading = new ZipReading(bytes, { position: state?.position ?? 0, contents });
  if (await reading.read(budgetBytes)) {
    const verified = verifyContents(contents, source.size, format);
    return {
      done: true,
      verified,
      sha256: hash === undefined ? null : await verifyHash(bytes, hash, expected),
    };
  }
  const { position } = reading;
  const { blocksPassed } = bytes;
  const known = { position, blockBytes: BLOCK_BYTES, blocksPassed, hash: hash?.save() ?? null };
  return { done: false, state: { ...known, contents: contents.state() } };
};

/**
 * Does what `verifyPackage` does in as many calls as it takes, each going on with the state that the one before gave; where
 * it is cut changes neither what is found nor the verdict. A package that fits into one call is read by the faster hash.
 * @throws PackageCorrupted
 * @throws PackageCountsWrong
 * @throws PackageTotalsWrong
 * @throws whatever the source or `onProgress` throws
 */
export const verifyPart = async (source: RandomAccessSource, options: PartOptions): Promise<VerifiedPart> => {
  const { state, format, budgetBytes } = options;
  if (state === undefined && (format === 'json' || source.size <= budgetBytes)) {
    const { sha256, ...verified } = await verifyPackage(source, options);
    return { done: true, verified, sha256 };
  }
  return readPart(source, options);
};
