import { createHash } from 'node:crypto';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  openZipArchive,
  type ArchivedEntry,
  type ZipArchive,
} from '../../../../shared/packaging/zip-archive.ts';
import { NOON } from '../../../support/export-builders.ts';
import { streamedZip } from '../../../support/streamed-zip.ts';
import { zipEntries } from '../../../support/zip-entries.ts';

const unhandled: unknown[] = [];
const keep = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => {
  process.on('unhandledRejection', keep);
  process.on('uncaughtException', keep);
});
afterAll(() => {
  process.off('unhandledRejection', keep);
  process.off('uncaughtException', keep);
});
afterEach(async () => {
  for (let turns = 0; turns < 20; turns += 1) await turn();
  expect(unhandled.splice(0)).toEqual([]);
});

type Fill = (archive: ZipArchive) => Promise<unknown>;

const zipped = async (fill: Fill, modifiedAt = NOON): Promise<Buffer> => {
  const archive = openZipArchive(modifiedAt);
  const [bytes] = await Promise.all([buffer(archive.output), fill(archive).then(() => archive.finish())]);
  return bytes;
};

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

const inPieces = (bytes: Buffer, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    ),
  );

/** Bytes that do not compress, so that the archive has to be written out. */
const noise = (length: number): Buffer => {
  const words = Uint32Array.from(
    { length: Math.ceil(length / 4) },
    (_, at) => Math.imul(at + 1, 2654435761) ^ (at << 7),
  );
  return Buffer.from(words.buffer, 0, length);
};

/** A source that gives some bytes and then neither ends nor fails. */
const endless = (): PassThrough => {
  const source = new PassThrough();
  source.write(noise(100_000));
  return source;
};

/** Whether a promise settles, and how, before a second has passed. */
const outcome = (work: Promise<unknown>): Promise<unknown> =>
  Promise.race([
    work.then(
      () => 'fulfilled',
      (reason: unknown) => reason,
    ),
    new Promise((resolve) => setTimeout(resolve, 5_000, 'pending').unref()),
  ]);

/** The messages of an error and its causes; errors of Node itself are of another realm than Jest's `Error`. */
const messagesOf = (reason: unknown): string =>
  isNativeError(reason) ? `${reason.message} ${messagesOf(reason.cause)}` : '';

describe('a ZIP archive', () => {
  it.each([
    ['as it is', true],
    ['deflated', false],
  ])('has the same bytes however the pieces come in which a stream is read: %s', async (_, asItIs) => {
    const content = Buffer.concat([noise(400_000), Buffer.from('2026-11-24;"Café";-12.50\n'.repeat(20_000))]);
    const sizes = [777, 16_384, 65_536, 100_000, content.length];
    const archives = await Promise.all(
      sizes.map((size) => zipped((archive) => archive.add('files/a', inPieces(content, size), asItIs))),
    );
    expect(archives.map((bytes) => sha256(bytes))).toEqual(sizes.map(() => sha256(archives[0] ?? '')));
    const [entry] = await zipEntries(archives[0] ?? Buffer.alloc(0));
    expect(entry?.content.equals(content)).toBe(true);
  });

  it('holds what was added, in order, and tells the size and hash of each entry', async () => {
    const large = noise(3_000_000);
    const told: ArchivedEntry[] = [];
    const bytes = await zipped(async (archive) => {
      told.push(await archive.add('manifest.json', '{"a":"ü"}'));
      told.push(await archive.add('files/x/large.bin', inPieces(large, 65_536)));
    });
    const read = await zipEntries(bytes);
    expect(read.map(({ path }) => path)).toEqual(['manifest.json', 'files/x/large.bin']);
    expect(read[0]?.content.toString()).toBe('{"a":"ü"}');
    expect(read[1]?.content.equals(large)).toBe(true);
    expect(told).toEqual([
      { path: 'manifest.json', bytes: 10, sha256: sha256('{"a":"ü"}') },
      { path: 'files/x/large.bin', bytes: large.length, sha256: sha256(large) },
    ]);
  });

  it('takes empty entries and names in every script as they are', async () => {
    const paths = [
      'data/empty.json',
      'files/1/März 😀.csv',
      'files/2/קובץ.pdf',
      'files/3/日本語.qif',
      'files/4/a&b;c.ofx',
    ];
    const bytes = await zipped(async (archive) => {
      await archive.add('data/empty.json', '');
      await archive.add(paths[1] ?? '', Readable.from([]));
      for (const path of paths.slice(2)) await archive.add(path, path);
    });
    const read = await zipEntries(bytes);
    expect(read.map(({ path }) => path)).toEqual(paths);
    expect(read.map(({ content }) => content.length)).toEqual([
      0,
      0,
      ...paths.slice(2).map((path) => Buffer.byteLength(path)),
    ]);
  });

  it('can be empty', async () => {
    expect(await zipEntries(await zipped(() => Promise.resolve()))).toEqual([]);
  });

  it('takes 5,000 entries', async () => {
    const bytes = await zipped(async (archive) => {
      for (let at = 0; at < 5_000; at += 1) await archive.add(`files/${at}.txt`, `content ${at}`);
    });
    const read = await zipEntries(bytes);
    expect(read).toHaveLength(5_000);
    expect(
      read.every(
        ({ path, content }, at) => path === `files/${at}.txt` && content.toString() === `content ${at}`,
      ),
    ).toBe(true);
  });

  it('is the same bytes for the same content, however that is cut into pieces and whenever it is made', async () => {
    const content = noise(200_000);
    const fillIn = (size: number) => (archive: ZipArchive) => archive.add('a.bin', inPieces(content, size));
    const [one, other] = [await zipped(fillIn(1_000)), await zipped(fillIn(70_000))];
    expect(sha256(other)).toBe(sha256(one));
    expect(sha256(await zipped(fillIn(1_000), NOON + 86_400_000))).not.toBe(sha256(one));
  });

  it('carries the given instant in every entry', async () => {
    const [entry] = await zipEntries(await zipped((archive) => archive.add('a', 'a')));
    expect(entry?.modifiedAt).toBe(NOON);
  });

  it.each([[''], ['x'.repeat(65_536)], ['ü'.repeat(32_768)]])(
    'refuses a path the format cannot hold',
    async (path) => {
      const archive = openZipArchive(NOON);
      archive.output.on('error', () => undefined);
      await expect(archive.add(path, 'content')).rejects.toBeInstanceOf(RangeError);
      archive.abort(new Error('over'));
    },
  );

  it('packs again nothing that is compressed already, and can be read from a stream all the same', async () => {
    const [small, large] = [Buffer.alloc(50_000, 'a'), Buffer.alloc(3_000_000, 'b')];
    const bytes = await zipped(async (archive) => {
      await archive.add('small.pdf', small, true);
      await archive.add('small.csv', small);
      await archive.add('large.pdf', inPieces(large, 65_536), true);
      await archive.add('large.csv', inPieces(large, 65_536));
      await archive.add('empty.pdf', Buffer.alloc(0), true);
      await archive.add('empty.csv', Buffer.alloc(0));
    });
    const packed = (await zipEntries(bytes)).map(({ path, method, packedBytes }) => ({
      path,
      method,
      packedBytes,
    }));
    expect(packed).toEqual([
      { path: 'small.pdf', method: 0, packedBytes: 50_000 },
      { path: 'small.csv', method: 8, packedBytes: expect.any(Number) },
      { path: 'large.pdf', method: 8, packedBytes: expect.any(Number) },
      { path: 'large.csv', method: 8, packedBytes: expect.any(Number) },
      { path: 'empty.pdf', method: 0, packedBytes: 0 },
      { path: 'empty.csv', method: 0, packedBytes: 0 },
    ]);
    const [, smallCsv = 0, largePdf = 0, largeCsv = 0] = packed.map(({ packedBytes }) => packedBytes);
    expect(smallCsv).toBeLessThan(1_000);
    expect(largePdf).toBeGreaterThan(3_000_000);
    expect(largePdf).toBeLessThan(3_010_000);
    expect(largeCsv).toBeLessThan(30_000);
    expect([...streamedZip(bytes)].map(([path, content]) => [path, content.length])).toEqual([
      ...[
        ['small.pdf', 50_000],
        ['small.csv', 50_000],
        ['large.pdf', 3_000_000],
        ['large.csv', 3_000_000],
      ],
      ...[
        ['empty.pdf', 0],
        ['empty.csv', 0],
      ],
    ]);
  });

  it('waits for its reader with entries at hand too, which it takes at once', async () => {
    const archive = openZipArchive(NOON);
    const content = noise(500_000);
    let added = 0;
    const adding = (async () => {
      for (; added < 60; added += 1) await archive.add(`${added}.pdf`, content, true);
      await archive.finish();
    })();
    for (let turns = 0; turns < 2_000; turns++) await turn();
    expect(added).toBeGreaterThan(0);
    expect(added).toBeLessThan(10);
    const [bytes] = await Promise.all([buffer(archive.output), adding]);
    expect(streamedZip(bytes).size).toBe(60);
  });

  it('waits for its reader instead of holding what was not read', async () => {
    const archive = openZipArchive(NOON);
    archive.output.on('error', () => undefined);
    let read = 0;
    async function* source() {
      for (;;) {
        read += 1;
        yield noise(1_000_000);
        await turn();
      }
    }
    const adding = archive.add('a.bin', Readable.from(source()));
    for (let turns = 0; turns < 300; turns += 1) await turn();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(read).toBeLessThan(30);
    archive.abort(new Error('over'));
    await expect(adding).rejects.toThrow('over');
  });
});

describe('a ZIP archive that something goes wrong with', () => {
  const failure = new Error('The source broke.');

  async function* breaking() {
    yield noise(100_000);
    await turn();
    throw failure;
  }

  it('fails for who adds, who finishes and who reads when a source breaks in the middle', async () => {
    const archive = openZipArchive(NOON);
    const reading = outcome(buffer(archive.output));
    await archive.add('good.txt', 'good');
    expect(await outcome(archive.add('bad.bin', Readable.from(breaking())))).toBe(failure);
    expect(await reading).toBe(failure);
    expect(await outcome(archive.finish())).toBe(failure);
  });

  it('fails when a source is closed before its end', async () => {
    const archive = openZipArchive(NOON);
    const reading = outcome(buffer(archive.output));
    const source = endless();
    const adding = outcome(archive.add('bad.bin', source));
    source.destroy();
    expect(await adding).toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
    expect(messagesOf(await reading)).toContain('Premature close');
  });

  it('fails when a source is destroyed before it is added', async () => {
    const archive = openZipArchive(NOON);
    const reading = outcome(buffer(archive.output));
    const source = endless();
    source.destroy();
    expect(messagesOf(await outcome(archive.add('bad.bin', source)))).not.toBe('');
    expect(messagesOf(await reading)).not.toBe('');
  });

  it('fails when its reader fails, and lets go of the source', async () => {
    const archive = openZipArchive(NOON);
    const sinkFailure = new Error('The sink broke.');
    const sink = new Writable({ write: (_chunk, _encoding, done) => done(sinkFailure) });
    const reading = outcome(pipeline(archive.output, sink));
    const source = endless();
    source.write(noise(5_000_000));
    const adding = outcome(archive.add('a.bin', source));
    expect(await reading).toBe(sinkFailure);
    expect(await adding).toBeInstanceOf(Error);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(source.destroyed).toBe(true);
  });

  it('fails when its reader goes away without a word', async () => {
    const archive = openZipArchive(NOON);
    const source = endless();
    const adding = outcome(archive.add('a.bin', source));
    await turn();
    archive.output.destroy();
    expect(messagesOf(await adding)).toContain('Premature close');
    expect(source.destroyed).toBe(true);
    expect(messagesOf(await outcome(archive.finish()))).toContain('Premature close');
  });

  it.each([
    ['deflated', false],
    ['stored as it is', true],
  ])(
    'fails for everybody with the reason it was aborted for, and lets go of a source %s',
    async (_, asItIs) => {
      const archive = openZipArchive(NOON);
      const reading = outcome(buffer(archive.output));
      const source = endless();
      const adding = outcome(archive.add('a.bin', source, asItIs));
      const reason = new Error('The export was closed.');
      archive.abort(reason);
      archive.abort(new Error('Another reason, later.'));
      expect(await adding).toBe(reason);
      expect(await reading).toBe(reason);
      expect(await outcome(archive.finish())).toBe(reason);
      for (let turns = 0; turns < 20; turns += 1) await turn();
      expect(source.destroyed).toBe(true);
    },
  );

  it('takes nothing more, and lets go of what it is given', async () => {
    const archive = openZipArchive(NOON);
    archive.output.on('error', () => undefined);
    const reason = new Error('over');
    archive.abort(reason);
    const source = endless();
    expect(await outcome(archive.add('late.bin', source))).toBe(reason);
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(source.destroyed).toBe(true);
  });

  it('says so also when the reason is no error', async () => {
    const archive = openZipArchive(NOON);
    const reading = outcome(buffer(archive.output));
    archive.abort('just so');
    expect(await reading).toMatchObject({ message: 'The archive was given up.', cause: 'just so' });
  });

  it('is never a readable ZIP when it was not finished', async () => {
    const archive = openZipArchive(NOON);
    const chunks: Buffer[] = [];
    archive.output.on('data', (chunk: Buffer) => chunks.push(chunk));
    archive.output.on('error', () => undefined);
    await archive.add('good.txt', 'good');
    await outcome(archive.add('bad.bin', Readable.from(breaking())));
    await expect(zipEntries(Buffer.concat(chunks))).rejects.toBeInstanceOf(Error);
  });
});
