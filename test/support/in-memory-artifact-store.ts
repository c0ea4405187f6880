import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { InterimCorrupted } from '../../shared/domain/errors.ts';
import type { ArtifactStore } from '../../shared/ports.ts';

/** A bucket in memory. An object appears whole or not at all, as in S3. */
export class InMemoryArtifactStore implements ArtifactStore {
  readonly objects = new Map<string, Buffer>();
  readonly signed: { key: string; fileName: string; seconds: number }[] = [];

  async write(key: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(Buffer.from(chunk));
    const bytes = Buffer.concat(chunks);
    this.objects.set(key, bytes);
    return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
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

  open(key: string) {
    const bytes = this.objects.get(key);
    if (bytes === undefined) return Promise.reject(new InterimCorrupted('An object is gone.'));
    const read = (start: number, length: number) => Promise.resolve(bytes.subarray(start, start + length));
    const version = createHash('sha256').update(bytes).digest('hex');
    return Promise.resolve({ size: bytes.length, version, read });
  }

  exists(key: string): Promise<boolean> {
    return Promise.resolve(this.objects.has(key));
  }

  remove(key: string): Promise<void> {
    this.objects.delete(key);
    return Promise.resolve();
  }

  purge(prefix: string, except?: string): Promise<void> {
    for (const key of this.objects.keys())
      if (key.startsWith(prefix) && key !== except) this.objects.delete(key);
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
