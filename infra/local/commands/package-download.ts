import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, rename, rm, stat } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { safeFileName } from '../../../shared/domain/package-layout.ts';
import { CommandFailed, sentenceOf, WrongUse } from './command-line.ts';
import type { DownloadLink, ExportClient } from './export-client.ts';
import type { FinishedExport } from './follow-export.ts';

const ATTEMPTS = 3;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Refuses a place that cannot take the file before anything is exported. @throws WrongUse */
export const checkDestination = async (out: string | undefined): Promise<void> => {
  if (out === undefined) return;
  const { dir } = parse(resolve(out));
  if (!(await isFolder(dir))) throw new WrongUse(`There is no folder ${dir}.`);
};

/** `name.zip`, or `name-2.zip` and so on when that is taken. */
const freeName = async (folder: string, fileName: string): Promise<string> => {
  const { name, ext } = parse(fileName);
  for (let number = 1; ; number++) {
    const path = join(folder, number === 1 ? fileName : `${name}-${number}${ext}`);
    if (!(await exists(path))) return path;
  }
};

/** A file that was named is replaced; a name the service chose never replaces anything. */
const destinationOf = async (out: string | undefined, fileName: string): Promise<string> => {
  if (out !== undefined && !(await isFolder(out))) return resolve(out);
  return freeName(resolve(out ?? '.'), safeFileName(fileName));
};

/** The link says who may fetch: an Authorization header beside it would be a second way of signing, which S3 refuses. */
const fetchTo = async (file: string, { downloadUrl }: DownloadLink, signal: AbortSignal) => {
  const response = await fetch(downloadUrl, { signal });
  if (!response.ok || response.body === null) {
    throw new Error(`the storage answered ${response.status} ${response.statusText}`);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    Readable.fromWeb(response.body),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(file),
    { signal },
  );
  return { bytes, sha256: hash.digest('hex') };
};

const downloadOnce = async (
  link: DownloadLink,
  { packageSize, sha256 }: FinishedExport,
  file: string,
  signal: AbortSignal,
): Promise<void> => {
  const part = `${file}.part`;
  try {
    const received = await fetchTo(part, link, signal);
    if (received.bytes !== packageSize) throw new Error(`${received.bytes} of ${packageSize} bytes arrived`);
    if (sha256 !== null && received.sha256 !== sha256) {
      throw new Error('what arrived does not have the SHA-256 of the package');
    }
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
};

/**
 * Saves the package whole or not at all, each attempt with a fresh link; answers where it is (absolute path).
 * @throws CommandFailed
 */
export const downloadPackage = async (
  client: ExportClient,
  exportId: string,
  finished: FinishedExport,
  { out, signal }: { out: string | undefined; signal: AbortSignal },
): Promise<string> => {
  for (let attempt = 1; ; attempt++) {
    const link = await client.downloadLink(exportId);
    if (link.sha256 !== finished.sha256 || link.packageSize !== finished.packageSize) {
      throw new CommandFailed('The service offers another package for download than its status tells of.');
    }
    const file = await destinationOf(out, link.fileName);
    try {
      await downloadOnce(link, finished, file, signal);
      return file;
    } catch (error) {
      signal.throwIfAborted();
      if (attempt < ATTEMPTS) continue;
      throw new CommandFailed(`The package could not be saved as ${file}: ${sentenceOf(error)}.`);
    }
  }
};
