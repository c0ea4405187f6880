/** Reads some bytes of a package, `to` not included. */
export type ReadRange = (from: number, to: number) => Promise<Uint8Array>;

/** What is too large to be looked into here, bytes. */
const LARGEST = 16 * 1024 ** 2;
/** The end record, its ZIP64 twin and their locator; a package has no comment. */
const TAIL_BYTES = 64 * 1024;

const END = 0x06054b50;
const ZIP64_LOCATOR = 0x07064b50;
const ZIP64_END = 0x06064b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
const IN_ZIP64 = 0xffffffff;

/** The manifest of this package is not shown; the message is for people. */
export class ManifestUnreadable extends Error {
  override readonly name = 'ManifestUnreadable';
}

const unreadable = () => new ManifestUnreadable('The list of contents of this package cannot be read here.');
const tooLarge = () =>
  new ManifestUnreadable('The list of contents of this package is too long to be shown here.');

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

interface Extent {
  readonly from: number;
  readonly bytes: number;
}

const directoryExtent = (tail: Uint8Array): Extent => {
  const view = viewOf(tail);
  const end = tail.length - 22;
  if (end < 0 || view.getUint32(end, true) !== END) throw unreadable();
  const [bytes, from] = [view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  const locator = end - 20;
  if (locator < 56 || view.getUint32(locator, true) !== ZIP64_LOCATOR) return { from, bytes };
  // The ZIP64 record lies right before its locator, as this service writes it.
  const zip64 = locator - 56;
  if (view.getUint32(zip64, true) !== ZIP64_END) throw unreadable();
  return {
    bytes: Number(view.getBigUint64(zip64 + 40, true)),
    from: Number(view.getBigUint64(zip64 + 48, true)),
  };
};

interface Entry {
  readonly method: number;
  readonly compressed: number;
  readonly offset: number;
}

/** The values of 64 bits of an entry's extra field, for those of 32 bits that are full, in this order. */
const zip64Values = (extra: DataView): bigint[] => {
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue;
    const length = Math.min(extra.getUint16(at + 2, true), extra.byteLength - at - 4);
    return Array.from({ length: Math.floor(length / 8) }, (_, index) =>
      extra.getBigUint64(at + 4 + index * 8, true),
    );
  }
  return [];
};

const entryAt = (view: DataView, at: number, nameLength: number, extraLength: number): Entry => {
  const fields = [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ];
  const extra = new DataView(view.buffer, view.byteOffset + at + 46 + nameLength, extraLength);
  const large = zip64Values(extra);
  const [, compressed = 0, offset = 0] = fields.map((field) =>
    field === IN_ZIP64 ? Number(large.shift() ?? field) : field,
  );
  return { method: view.getUint16(at + 10, true), compressed, offset };
};

/** Walks a central directory to the entry of that name. */
const findEntry = (directory: Uint8Array, wanted: string): Entry => {
  const view = viewOf(directory);
  const decoder = new TextDecoder();
  let at = 0;
  while (at + 46 <= directory.length && view.getUint32(at, true) === DIRECTORY_ENTRY) {
    const [nameLength, extraLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    const name = decoder.decode(directory.subarray(at + 46, at + 46 + nameLength));
    if (name === wanted) return entryAt(view, at, nameLength, extraLength);
    at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
  }
  throw unreadable();
};

const inflated = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).text();
};

const contentOf = async (readRange: ReadRange, { method, compressed, offset }: Entry): Promise<string> => {
  if (compressed > LARGEST) throw tooLarge();
  const header = viewOf(await readRange(offset, offset + 30));
  const start = offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  const bytes = new Uint8Array(await readRange(start, start + compressed));
  if (method === STORED) return new TextDecoder().decode(bytes);
  if (method === DEFLATED) return inflated(bytes);
  throw unreadable();
};

const zipManifest = async (readRange: ReadRange, size: number): Promise<string> => {
  const tailStart = Math.max(0, size - TAIL_BYTES);
  const tail = await readRange(tailStart, size);
  const { from, bytes } = directoryExtent(tail);
  if (bytes > LARGEST) throw tooLarge();
  const directory =
    from >= tailStart
      ? tail.subarray(from - tailStart, from - tailStart + bytes)
      : await readRange(from, from + bytes);
  return contentOf(readRange, findEntry(directory, 'manifest.json'));
};

const BEFORE_MANIFEST = '{"manifest":';

/** A JSON package begins with its manifest, in one line. */
const jsonManifest = async (readRange: ReadRange, size: number): Promise<string> => {
  for (let length = TAIL_BYTES; length <= LARGEST; length *= 4) {
    const head = await readRange(0, Math.min(length, size));
    const end = head.indexOf(0x0a);
    if (end >= 0) return new TextDecoder().decode(head.subarray(BEFORE_MANIFEST.length, end - 1));
    if (length >= size) throw unreadable();
  }
  throw tooLarge();
};

/**
 * The manifest of a package of `size` bytes, of which only the pieces are read that hold it.
 * @throws ManifestUnreadable
 */
export const readPackageManifest = async (
  format: 'zip' | 'json',
  size: number,
  readRange: ReadRange,
): Promise<unknown> => {
  const text = await (format === 'zip' ? zipManifest(readRange, size) : jsonManifest(readRange, size));
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable();
  }
};
