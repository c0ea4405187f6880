import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry } from 'yauzl';
import { corrupted, type Corruption } from './broken-package.ts';
import type { PackageBytes } from './package-bytes.ts';
import type { ZipEntry } from '../packaging/zip-layout.ts';

/** Lets yauzl read from a package. */
class PackageReader extends RandomAccessReader {
  readonly #bytes: PackageBytes;

  constructor(bytes: PackageBytes) {
    super();
    this.#bytes = bytes;
  }

  override read(
    ...[buffer, offset, length, position, callback]: Parameters<RandomAccessReader['read']>
  ): void {
    this.#bytes.read(position, length).then(
      (read) => callback(null, read.copy(buffer, offset)),
      (error: unknown) => callback(error, 0),
    );
  }
}

/** Runs a step of yauzl: what the source could not do stays its own error, anything else is the package's fault. */
const explained = async <T>(
  bytes: PackageBytes,
  verdict: { readonly reason: Corruption; readonly fact: string },
  step: () => Promise<T>,
): Promise<T> => {
  try {
    return await step();
  } catch (error) {
    if (bytes.failure !== undefined) throw bytes.failure.error;
    throw corrupted(verdict.reason, verdict.fact, error);
  }
};

const zipEntry = (entry: Entry): ZipEntry => {
  // Names are always UTF-8 here, and yauzl decodes those without the flag by another table.
  const path = entry.fileNameRaw.toString('utf8');
  if (!Buffer.from(path).equals(entry.fileNameRaw)) {
    throw corrupted('ZIP_DIRECTORY', "A name in the ZIP's directory is not UTF-8.");
  }
  return {
    path,
    method: entry.compressionMethod,
    modified: entry.lastModFileDate * 0x10000 + entry.lastModFileTime,
    crc32: entry.crc32,
    packedBytes: entry.compressedSize,
    bytes: entry.uncompressedSize,
    offset: entry.relativeOffsetOfLocalHeader,
  };
};

/**
 * The entries of a ZIP as its central directory lists them, one after another.
 * @throws PackageCorrupted when the directory cannot be found or read
 */
export async function* zipDirectory(bytes: PackageBytes): AsyncGenerator<ZipEntry> {
  const notFound = {
    reason: 'NOT_A_ZIP',
    fact: 'The package does not end as a ZIP does: it is none, is cut short, or something follows it.',
  } as const;
  const unreadable = {
    reason: 'ZIP_DIRECTORY',
    fact: "The ZIP's directory cannot be read.",
  } as const;
  const zip = await explained(bytes, notFound, () =>
    fromRandomAccessReaderPromise(new PackageReader(bytes), bytes.size, {
      strictFileNames: true,
      autoClose: false,
    }),
  );
  const entries = zip.eachEntry();
  for (;;) {
    const entry = await explained(bytes, unreadable, () => entries.next());
    if (entry.done === true) return;
    yield zipEntry(entry.value);
  }
}
