/**
 * A ZIP's own records as this service writes them, byte for byte (APPNOTE 4.3): what is read is compared with what would
 * be written, so that no field can hold anything else.
 */
export interface ZipEntry {
  readonly path: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  /** DOS date and time, as one number. */
  readonly modified: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where its local header begins. */
  readonly offset: number;
}

export const STORED = 0;
export const DEFLATED = 8;

const SIGNATURES = {
  localHeader: 0x04034b50,
  dataDescriptor: 0x08074b50,
  centralHeader: 0x02014b50,
  zip64End: 0x06064b50,
  zip64Locator: 0x07064b50,
  end: 0x06054b50,
} as const;

const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;
/** Sizes and CRC-32 follow the bytes, because they are not known before. */
const SIZES_FOLLOW = 0x0008;
const UTF8_NAME = 0x0800;
const VERSION_STORED = 10;
const VERSION_STREAMED = 20;
const VERSION_ZIP64 = 45;
const MADE_ON_UNIX = 3 << 8;
/** A plain file that its owner may write and everybody may read; the low part is the DOS archive bit. */
const FILE_ATTRIBUTES = ((0o100644 << 16) | 0x20) >>> 0;
const ZIP64_FIELD = 0x0001;

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

/** Only a deflated entry ends by itself: the sizes of a stored one must stand before it, or nobody can read it from a stream. */
const sizesFollow = ({ method, packedBytes, bytes }: ZipEntry): boolean =>
  method !== STORED || packedBytes > MAX_32 || bytes > MAX_32;

const versionFor = (entry: ZipEntry): number => (sizesFollow(entry) ? VERSION_STREAMED : VERSION_STORED);

const flagsFor = (entry: ZipEntry, name: Buffer): number =>
  (sizesFollow(entry) ? SIZES_FOLLOW : 0) | (name.every((byte) => byte < 0x80) ? 0 : UTF8_NAME);

/** What stands before an entry's bytes. */
export const localHeader = (entry: ZipEntry): Buffer => {
  const { path, method, modified, crc32, packedBytes, bytes } = entry;
  const name = Buffer.from(path);
  return Buffer.concat([
    u32(SIGNATURES.localHeader),
    u16(versionFor(entry)),
    u16(flagsFor(entry, name)),
    u16(method),
    u32(modified),
    ...(sizesFollow(entry) ? [0, 0, 0] : [crc32, packedBytes, bytes]).map(u32),
    u16(name.length),
    u16(0),
    name,
  ]);
};

/** What stands behind an entry's bytes; nothing where it would say again what stands before them. */
export const dataDescriptor = (entry: ZipEntry): Buffer => {
  const { crc32, packedBytes, bytes } = entry;
  if (!sizesFollow(entry)) return Buffer.alloc(0);
  const size = packedBytes > MAX_32 || bytes > MAX_32 ? u64 : u32;
  return Buffer.concat([u32(SIGNATURES.dataDescriptor), u32(crc32), size(packedBytes), size(bytes)]);
};

/** An entry's record in the central directory. */
export const centralHeader = (entry: ZipEntry): Buffer => {
  const { path, method, modified, crc32, packedBytes, bytes, offset } = entry;
  const name = Buffer.from(path);
  const large = packedBytes > MAX_32 || bytes > MAX_32 || offset > MAX_32;
  const field = (value: number): Buffer => u32(large ? MAX_32 : value);
  const extra = large
    ? Buffer.concat([u16(ZIP64_FIELD), u16(24), u64(bytes), u64(packedBytes), u64(offset)])
    : Buffer.alloc(0);
  return Buffer.concat([
    u32(SIGNATURES.centralHeader),
    u16(MADE_ON_UNIX | VERSION_ZIP64),
    u16(large ? VERSION_ZIP64 : versionFor(entry)),
    u16(flagsFor(entry, name)),
    u16(method),
    u32(modified),
    u32(crc32),
    field(packedBytes),
    field(bytes),
    u16(name.length),
    u16(extra.length),
    // No comment, the first disk, no internal attributes.
    ...[u16(0), u16(0), u16(0)],
    u32(FILE_ATTRIBUTES),
    field(offset),
    name,
    extra,
  ]);
};

export interface CentralDirectory {
  readonly entries: number;
  readonly bytes: number;
  readonly offset: number;
}

const zip64EndRecords = ({ entries, bytes, offset }: CentralDirectory): Buffer =>
  Buffer.concat([
    u32(SIGNATURES.zip64End),
    u64(44),
    ...[u16(VERSION_ZIP64), u16(VERSION_ZIP64)],
    ...[u32(0), u32(0)],
    ...[u64(entries), u64(entries), u64(bytes), u64(offset)],
    ...[u32(SIGNATURES.zip64Locator), u32(0), u64(offset + bytes), u32(1)],
  ]);

/** What ends the ZIP: where its directory is, without a comment. */
export const endRecords = (directory: CentralDirectory): Buffer => {
  const { entries, bytes, offset } = directory;
  const large = entries > MAX_16 || bytes > MAX_32 || offset > MAX_32;
  return Buffer.concat([
    large ? zip64EndRecords(directory) : Buffer.alloc(0),
    u32(SIGNATURES.end),
    ...[u16(0), u16(0)],
    ...[u16(large ? MAX_16 : entries), u16(large ? MAX_16 : entries)],
    u32(large ? MAX_32 : bytes),
    u32(large ? MAX_32 : offset),
    u16(0),
  ]);
};
