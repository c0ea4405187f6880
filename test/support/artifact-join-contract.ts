import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { startCrc } from '../../infra/local/s3/crc.ts';
import { ExportClosed, InterimCorrupted } from '../../shared/domain/errors.ts';
import type { ArtifactStore, Piece, StoredBytes } from '../../shared/ports.ts';
import { distinctBytes } from './s3-under-test.ts';

const MEBIBYTE = 1024 ** 2;
const SMALL = 1_000;
/** Long enough to be copied, as one part and as what is left of one. */
const LARGE = 11 * MEBIBYTE;

const crc64nvme = (bytes: Buffer): string => {
  const crc = startCrc('CRC64NVME');
  crc.update(bytes);
  return crc.digest().toString('base64');
};

/** What every artifact store must do when it opens and joins objects; the adapter and the double run it. */
export const describeJoining = (name: string, start: () => Promise<ArtifactStore>): void => {
  let store: ArtifactStore;
  beforeAll(async () => {
    store = await start();
  });

  const put = async (bytes: Buffer, key: string = randomUUID()): Promise<string> => {
    await store.write(key, [bytes], 'application/octet-stream');
    return key;
  };
  const whole = async (key: string): Promise<StoredBytes> => {
    const source = await store.open(key);
    return { source, start: 0, length: source.size };
  };
  const content = async (key: string): Promise<Buffer> => {
    const object = await store.open(key);
    return Buffer.from(await object.read(0, object.size));
  };

  describe(`${name}, opening an object`, () => {
    it('reads parts of it and tells versions apart', async () => {
      const key = await put(distinctBytes(SMALL));
      const opened = await store.open(key);
      expect(opened).toMatchObject({ key, size: SMALL });
      expect(Buffer.from(await opened.read(10, 20))).toEqual(distinctBytes(SMALL).subarray(10, 30));
      expect((await store.open(key)).version).toBe(opened.version);
      await put(distinctBytes(SMALL, 2), key);
      expect((await store.open(key)).version).not.toBe(opened.version);
      await expect(opened.read(0, 1)).rejects.toBeInstanceOf(InterimCorrupted);
    });

    it('that is not there says that the interim data are damaged', async () => {
      await expect(store.open('missing')).rejects.toBeInstanceOf(InterimCorrupted);
    });
  });

  describe(`${name}, joining`, () => {
    const small = distinctBytes(SMALL, 1);
    const large = distinctBytes(LARGE, 2);
    let smallKey: string;
    let largeKey: string;
    beforeAll(async () => {
      [smallKey, largeKey] = [await put(small), await put(large)];
    });

    const join = async (pieces: readonly Piece[]) => {
      const key = randomUUID();
      const joined = await store.join(key, pieces, 'application/zip');
      return { key, joined, bytes: await content(key) };
    };

    it('lays pieces of every kind and size end to end, and tells size and checksum', async () => {
      const { source } = await whole(largeKey);
      const part = (start: number, length: number): StoredBytes => ({ source, start, length });
      const { joined, bytes } = await join([
        await whole(smallKey),
        Buffer.from('between'),
        part(MEBIBYTE, 5 * MEBIBYTE),
        part(0, 5 * MEBIBYTE - 1),
        new Uint8Array(),
        part(7, 5 * MEBIBYTE + 1),
        part(LARGE, 0),
        await whole(largeKey),
        distinctBytes(9 * MEBIBYTE, 3),
        await whole(smallKey),
      ]);
      const expected = Buffer.concat([
        small,
        Buffer.from('between'),
        large.subarray(MEBIBYTE, 6 * MEBIBYTE),
        large.subarray(0, 5 * MEBIBYTE - 1),
        large.subarray(7, 7 + 5 * MEBIBYTE + 1),
        large,
        distinctBytes(9 * MEBIBYTE, 3),
        small,
      ]);
      expect(bytes.equals(expected)).toBe(true);
      expect(joined).toEqual({ bytes: expected.length, crc64nvme: crc64nvme(expected) });
    });

    it('takes an object of the size of the smallest part, whole and in pieces', async () => {
      const bytes = distinctBytes(5 * MEBIBYTE, 4);
      const { source } = await whole(await put(bytes));
      const cut = { source, start: 0, length: 5 * MEBIBYTE - 1 };
      const joined = await join([{ ...cut, length: source.size }, cut, { ...cut, length: source.size }]);
      expect(joined.bytes.equals(Buffer.concat([bytes, bytes.subarray(0, -1), bytes]))).toBe(true);
    });

    it('no pieces makes an empty object', async () => {
      const { joined, bytes } = await join([]);
      expect(bytes).toHaveLength(0);
      expect(joined).toEqual({ bytes: 0, crc64nvme: 'AAAAAAAAAAA=' });
    });

    it('takes pieces that are made one by one', async () => {
      async function* made(): AsyncGenerator<Piece> {
        for (const word of ['one ', 'two ']) {
          await Promise.resolve();
          yield Buffer.from(word);
        }
        yield await whole(smallKey);
      }
      const key = randomUUID();
      await store.join(key, made(), 'text/plain');
      expect(await content(key)).toEqual(Buffer.concat([Buffer.from('one two '), small]));
    });

    it.each([
      ['a+b c'],
      ['%2E%2E/%252F'],
      ['ü/😀/日本'],
      ['quote"\'()*!~<>&=?#;:@,$[]'],
      ['new\nline'],
      ['user//double/'],
    ])('finds stored pieces whatever they are called: %j', async (name) => {
      await put(large, name);
      const { bytes } = await join([await whole(name)]);
      expect(bytes.equals(large)).toBe(true);
    });

    it.each([
      ['short', small],
      ['long', large],
    ])('refuses a %s piece that is gone or was replaced', async (_, bytes) => {
      const [replaced, removed] = [await put(bytes), await put(bytes)];
      const pieces = [await whole(replaced), await whole(removed)] as const;
      await put(Buffer.from(bytes).reverse(), replaced);
      await store.remove(removed);
      for (const piece of pieces) {
        const key = randomUUID();
        const joining = store.join(key, [piece], 'text/plain');
        await expect(joining).rejects.toBeInstanceOf(InterimCorrupted);
        expect(await store.exists(key)).toBe(false);
      }
    });

    it('refuses a piece that reaches beyond its object', async () => {
      const { source } = await whole(largeKey);
      const beyond = { source, start: 1, length: LARGE };
      await expect(store.join(randomUUID(), [beyond], 'text/plain')).rejects.toBeInstanceOf(RangeError);
    });

    it.each([['at once', 0] as const, ['after parts', 2] as const])(
      'leaves what was there when making the pieces fails %s, and says why',
      async (_, before) => {
        const failure = new ExportClosed('The export is no longer in progress.');
        const piece = await whole(largeKey);
        function* failing(): Generator<Piece> {
          for (let given = 0; given < before; given += 1) yield piece;
          throw failure;
        }
        const key = await put(Buffer.from('old'));
        await expect(store.join(key, failing(), 'text/plain')).rejects.toBe(failure);
        expect((await content(key)).toString()).toBe('old');
        await store.join(key, [Buffer.from('new')], 'text/plain');
        expect((await content(key)).toString()).toBe('new');
      },
    );
  });
};
