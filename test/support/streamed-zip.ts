import { crc32, inflateRawSync } from 'node:zlib';

const SIGNATURES = { localHeader: 0x04034b50, dataDescriptor: 0x08074b50, centralHeader: 0x02014b50 };
const DEFLATED = 8;

/** A raw deflate stream says by itself where it ends; that is all a reader has that cannot look ahead. */
const inflated = (bytes: Buffer): { content: Buffer; packedBytes: number } => {
  const { buffer, engine } = inflateRawSync(bytes, { info: true }) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  return { content: buffer, packedBytes: engine.bytesWritten };
};

/**
 * The entries of a ZIP as a reader finds them that only goes forward and stops where the directory begins: each local
 * header must follow what is before it, and each entry's size and CRC-32 must be those that follow it. No ZIP64.
 */
export const streamedZip = (zip: Buffer): Map<string, Buffer> => {
  const entries = new Map<string, Buffer>();
  let at = 0;
  while (zip.readUInt32LE(at) === SIGNATURES.localHeader) {
    const [nameBytes, extraBytes] = [zip.readUInt16LE(at + 26), zip.readUInt16LE(at + 28)];
    const path = zip.toString('utf8', at + 30, at + 30 + nameBytes);
    if (zip.readUInt16LE(at + 8) !== DEFLATED) throw new Error(`${path} does not say where it ends.`);
    at += 30 + nameBytes + extraBytes;
    const { content, packedBytes } = inflated(zip.subarray(at));
    at += packedBytes;
    const told = [0, 4, 8, 12].map((field) => zip.readUInt32LE(at + field));
    const found = [SIGNATURES.dataDescriptor, crc32(content), packedBytes, content.length];
    if (!found.every((value, field) => value === told[field])) {
      throw new Error(`${path} is followed by ${told.join(', ')}, not by ${found.join(', ')}.`);
    }
    at += 16;
    entries.set(path, content);
  }
  if (zip.readUInt32LE(at) !== SIGNATURES.centralHeader)
    throw new Error(`Something else stands at byte ${at}.`);
  return entries;
};
