import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { openZipArchive } from '../../../../shared/packaging/zip-archive.ts';
import { NOON } from '../../../support/export-builders.ts';
import { readZip } from '../../../support/read-zip.ts';

/** A body that never ends by itself. */
const endless = () =>
  new Readable({
    read() {
      this.push(Buffer.alloc(64 * 1024, 'x'));
    },
  });

const closed = (stream: Readable): Promise<void> =>
  stream.closed ? Promise.resolve() : new Promise((resolve) => stream.once('close', resolve));

describe('a ZIP archive', () => {
  it('takes texts, bytes and streams, and tells the size and hash of each', async () => {
    const archive = openZipArchive(NOON);
    const reading = buffer(archive.output);
    const text = await archive.add('text', 'a');
    const bytes = await archive.add('bytes', Buffer.from('a'));
    const stream = await archive.add('stream', Readable.from([Buffer.from('a')]));
    const empty = await archive.add('empty', '');
    await archive.finish();
    const sha256 = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
    for (const entry of [text, bytes, stream]) expect(entry).toMatchObject({ bytes: 1, sha256 });
    expect(empty.bytes).toBe(0);
    expect([...(await readZip(await reading))].map(([path, content]) => [path, content.toString()])).toEqual([
      ['text', 'a'],
      ['bytes', 'a'],
      ['stream', 'a'],
      ['empty', ''],
    ]);
  });

  it('is the same for the same content, whenever it is made', async () => {
    const made = async () => {
      const archive = openZipArchive(NOON);
      const reading = buffer(archive.output);
      await archive.add('a/b.txt', 'text');
      await archive.finish();
      return reading;
    };
    expect((await made()).equals(await made())).toBe(true);
  });

  it('fails for the entry whose stream breaks off, and for its reader', async () => {
    const archive = openZipArchive(NOON);
    const reading = buffer(archive.output);
    const broken = Readable.from(
      (async function* () {
        yield await Promise.resolve(Buffer.from('half'));
        throw new Error('broken off');
      })(),
    );
    await expect(archive.add('broken', broken)).rejects.toThrow('broken off');
    await expect(reading).rejects.toThrow('broken off');
    await expect(archive.add('next', 'text')).rejects.toThrow('broken off');
  });

  it('closes the stream of the entry at hand when it is given up', async () => {
    const archive = openZipArchive(NOON);
    archive.output.resume();
    archive.output.on('error', () => undefined);
    const body = endless();
    const adding = archive.add('endless', body);
    setTimeout(() => archive.abort(new Error('the upload failed')), 20);
    await expect(adding).rejects.toThrow('the upload failed');
    await closed(body);
  });

  it('closes the stream of the entry at hand when nobody reads any more', async () => {
    const archive = openZipArchive(NOON);
    const body = endless();
    const adding = archive.add('endless', body);
    setTimeout(() => archive.output.destroy(), 20);
    await expect(adding).rejects.toThrow();
    await closed(body);
  });

  it.each([[''], ['x'.repeat(65_536)]])('refuses a path that no ZIP can hold', async (path) => {
    const archive = openZipArchive(NOON);
    await expect(archive.add(path, 'text')).rejects.toThrow(RangeError);
    archive.abort(new Error('end'));
    await expect(buffer(archive.output)).rejects.toThrow('end');
  });
});
