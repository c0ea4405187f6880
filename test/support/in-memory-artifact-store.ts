import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { startCrc } from '../../infra/local/s3/crc.ts';
import { InterimCorrupted } from '../../shared/domain/errors.ts';
import type { ArtifactStore, Piece, Stored, StoredObject } from '../../shared/ports.ts';
import { NOON } from './export-builders.ts';

const PAGE = 3;

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** What `open` names the version of such an object. */
export const versionOf = (bytes: Buffer): string => `"${sha256(bytes)}"`;

/** A bucket in memory. An object appears whole or not at all, as in S3. */
export class InMemoryArtifactStore implements ArtifactStore {
  readonly objects = new Map<string, Buffer>();
  /** Multipart uploads that are open: key and when they were begun, epoch ms. */
  readonly uploads = new Map<string, number>();
  /** When objects were written, epoch ms, where a test says so. */
  readonly writtenAt = new Map<string, number>();
  readonly signed: { key: string; fileName: string; seconds: number }[] = [];

  /** In memory nothing lasts, so nothing needs to be ended. */
  until(): ArtifactStore {
    return this;
  }

  async write(key: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    this.objects.set(key, bytes);
    return { bytes: bytes.length, sha256: sha256(bytes) };
  }

  read(key: string): Promise<Readable> {
    const bytes = this.objects.get(key);
    if (bytes === undefined) return Promise.reject(new InterimCorrupted('An object is gone.'));
    // Small chunks on purpose: what reads them must not rely on lines or characters being whole.
    const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) =>
      bytes.subarray(at * 7, at * 7 + 7),
    );
    return Promise.resolve(Readable.from(chunks));
  }

  open(key: string): Promise<StoredObject> {
    const bytes = this.objects.get(key);
    if (bytes === undefined) return Promise.reject(new InterimCorrupted('An object is gone.'));
    const read = async (start: number, length: number): Promise<Uint8Array> => {
      if (start < 0 || length < 0 || start + length > bytes.length) {
        throw new RangeError('An object is read beyond its end.');
      }
      if (this.objects.get(key) !== bytes) throw new InterimCorrupted('An object is gone or was replaced.');
      return Promise.resolve(bytes.subarray(start, start + length));
    };
    return Promise.resolve({ key, version: versionOf(bytes), size: bytes.length, read });
  }

  async join(key: string, pieces: AsyncIterable<Piece> | Iterable<Piece>) {
    const chunks: Uint8Array[] = [];
    for await (const piece of pieces) {
      chunks.push(piece instanceof Uint8Array ? piece : await piece.source.read(piece.start, piece.length));
    }
    const bytes = Buffer.concat(chunks);
    this.objects.set(key, bytes);
    const crc = startCrc('CRC64NVME');
    crc.update(bytes);
    return { bytes: bytes.length, crc64nvme: crc.digest().toString('base64') };
  }

  exists(key: string): Promise<boolean> {
    return Promise.resolve(this.objects.has(key));
  }

  list(after = ''): Promise<{ stored: readonly Stored[]; next: string | undefined }> {
    const left = this.keys().filter((key) => key > after);
    const stored = left.slice(0, PAGE).map((key) => ({ key, since: this.writtenAt.get(key) ?? NOON }));
    return Promise.resolve({ stored, next: left.length > PAGE ? stored.at(-1)?.key : undefined });
  }

  openUploads(): Promise<readonly Stored[]> {
    return Promise.resolve([...this.uploads].map(([key, since]) => ({ key, since })));
  }

  remove(key: string): Promise<void> {
    this.objects.delete(key);
    return Promise.resolve();
  }

  purge(prefix: string, except?: string): Promise<void> {
    for (const key of this.objects.keys())
      if (key.startsWith(prefix) && key !== except) this.objects.delete(key);
    for (const key of this.uploads.keys()) if (key.startsWith(prefix)) this.uploads.delete(key);
    return Promise.resolve();
  }

  signDownload(key: string, link: { fileName: string; seconds: number }) {
    this.signed.push({ key, ...link });
    const url = `https://storage.example/${key}?signature=secret`;
    return Promise.resolve({ url, seconds: link.seconds });
  }

  keys(): string[] {
    return [...this.objects.keys()].sort();
  }

  text(key: string): string {
    return (this.objects.get(key) ?? Buffer.alloc(0)).toString('utf8');
  }
}
