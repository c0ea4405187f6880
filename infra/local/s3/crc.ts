import { crc32 } from 'node:zlib';

/** A CRC in the making. */
export interface RunningCrc {
  update(chunk: Uint8Array): void;
  /** Big-endian, as S3 shows it. */
  digest(): Buffer;
}

/** What the bit order of a reflected CRC needs to be combined: its width in bits and its reversed polynomial. */
interface CrcKind {
  readonly width: bigint;
  readonly polynomial: bigint;
}

export const CRC_KINDS = {
  CRC32: { width: 32n, polynomial: 0xedb88320n },
  CRC32C: { width: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
} as const satisfies Record<string, CrcKind>;

export type CrcName = keyof typeof CRC_KINDS;

const tableOf = ({ polynomial }: CrcKind): { readonly low: Uint32Array; readonly high: Uint32Array } => {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >> 1n) ^ (remainder & 1n ? polynomial : 0n);
    low[byte] = Number(remainder & 0xffffffffn);
    high[byte] = Number(remainder >> 32n);
  }
  return { low, high };
};

const crc32cTable = tableOf(CRC_KINDS.CRC32C);
const crc64Table = tableOf(CRC_KINDS.CRC64NVME);

const bigEndian = (...words: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => bytes.writeUInt32BE(word >>> 0, index * 4));
  return bytes;
};

const runningCrc32 = (): RunningCrc => {
  let value = 0;
  return {
    update: (chunk) => void (value = crc32(chunk, value)),
    digest: () => bigEndian(value),
  };
};

const runningCrc32c = (): RunningCrc => {
  const { low: table } = crc32cTable;
  let value = ~0;
  return {
    update: (chunk) => {
      let crc = value;
      for (const byte of chunk) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
      value = crc;
    },
    digest: () => bigEndian(~value),
  };
};

/** Two 32-bit halves, because BigInt is far too slow for whole files. */
const runningCrc64 = (): RunningCrc => {
  const { low: lowTable, high: highTable } = crc64Table;
  let lowValue = ~0;
  let highValue = ~0;
  return {
    update: (chunk) => {
      let low = lowValue;
      let high = highValue;
      for (const byte of chunk) {
        const index = (low ^ byte) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (lowTable[index] ?? 0);
        high = (high >>> 8) ^ (highTable[index] ?? 0);
      }
      lowValue = low;
      highValue = high;
    },
    digest: () => bigEndian(~highValue, ~lowValue),
  };
};

const RUNNING = { CRC32: runningCrc32, CRC32C: runningCrc32c, CRC64NVME: runningCrc64 };

export const startCrc = (name: CrcName): RunningCrc => RUNNING[name]();

const multiply = (left: bigint, right: bigint, { width, polynomial }: CrcKind): bigint => {
  let product = 0n;
  let shifted = right;
  for (let bit = width - 1n; bit >= 0n; bit -= 1n) {
    if ((left >> bit) & 1n) product ^= shifted;
    shifted = (shifted >> 1n) ^ (shifted & 1n ? polynomial : 0n);
  }
  return product;
};

/** x to the power of 8 × bytes, modulo the polynomial: what appending that many bytes does to a CRC. */
const shiftFactor = (bytes: number, kind: CrcKind): bigint => {
  let factor = 1n << (kind.width - 1n);
  let square = 1n << (kind.width - 2n);
  for (let exponent = BigInt(bytes) * 8n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) factor = multiply(factor, square, kind);
    square = multiply(square, square, kind);
  }
  return factor;
};

/** The CRC of parts laid end to end, from their CRCs and sizes alone. */
export const combineCrcs = (
  name: CrcName,
  parts: readonly { readonly crc: Buffer; readonly size: number }[],
): Buffer => {
  const kind = CRC_KINDS[name];
  const factors = new Map<number, bigint>();
  const combined = parts.reduce((total, { crc, size }) => {
    const factor = factors.get(size) ?? shiftFactor(size, kind);
    factors.set(size, factor);
    return multiply(factor, total, kind) ^ BigInt(`0x${crc.toString('hex')}`);
  }, 0n);
  return Buffer.from(combined.toString(16).padStart(Number(kind.width) / 4, '0'), 'hex');
};
