import { createHash } from 'node:crypto';
import { createSHA256 } from 'hash-wasm';

/** The SHA-256 of bytes as they pass. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** Hex; nothing can be added after it. */
  digest(): string;
}

/** One that another process can go on with. It is several times slower. */
export interface ResumableHash extends RunningHash {
  /** What it knows so far, in base64. */
  save(): string;
}

export const runningHash = (): RunningHash => {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
};

/** @throws Error when `saved` is no state of such a hash */
export const resumableHash = async (saved?: string): Promise<ResumableHash> => {
  const hash = await createSHA256();
  if (saved !== undefined) hash.load(Buffer.from(saved, 'base64'));
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest(),
    save: () => Buffer.from(hash.save()).toString('base64'),
  };
};
