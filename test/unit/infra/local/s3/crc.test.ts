import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { combineCrcs, CRC_KINDS, startCrc, type CrcName } from '../../../../../infra/local/s3/crc.ts';

const NAMES = Object.keys(CRC_KINDS) as CrcName[];

/** By the definition: bit by bit. */
const plainCrc = (name: CrcName, bytes: Uint8Array): string => {
  const { width, polynomial } = CRC_KINDS[name];
  const ones = (1n << width) - 1n;
  let crc = ones;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >> 1n) ^ (crc & 1n ? polynomial : 0n);
  }
  return (crc ^ ones).toString(16).padStart(Number(width) / 4, '0');
};

const crcOf = (name: CrcName, chunks: readonly Uint8Array[]): Buffer => {
  const crc = startCrc(name);
  for (const chunk of chunks) crc.update(chunk);
  return crc.digest();
};

describe.each(NAMES)('%s', (name) => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });

  it('is the same however the bytes are cut, and what its definition says', () => {
    fc.assert(
      fc.property(chunks, (pieces) => {
        expect(crcOf(name, pieces).toString('hex')).toBe(plainCrc(name, Buffer.concat(pieces)));
      }),
    );
  });

  it('of a whole follows from those of its parts', () => {
    fc.assert(
      fc.property(chunks, (pieces) => {
        const parts = pieces.map((piece) => ({ crc: crcOf(name, [piece]), size: piece.length }));
        expect(combineCrcs(name, parts).toString('hex')).toBe(plainCrc(name, Buffer.concat(pieces)));
      }),
    );
  });
});

it.each([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
] as const)('%s of the digits from 1 to 9 is the published check value', (name, check) => {
  expect(crcOf(name, [Buffer.from('123456789')]).toString('hex')).toBe(check);
});
