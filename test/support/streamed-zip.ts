import { crc32, inflateRawSync } from 'node:zlib';

const SIGNATURES = { localHeader: 0x04034b50, dataDescriptor: 0x08074b50, centralHeader: 0x02014b50 };
const [STORED, DEFLATED] = [0, 8];
const SIZES_FOLLOW = 0x0008;

/** A raw deflate stream says by itself where it ends; that is all a reader has that cannot look ahead. */
const inflated = (bytes: Buffer): { content: Buffer; packedBytes: number } => {
  const { buffer, engine } = inflateRawSync(bytes, { info: true }) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  return { content: buffer, packedBytes: engine.bytesWritten };
};

const descriptorOf = (content: Buffer, packedBytes: number): number[] => [
  crc32(content),
  packedBytes,
  content.length,
];

/**
 * The entries of a ZIP as a reader finds them that only goes forward and stops where the directory begins: each local
 * header must follow what is before it, and each entry's size and CRC-32 must be those that stand around it. No ZIP64.
 */
export const streamedZip = (zip: Buffer): Map<string, Buffer> => {
  const entries = new Map<string, Buffer>();
  let at = 0;
  const u32s = (count: number, from: number): number[] =>
    Array.from({ length: count }, (_, field) => zip.readUInt32LE(from + 4 * field));
  while (zip.readUInt32LE(at) === SIGNATURES.localHeader) {
    const [flags, method] = [zip.readUInt16LE(at + 6), zip.readUInt16LE(at + 8)];
    const [nameBytes, extraBytes] = [zip.readUInt16LE(at + 26), zip.readUInt16LE(at + 28)];
    const path = zip.toString('utf8', at + 30, at + 30 + nameBytes);
    const before = u32s(3, at + 14);
    at += 30 + nameBytes + extraBytes;
    const isStored = method === STORED && (flags & SIZES_FOLLOW) === 0;
    if (method !== DEFLATED && !isStored) throw new Error(`${path} does not say where it ends.`);
    const stored = zip.subarray(at, at + (before[1] ?? 0));
    const { content, packedBytes } = isStored
      ? { content: stored, packedBytes: stored.length }
      : inflated(zip.subarray(at));
    at += packedBytes;
    const told = isStored ? before : u32s(4, at);
    const found = [...(isStored ? [] : [SIGNATURES.dataDescriptor]), ...descriptorOf(content, packedBytes)];
    if (!found.every((value, field) => value === told[field])) {
      throw new Error(`${path} says ${told.join(', ')}, not ${found.join(', ')}.`);
    }
    at += isStored ? 0 : 16;
    entries.set(path, content);
  }
  if (zip.readUInt32LE(at) !== SIGNATURES.centralHeader)
    throw new Error(`Something else stands at byte ${at}.`);
  return entries;
};
