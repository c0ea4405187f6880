import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import * as z from 'zod/mini';
import { sectionCounts } from '../../../shared/domain/manifest.ts';
import { CHECKSUMS_PATH, MANIFEST_PATH } from '../../../shared/domain/package-layout.ts';
import { printable, sentenceOf } from './command-line.ts';
import type { FinishedExport } from './follow-export.ts';

/** What the commands show of a package's manifest. */
const manifest = z.object({
  completeness: z.string(),
  omissions: z.array(z.object({ expectedPath: z.string(), code: z.string(), reason: z.string() })),
  counts: z.record(z.string(), sectionCounts),
});

interface ReadEntry {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes it takes in the ZIP. */
  readonly packedSize: number;
  readonly sha256: string;
  /** Whether the ZIP's own checksum of it is right. */
  readonly intact: boolean;
}

export interface PackageCheck {
  readonly entries: readonly ReadEntry[];
  readonly manifest: z.infer<typeof manifest> | undefined;
  /** Bytes and hex, of the whole file as it lies on the disk. */
  readonly size: number;
  readonly sha256: string;
  /** How many entries `checksums.sha256` vouches for. */
  readonly listed: number;
  /** What differs, a sentence each; none when the package is what it claims to be. */
  readonly problems: readonly string[];
}

const digestOf = async (file: string) => {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(file)) {
    if (!(chunk instanceof Uint8Array)) continue;
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest('hex') };
};

/** Reads an entry to its end; its text too where it is one that is looked into. */
const readEntry = async (zip: ZipFile, entry: Entry): Promise<ReadEntry & { text: string }> => {
  const keep = entry.fileName === MANIFEST_PATH || entry.fileName === CHECKSUMS_PATH;
  const hash = createHash('sha256');
  const kept: Uint8Array[] = [];
  let crc = 0;
  await pipeline(await zip.openReadStreamPromise(entry), async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) {
      hash.update(chunk);
      crc = crc32(chunk, crc);
      if (keep) kept.push(chunk);
    }
  });
  return {
    path: entry.fileName,
    size: entry.uncompressedSize,
    packedSize: entry.compressedSize,
    sha256: hash.digest('hex'),
    intact: crc === entry.crc32,
    text: Buffer.concat(kept).toString('utf8'),
  };
};

/** Digests by path, from a list as `sha256sum` writes it. */
const parseChecksums = (text: string): Map<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, sha256, path] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
      return sha256 === undefined || path === undefined ? [] : [[path, sha256]];
    }),
  );

const entryProblems = (entries: readonly ReadEntry[], checksums: ReadonlyMap<string, string>): string[] => {
  const found = new Map(entries.map((entry) => [entry.path, entry]));
  const wrong = entries.flatMap(({ path, sha256, intact }) => {
    if (!intact) return [`${path} does not have the CRC-32 that the ZIP states.`];
    if (path === CHECKSUMS_PATH) return [];
    const stated = checksums.get(path);
    if (stated === undefined) return [`${path} is not listed in ${CHECKSUMS_PATH}.`];
    return stated === sha256 ? [] : [`${path} does not have the SHA-256 that ${CHECKSUMS_PATH} states.`];
  });
  const missing = [...checksums.keys()].filter((path) => !found.has(path));
  return [
    ...(found.size === entries.length ? [] : ['Two entries have the same name.']),
    ...wrong,
    ...missing.map((path) => `${path} is listed in ${CHECKSUMS_PATH}, but is not in the package.`),
  ];
};

const readEntries = async (file: string) => {
  const entries: ReadEntry[] = [];
  const texts = new Map<string, string>();
  const zip = await openPromise(file, { strictFileNames: true });
  try {
    for await (const entry of zip.eachEntry()) {
      const { text, ...read } = await readEntry(zip, entry);
      entries.push(read);
      if (text !== '') texts.set(read.path, text);
    }
  } finally {
    zip.close();
  }
  return { entries, texts };
};

const parseManifest = (text: string | undefined) => {
  try {
    return manifest.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
};

const contentsOf = async (file: string) => {
  try {
    const { entries, texts } = await readEntries(file);
    const checksums = parseChecksums(texts.get(CHECKSUMS_PATH) ?? '');
    const told = parseManifest(texts.get(MANIFEST_PATH));
    const unreadable = told === undefined ? [`${MANIFEST_PATH} is missing or cannot be read.`] : [];
    return {
      entries,
      manifest: told,
      listed: checksums.size,
      problems: [...entryProblems(entries, checksums), ...unreadable],
    };
  } catch (error) {
    const problems = [`The ZIP cannot be read: ${sentenceOf(error)}.`];
    return { entries: [], manifest: undefined, listed: 0, problems };
  }
};

/** Reads a package back from the disk and compares every entry with its checksums, and the file with the service's word. */
export const checkPackage = async (file: string, expected: FinishedExport): Promise<PackageCheck> => {
  const whole = await digestOf(file);
  const contents = await contentsOf(file);
  const problems = [
    ...(whole.size === expected.packageSize
      ? []
      : ['The file does not have the size that the service states.']),
    ...(whole.sha256 === expected.sha256
      ? []
      : ['The file does not have the SHA-256 that the service states.']),
    ...contents.problems,
  ];
  return { ...contents, ...whole, problems: problems.map(printable) };
};
