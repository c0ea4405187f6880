import type { Readable } from 'node:stream';
import type { StatementFile } from '../ports.ts';

/** Files under way at once: storage answers after tens of milliseconds, and packing a small file takes less than one. */
const FILES_AHEAD = 64;

/** What is read ahead in all, by what records say of their files; of files that are larger twice as much. */
const BYTES_AHEAD = 16 * 1024 * 1024;

/** A file up to this size, if its record says no more either, is packed as a whole; of a larger one nothing is read ahead. */
const LARGEST_WHOLE_BYTES = 1024 * 1024;

/** A file whose turn has come: all its bytes, or a stream of more than fit, or why there are none. */
export type FileAtTurn =
  | { readonly found: true; readonly content: AsyncIterable<Uint8Array> | Uint8Array }
  | Extract<StatementFile, { found: false }>;

type Open = () => Promise<StatementFile>;

async function* bytesOf(body: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('A file is not read as bytes.');
    yield chunk;
  }
}

async function* continued(
  begun: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* begun;
  yield* rest;
}

const contentOf = async (body: Readable): Promise<AsyncIterable<Uint8Array> | Uint8Array> => {
  const rest = bytesOf(body);
  const begun: Uint8Array[] = [];
  let bytes = 0;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    begun.push(next.value);
    bytes += next.value.length;
    if (bytes > LARGEST_WHOLE_BYTES) return continued(begun, rest);
  }
  return Buffer.concat(begun, bytes);
};

/** A file whose record says that it is large is a stream at once: who packs it can give up while it is waited for. */
const openAtTurn = async (open: Open, isLarge: boolean): Promise<FileAtTurn> => {
  const file = await open();
  if (!file.found) return file;
  return { found: true, content: isLarge ? file.body : await contentOf(file.body) };
};

/** What is held of files that are read ahead. */
class ReadingAhead {
  #heldBytes = 0;
  #ended = false;

  /** The file when all of it could be had; undefined, and its body closed, when it must be opened again at its turn. */
  async read(open: Open): Promise<FileAtTurn | undefined> {
    const file = await open();
    if (!file.found) return file;
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of bytesOf(file.body)) {
      bytes += chunk.length;
      this.#heldBytes += chunk.length;
      chunks.push(chunk);
      // A record can say less than its file has.
      if (bytes > LARGEST_WHOLE_BYTES || this.#heldBytes > 2 * BYTES_AHEAD || this.#ended) {
        this.#heldBytes -= bytes;
        return undefined;
      }
    }
    return { found: true, content: Buffer.concat(chunks, bytes) };
  }

  given(file: FileAtTurn): void {
    if (file.found && file.content instanceof Uint8Array) this.#heldBytes -= file.content.length;
  }

  end(): void {
    this.#ended = true;
  }
}

interface Queued<Item> {
  readonly item: Item;
  readonly isLarge: boolean;
  /** Expected of it in memory. */
  readonly bytes: number;
  readonly ahead: Promise<FileAtTurn | undefined>;
}

/**
 * Gives each item with its file, in order, while the small files of the next few are being read. A large file is opened
 * at its turn only: a body that waits while others are packed would be cut off by its server.
 */
export async function* openedAhead<Item>(
  items: AsyncIterable<Item>,
  open: (item: Item) => Promise<StatementFile>,
  expectedBytes: (item: Item) => number,
): AsyncGenerator<[Item, FileAtTurn]> {
  const reading = new ReadingAhead();
  const queue: Queued<Item>[] = [];
  let queuedBytes = 0;

  const enqueue = (item: Item): void => {
    const expected = Math.max(0, expectedBytes(item));
    const isLarge = expected > LARGEST_WHOLE_BYTES;
    const ahead = isLarge ? Promise.resolve(undefined) : reading.read(() => open(item));
    ahead.catch(() => undefined);
    const bytes = isLarge ? 0 : expected;
    queuedBytes += bytes;
    queue.push({ item, isLarge, bytes, ahead });
  };
  const first = async (): Promise<[Item, FileAtTurn] | undefined> => {
    const next = queue.shift();
    if (next === undefined) return undefined;
    queuedBytes -= next.bytes;
    const ahead = await next.ahead;
    if (ahead === undefined) return [next.item, await openAtTurn(() => open(next.item), next.isLarge)];
    reading.given(ahead);
    return [next.item, ahead];
  };

  try {
    for await (const item of items) {
      enqueue(item);
      while (queue.length >= FILES_AHEAD || queuedBytes > BYTES_AHEAD) {
        const turn = await first();
        if (turn !== undefined) yield turn;
      }
    }
    for (let turn = await first(); turn !== undefined; turn = await first()) yield turn;
  } finally {
    reading.end();
    await Promise.allSettled(queue.map(({ ahead }) => ahead));
  }
}
