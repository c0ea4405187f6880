import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { openedAhead, type FileAtTurn } from '../../../../shared/packaging/opened-ahead.ts';
import type { StatementFile } from '../../../../shared/ports.ts';

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
      ...items(0, 1, -1, 300_000, 5, 262_144, 262_145, 70_000),
      { name: 'lied', size: 400_000, stated: 3 },
      { name: 'small', size: 3, stated: 400_000 },
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

  it('has at most sixteen under way, and no large one before its turn', async () => {
    const storage = new Storage();
    const list = items(...Array.from({ length: 100 }, (_, at) => (at % 10 === 0 ? 300_000 : 10)));
    let turns = 0;
    for await (const [item, file] of ahead(storage, list)) {
      await turn();
      expect(storage.opened.length - turns).toBeLessThanOrEqual(16);
      const largeOpened = storage.opened.filter(
        (name) => list.find((one) => one.name === name)?.size === 300_000,
      );
      expect(largeOpened.length).toBeLessThanOrEqual(Math.floor(turns / 10) + 1);
      turns += 1;
      await bytesOf(file);
      expect(item.name).toBe(`f${turns - 1}`);
    }
    expect(turns).toBe(100);
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
