import { createHash } from 'node:crypto';

/** The namespace of every id this service derives; any fixed UUID will do, but it must never change. */
const NAMESPACE = Buffer.from('6f1d3c0e52b94a7f9c4e0a86d1b7e2f3', 'hex');

/** A version 5 UUID (RFC 9562) of the given parts: the same parts give the same id, other parts another. */
export const nameBasedUuid = (...parts: readonly string[]): string => {
  const digest = createHash('sha1').update(NAMESPACE).update(JSON.stringify(parts)).digest().subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  return digest.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
