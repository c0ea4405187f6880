import { ZipArchive as Archiver } from 'archiver';
import { createHash } from 'node:crypto';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface ArchivedEntry {
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface ZipArchive {
  /** The archive's bytes; must be read while entries are added. Fails when an entry fails or `abort` is called. */
  readonly output: Readable;
  /** Adds one entry and resolves when all of its bytes have gone into the archive, hashed on the way. */
  readonly add: (path: string, content: Readable | string) => Promise<ArchivedEntry>;
  /** Writes the central directory; no entry may follow. */
  readonly finish: () => Promise<void>;
  /** Ends the archive unfinished: `output` fails with the reason. */
  readonly abort: (reason: unknown) => void;
}

/** The ZIP format's own limit for a name, in bytes (APPNOTE 4.4.10); archiver writes a corrupt archive beyond it. */
const PATH_LIMIT_BYTES = 65_535;

const checkPath = (path: string): void => {
  const bytes = Buffer.byteLength(path);
  if (bytes === 0 || bytes > PATH_LIMIT_BYTES) throw new RangeError(`A ZIP entry's path has ${bytes} bytes.`);
};

const meter = () => {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, result: () => ({ bytes, sha256: hash.digest('hex') }) };
};

/**
 * Opens a ZIP that is written as a stream, one entry after another. archiver by itself neither settles nor rejects when
 * an entry's stream fails or closes early, or when the reader goes away; here each of these rejects what is waited for.
 * All entries carry the same `modifiedAt` (epoch ms), so that the same content gives the same bytes.
 */
export const openZipArchive = (modifiedAt: number): ZipArchive => {
  const archiver = new Archiver({ zlib: { level: 6 } });
  const output = new PassThrough({ highWaterMark: 1024 * 1024 });
  const date = new Date(modifiedAt);

  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const abort = (reason: unknown): void => {
    failure.reject(reason);
    output.destroy(
      reason instanceof Error ? reason : new Error('The archive was given up.', { cause: reason }),
    );
    archiver.destroy();
  };
  archiver.on('error', abort);
  archiver.on('warning', abort);
  const piped = pipeline(archiver, output);
  piped.catch(abort);

  const settled = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await Promise.race([work, failure.promise]);
    } catch (error) {
      abort(error);
      throw error;
    }
  };

  return {
    output,
    abort,
    async add(path, content) {
      checkPath(path);
      const { stream, result } = meter();
      const archived = new Promise<void>((resolve) => archiver.once('entry', () => resolve()));
      archiver.append(stream, { name: path, date });
      const source = typeof content === 'string' ? Readable.from([Buffer.from(content)]) : content;
      try {
        await settled(Promise.all([pipeline(source, stream), archived]));
      } catch (error) {
        // Nobody reads it any more, and what it comes from, a connection, must not wait for that.
        source.destroy();
        throw error;
      }
      return { path, ...result() };
    },
    async finish() {
      await settled(archiver.finalize());
      await settled(piped);
    },
  };
};
