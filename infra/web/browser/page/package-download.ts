import type { DownloadLink } from '../../../../shared/api/replies.ts';
import { ApiProblem } from '../../../../shared/client/export-api.ts';

/** Where the bytes go. */
export interface DownloadTarget {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

export interface RunningHash {
  update(bytes: Uint8Array): unknown;
  digest(): string;
}

export interface PackageDownload {
  /** A fresh link, for each attempt. */
  readonly link: () => Promise<DownloadLink>;
  readonly target: DownloadTarget;
  readonly hash: RunningHash;
  readonly onProgress: (received: number, total: number) => void;
  readonly signal: AbortSignal;
  /** Waits before another attempt, of which this is the number, from 1. */
  readonly pause: (attempt: number) => Promise<void>;
}

/** `unknown`: the service has no hash of a package of this size. */
export type HashVerdict = 'same' | 'different' | 'unknown';

/** It cannot be gone on with; the message is for people. */
export class DownloadFailed extends Error {
  override readonly name = 'DownloadFailed';
}

const MOST_FAILURES = 8;

/** What of a package has come. */
interface Received {
  bytes: number;
  etag: string | undefined;
}

const request = (link: DownloadLink, { bytes, etag }: Received, signal: AbortSignal): Promise<Response> =>
  fetch(link.downloadUrl, {
    // No byte of another package is ever put behind the bytes of this one.
    headers: bytes === 0 ? {} : { range: `bytes=${bytes}-`, ...(etag ? { 'if-match': etag } : {}) },
    credentials: 'omit',
    signal,
  });

const bodyOf = (response: Response, received: Received): ReadableStream<Uint8Array<ArrayBuffer>> => {
  if (response.status === 412) {
    throw new DownloadFailed('The package has changed meanwhile. Please download it again.');
  }
  if (response.status !== (received.bytes === 0 ? 200 : 206) || response.body === null) {
    throw new Error(`The storage answered ${response.status}.`);
  }
  return response.body;
};

const written = async (target: DownloadTarget, chunk: Uint8Array<ArrayBuffer>): Promise<void> => {
  try {
    await target.write(chunk);
  } catch (cause) {
    throw new DownloadFailed('The file cannot be written. Is there enough space?', { cause });
  }
};

/** As much as one connection gives. */
const receive = async (
  { target, hash, onProgress, signal }: PackageDownload,
  link: DownloadLink,
  received: Received,
): Promise<void> => {
  const response = await request(link, received, signal);
  const body = bodyOf(response, received);
  received.etag ??= response.headers.get('etag') ?? undefined;
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    await written(target, part.value);
    hash.update(part.value);
    received.bytes += part.value.length;
    onProgress(received.bytes, link.packageSize);
  }
};

/** What no other attempt can mend: the service says that there is nothing to fetch, or the file cannot be written. */
const isFinal = (error: unknown): boolean =>
  error instanceof DownloadFailed ||
  (error instanceof ApiProblem && error.status < 500 && error.status !== 429);

/**
 * Fetches a package, going on where a connection broke off or a link's time was over, and compares its SHA-256.
 * @throws DownloadFailed, ApiProblem, or the signal's reason
 */
export const downloadPackage = async (download: PackageDownload): Promise<HashVerdict> => {
  const received: Received = { bytes: 0, etag: undefined };
  let expected: string | null = null;
  for (let failures = 0; ;) {
    const before = received.bytes;
    try {
      const link = await download.link();
      expected ??= link.sha256;
      await receive(download, link, received);
      if (received.bytes >= link.packageSize) break;
    } catch (error) {
      download.signal.throwIfAborted();
      if (isFinal(error)) throw error;
    }
    failures = received.bytes > before ? 1 : failures + 1;
    if (failures > MOST_FAILURES) {
      throw new DownloadFailed('The download broke off too many times. Please try again later.');
    }
    await download.pause(failures);
    download.signal.throwIfAborted();
  }
  if (expected === null) return 'unknown';
  return download.hash.digest() === expected ? 'same' : 'different';
};
