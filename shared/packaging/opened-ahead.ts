import type { Readable } from 'node:stream';
import type { StatementFile } from '../ports.ts';

/** Files under way at once: storage answers after tens of milliseconds, and packing a small file takes about one. */
const FILES_AHEAD = 16;

/** What is read ahead of one file at the most, so that all of them together take at most 4 MiB. */
const BYTES_AHEAD = 256 * 1024;

/** A file whose turn has come: its bytes, in memory or still arriving, or why there are none. */
export type FileAtTurn =
  | { readonly found: true; readonly content: AsyncIterable<Uint8Array> | Uint8Array }
  | Extract<StatementFile, { found: false }>;

type Open = () => Promise<StatementFile>;

/** All of a body when it is small; undefined, and the body closed, when it is not or when nobody wants it any more. */
const readWhole = async (body: Readable, wanted: AbortSignal): Promise<Uint8Array | undefined> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('A file is not read as bytes.');
    bytes += chunk.length;
    if (bytes > BYTES_AHEAD || wanted.aborted) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** The file when all of it could be had; undefined when it must be opened again at its turn. */
const readAhead = async (open: Open, wanted: AbortSignal): Promise<FileAtTurn | undefined> => {
  const file = await open();
  if (!file.found) return file;
  const content = await readWhole(file.body, wanted);
  return content === undefined ? undefined : { found: true, content };
};

const openAtTurn = async (open: Open): Promise<FileAtTurn> => {
  const file = await open();
  return file.found ? { found: true, content: file.body } : file;
};

/**
 * Gives each item with its file, in order, while the small files of the next few are being read. A large file is opened
 * at its turn only: a body that waits while others are packed would be cut off by its server.
 */
export async function* openedAhead<Item>(
  items: AsyncIterable<Item>,
  open: (item: Item) => Promise<StatementFile>,
  expectedBytes: (item: Item) => number,
): AsyncGenerator<[Item, FileAtTurn]> {
  const ended = new AbortController();
  const queue: { item: Item; ahead: Promise<FileAtTurn | undefined> }[] = [];

  const enqueue = (item: Item): void => {
    const ahead =
      expectedBytes(item) > BYTES_AHEAD
        ? Promise.resolve(undefined)
        : readAhead(() => open(item), ended.signal);
    ahead.catch(() => undefined);
    queue.push({ item, ahead });
  };
  const first = async (): Promise<[Item, FileAtTurn] | undefined> => {
    const next = queue.shift();
    if (next === undefined) return undefined;
    return [next.item, (await next.ahead) ?? (await openAtTurn(() => open(next.item)))];
  };

  try {
    for await (const item of items) {
      enqueue(item);
      if (queue.length < FILES_AHEAD) continue;
      const turn = await first();
      if (turn !== undefined) yield turn;
    }
    for (let turn = await first(); turn !== undefined; turn = await first()) yield turn;
  } finally {
    ended.abort();
    await Promise.allSettled(queue.map(({ ahead }) => ahead));
  }
}
