import { describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { PackageBytes } from '../../../../shared/verification/package-bytes.ts';

const BLOCK = 4 * 1024 * 1024;

/** A source that counts what is read of it. */
const countingSource = (bytes: Buffer) => {
  const reads: { start: number; length: number }[] = [];
  return {
    reads,
    size: bytes.length,
    read: (start: number, length: number) => {
      reads.push({ start, length });
      return Promise.resolve(bytes.subarray(start, start + length));
    },
  };
};

describe('the bytes of a package', () => {
  const content = randomBytes(BLOCK * 6 + 17);

  it('are read once, in order and by blocks, when the directory at the end is read beside the entries', async () => {
    const source = countingSource(content);
    const hash = createHash('sha256');
    const bytes = new PackageBytes(source, { hash });
    const size = content.length;
    const directoryAt = size - 10;
    await bytes.read(directoryAt, 10);
    for (let position = 0; position < size - 10; position += 500_000) {
      const part = await bytes.read(position, 500_000);
      expect(part.equals(content.subarray(position, position + 500_000))).toBe(true);
      await bytes.read(directoryAt, 10);
    }
    await bytes.readRest();
    expect(hash.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
    expect(source.reads.map(({ start }) => start)).toEqual([
      BLOCK * 6,
      ...Array.from({ length: 6 }, (_, index) => index * BLOCK),
    ]);
  });

  it('end where the package ends', async () => {
    const bytes = new PackageBytes(countingSource(content));
    expect(await bytes.read(content.length - 3, 100)).toHaveLength(3);
    expect(await bytes.read(content.length + 5, 100)).toHaveLength(0);
  });

  it('are not held: what was read long ago is read again', async () => {
    const source = countingSource(content);
    const bytes = new PackageBytes(source);
    await bytes.readRest();
    await bytes.read(0, 1);
    expect(source.reads.filter(({ start }) => start === 0)).toHaveLength(2);
  });

  it('are hashed on from where somebody has left off, though the block at hand is read again', async () => {
    const source = countingSource(content);
    const [first, second] = [createHash('sha256'), createHash('sha256')];
    const before = new PackageBytes(source, { hash: first });
    await before.read(0, BLOCK * 2 + 5);
    expect(before.blocksPassed).toBe(3);
    source.reads.length = 0;
    const told: number[] = [];
    const after = new PackageBytes(source, {
      ...{ hash: second, blocksPassed: before.blocksPassed },
      onProgress: (read) => void told.push(read),
    });
    expect(await after.read(BLOCK * 2 + 5, 10)).toEqual(content.subarray(BLOCK * 2 + 5, BLOCK * 2 + 15));
    await after.readRest();
    expect(source.reads.map(({ start }) => start / BLOCK)).toEqual([2, 3, 4, 5, 6]);
    expect(second.digest('hex')).toBe(
      createHash('sha256')
        .update(content.subarray(BLOCK * 3))
        .digest('hex'),
    );
    expect(told).toEqual([BLOCK * 4, BLOCK * 5, BLOCK * 6, content.length]);
  });

  it('fail for whoever wants them, not for the block ahead alone', async () => {
    const bytes = new PackageBytes({
      size: BLOCK * 2,
      read: (start, length) =>
        start === 0 ? Promise.resolve(new Uint8Array(length)) : Promise.reject(new Error('Gone.')),
    });
    expect(await bytes.read(0, 5)).toHaveLength(5);
    expect(bytes.failure).toBeUndefined();
    await expect(bytes.read(BLOCK, 5)).rejects.toThrow('Gone.');
    expect(bytes.failure).toBeDefined();
  });
});
