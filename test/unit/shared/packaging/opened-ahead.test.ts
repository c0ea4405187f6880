import { describe, expect, it } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { openedAhead, type FileAtTurn } from '../../../../shared/packaging/opened-ahead.ts';
import type { StatementFile } from '../../../../shared/ports.ts';

const MIB = 1024 ** 2;

interface Item {
  readonly name: string;
  readonly size: number;
  /** What the record says, where it says something else. */
  readonly stated?: number;
}

async function* sourceOf(items: readonly Item[]): AsyncGenerator<Item> {
  for (const item of items) yield await Promise.resolve(item);
}

/** A storage that knows what is open. */
class Storage {
  readonly opened: string[] = [];
  readonly bodies: Readable[] = [];
  failing: string | undefined;

  open = async ({ name, size }: Item): Promise<StatementFile> => {
    this.opened.push(name);
    await turn();
    if (name === this.failing) throw new Error(`${name} failed`);
    if (size < 0) return { found: false, code: 'MISSING_OBJECT' };
    const chunks = Array.from({ length: Math.ceil(size / 65_536) }, (_, at) =>
      Buffer.alloc(Math.min(65_536, size - at * 65_536), name),
    );
    const body = Readable.from(chunks, { objectMode: false });
    this.bodies.push(body);
    return { found: true, body };
  };

  get stillOpen(): number {
    return this.bodies.filter(({ destroyed }) => !destroyed).length;
  }
}

const items = (...sizes: readonly number[]): Item[] => sizes.map((size, at) => ({ name: `f${at}`, size }));

const bytesOf = async (file: FileAtTurn): Promise<Buffer | string> => {
  if (!file.found) return file.code;
  return file.content instanceof Uint8Array ? Buffer.from(file.content) : buffer(file.content);
};

const ahead = (storage: Storage, list: readonly Item[]) =>
  openedAhead(sourceOf(list), storage.open, ({ stated, size }) => stated ?? size);

describe('opening files ahead', () => {
  it('gives each item its own bytes, in order, whatever their sizes and whatever was stated', async () => {
    const storage = new Storage();
    const list = [
      ...items(0, 1, -1, 3_000_000, 5, MIB, MIB + 1, 70_000),
      { name: 'lied', size: 1_400_000, stated: 3 },
      { name: 'small', size: 3, stated: 4_000_000 },
      { name: 'nonsense', size: 3, stated: -1e300 },
    ];
    const got: [string, Buffer | string][] = [];
    for await (const [{ name }, file] of ahead(storage, list)) got.push([name, await bytesOf(file)]);
    expect(got.map(([name]) => name)).toEqual(list.map(({ name }) => name));
    for (const [at, { name, size }] of list.entries()) {
      const bytes = got[at]?.[1] ?? '';
      expect(typeof bytes === 'string' ? bytes : bytes.equals(Buffer.alloc(size, name))).toBe(
        size < 0 ? 'MISSING_OBJECT' : true,
      );
    }
    expect(storage.stillOpen).toBe(0);
  });

  it('gives in one piece what is no more than a MiB and was not said to be, anything else as a stream', async () => {
    for (const stated of [0, MIB, MIB + 1, 1e15]) {
      const list = [MIB, MIB + 1].map((size) => ({ name: String(size), size, stated }));
      const inOnePiece: boolean[] = [];
      for await (const [, file] of ahead(new Storage(), list)) {
        inOnePiece.push(file.found && file.content instanceof Uint8Array);
        await bytesOf(file);
      }
      expect([stated, inOnePiece]).toEqual([stated, [stated <= MIB, false]]);
    }
  });

  it('gives a large file before any of its bytes has come, and the body itself, which can be closed', async () => {
    const body = new PassThrough();
    const silent = () => Promise.resolve({ found: true as const, body });
    for await (const [, file] of openedAhead(sourceOf(items(1)), silent, () => MIB + 1)) {
      expect(file).toEqual({ found: true, content: body });
    }
  });

  it('gives up what it would hold too much of, and opens that again at its turn', async () => {
    const storage = new Storage();
    const list = items(...Array.from({ length: 80 }, () => 900_000)).map((item) => ({ ...item, stated: 1 }));
    let at = 0;
    for await (const [{ name }, file] of ahead(storage, list)) {
      for (let turns = 0; at === 0 && turns < 2_000; turns++) await turn();
      expect(await bytesOf(file)).toHaveLength(900_000);
      expect(name).toBe(`f${at}`);
      at += 1;
    }
    expect(at).toBe(80);
    expect(storage.opened.length).toBeGreaterThan(80);
    expect(storage.stillOpen).toBe(0);
  });

  it('has at most 64 and 16 MiB under way, and no large one before its turn', async () => {
    const storage = new Storage();
    const list = items(...Array.from({ length: 200 }, (_, at) => (at % 10 === 0 ? 1_100_000 : 300_000)));
    let turns = 0;
    for await (const [item, file] of ahead(storage, list)) {
      await turn();
      const underWay = storage.opened.length - turns;
      expect(underWay).toBeLessThanOrEqual(64);
      expect((underWay - 2) * 300_000).toBeLessThanOrEqual(16 * MIB);
      const largeOpened = storage.opened.filter(
        (name) => list.find((one) => one.name === name)?.size === 1_100_000,
      );
      expect(largeOpened.length).toBeLessThanOrEqual(Math.floor(turns / 10) + 1);
      turns += 1;
      await bytesOf(file);
      expect(item.name).toBe(`f${turns - 1}`);
    }
    expect(turns).toBe(200);
  });

  it('fails at the turn of the one that cannot be opened, and leaves none open', async () => {
    const storage = new Storage();
    storage.failing = 'f3';
    const names: string[] = [];
    const reading = async () => {
      for await (const [{ name }, file] of ahead(storage, items(1, 2, 3, 4, 5, 6))) {
        names.push(name);
        await bytesOf(file);
      }
    };
    await expect(reading()).rejects.toThrow('f3 failed');
    expect(names).toEqual(['f0', 'f1', 'f2']);
    expect(storage.stillOpen).toBe(0);
  });

  it('leaves none open when its reader stops', async () => {
    const storage = new Storage();
    for await (const [, file] of ahead(storage, items(...Array.from({ length: 30 }, () => 200_000)))) {
      await bytesOf(file);
      break;
    }
    expect(storage.bodies.length).toBeGreaterThan(1);
    expect(storage.stillOpen).toBe(0);
  });
});
