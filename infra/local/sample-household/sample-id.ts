import { createHash } from 'node:crypto';

const NAMESPACE = 'f0f6a1de-5f0c-4c0e-9d5b-7a2c53b0a6e1';

const digestOf = (path: readonly (string | number)[]): Buffer =>
  createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(JSON.stringify(path))
    .digest();

/** A UUID (version 5) made from the path alone: the same path always has the same id. */
export const sampleId = (...path: readonly (string | number)[]): string => {
  const bytes = digestOf(path).subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** An unsigned 64-bit integer made from the path alone. */
export const sampleHash = (...path: readonly (string | number)[]): bigint =>
  digestOf(path).readBigUInt64BE(0);
