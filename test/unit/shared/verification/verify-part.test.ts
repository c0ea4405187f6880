import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { pseudoRandomText } from '../../../support/pseudo-random-text.ts';
import { isVerdict } from '../../../../shared/verification/broken-package.ts';
import {
  ACCOUNTS_CSV_PATH,
  README_PATH,
  TRANSACTIONS_CSV_PATH,
} from '../../../../shared/domain/package-layout.ts';
import { verifyPackage } from '../../../../shared/verification/verify-package.ts';
import { builtJson, builtZip, sourceOf } from '../../../support/built-package.ts';
import { filteredBy } from '../../../support/spoilt-packages/spoiling-steps.ts';
import { verifiedInParts } from '../../../support/verified-in-parts.ts';
import { withFlippedBit } from '../../../support/zip-regions.ts';

const MIB = 1024 * 1024;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A package of several blocks, with entries that begin and end in the middle of them. */
const largeZip = (): Promise<Buffer> =>
  builtZip({
    contents: (contents) => [
      ...contents.slice(0, 2),
      { path: ACCOUNTS_CSV_PATH, text: pseudoRandomText(3 * MIB, 1) },
      { path: TRANSACTIONS_CSV_PATH, text: pseudoRandomText(10 * MIB, 2) },
      ...contents
        .slice(2)
        .map((content) =>
          content.path === README_PATH ? { ...content, text: pseudoRandomText(5 * MIB, 3) } : content,
        ),
    ],
    manifest: (manifest) => ({
      ...manifest,
      includeCsv: true,
      parameters: { ...manifest.parameters, includeCsv: true },
    }),
  });

/** A source that counts the bytes that are read of it. */
const counting = (bytes: Buffer) => {
  const source = sourceOf(bytes);
  const counted = {
    size: source.size,
    bytesRead: 0,
    read: (start: number, length: number) => {
      counted.bytesRead += length;
      return source.read(start, length);
    },
  };
  return counted;
};

const verdictOf = async (verification: Promise<{ readonly sha256: string | null }>): Promise<string> => {
  try {
    return `verified ${(await verification).sha256}`;
  } catch (error) {
    if (isVerdict(error)) return `${error.name} ${error.reason} ${error.message}`;
    throw error;
  }
};

describe('a package verified in several calls', () => {
  let large: Buffer;
  beforeAll(async () => {
    large = await largeZip();
  });

  it('is found to be the same wherever it is cut', async () => {
    const zip = await builtZip();
    const whole = await verifyPackage(sourceOf(zip), { format: 'zip' });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: zip.length }), async (budgetBytes) => {
        const { states, ...verified } = await verifiedInParts(sourceOf(zip), { format: 'zip', budgetBytes });
        expect(verified).toEqual(whole);
        if (budgetBytes >= zip.length) expect(states).toEqual([]);
      }),
      { numRuns: 60, examples: [[0], [zip.length - 1], [zip.length]] },
    );
  });

  it('is found to be the same in whatever order its entries are', async () => {
    const order: string[] = [];
    await builtZip({ packed: (all) => (order.push(...all.map(({ path }) => path)), all) });
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(order, { minLength: order.length }), async (shuffled) => {
        const zip = await builtZip({
          packed: (all) => all.toSorted((a, b) => shuffled.indexOf(a.path) - shuffled.indexOf(b.path)),
        });
        const { states, ...verified } = await verifiedInParts(sourceOf(zip), {
          format: 'zip',
          budgetBytes: 0,
        });
        expect(states).toHaveLength(order.length - 1);
        expect(verified).toEqual(await verifyPackage(sourceOf(zip), { format: 'zip' }));
      }),
      { numRuns: 25 },
    );
  });

  it('is verified with filters that select all that is in it', async () => {
    const filters = { dateRangeStart: Date.UTC(2026, 3, 30), dateRangeEnd: Date.UTC(2026, 4, 4) };
    const zip = await builtZip({ manifest: filteredBy(filters) });
    const { manifest } = await verifiedInParts(sourceOf(zip), { format: 'zip', budgetBytes: 0 });
    expect(manifest.filters).toEqual(filters);
  });

  it('reads one entry a call when there is no time for more, and never the same one again', async () => {
    const zip = await builtZip();
    const { states, entries } = await verifiedInParts(sourceOf(zip), { format: 'zip', budgetBytes: 0 });
    expect(states.map(({ contents }) => contents.entries.length)).toEqual(
      entries.slice(1).map((_, at) => at + 1),
    );
    expect(states.map(({ position }) => position)).toEqual(
      states.map(({ position }) => position).sort((a, b) => a - b),
    );
  });

  it('has the SHA-256 of all its bytes, although each call reads some of its blocks only', async () => {
    const expected = sha256(large);
    for (const budgetBytes of [0, 3 * MIB, 8 * MIB]) {
      const source = counting(large);
      const verified = await verifiedInParts(source, { format: 'zip', sha256: expected, budgetBytes });
      expect(verified.sha256).toBe(expected);
      expect(verified.states.length).toBeGreaterThan(1);
      // Beside the bytes themselves: the block with the directory, the one at hand, and the one ahead.
      expect(source.bytesRead).toBeLessThanOrEqual(large.length + (verified.states.length + 1) * 12 * MIB);
    }
  });

  it('reads no further in a call than it may, except an entry that is larger', async () => {
    const budgetBytes = 5 * MIB;
    const { states } = await verifiedInParts(sourceOf(large), { format: 'zip', budgetBytes });
    const ends = [0, ...states.map(({ position }) => position)];
    const sizes = ends.slice(1).map((end, at) => end - (ends[at] ?? 0));
    expect(sizes.filter((size) => size > budgetBytes)).toHaveLength(1);
  });

  it('tells how far it is, on from where it was', async () => {
    const told: number[] = [];
    const onProgress = (bytes: number) => void told.push(bytes);
    await verifiedInParts(sourceOf(large), { format: 'zip', budgetBytes: 0, onProgress });
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(new Set(told).size).toBe(told.length);
    expect(told.at(-1)).toBe(large.length);
  });

  it('has the same verdict for any flipped bit, wherever it is cut', async () => {
    const zip = await builtZip();
    const anyBit = fc.integer({ min: 0, max: zip.length * 8 - 1 });
    const anyBudget = fc.integer({ min: 0, max: zip.length - 1 });
    await fc.assert(
      fc.asyncProperty(anyBit, anyBudget, async (bit, budgetBytes) => {
        const spoilt = withFlippedBit(zip, bit);
        const inOneGo = await verdictOf(verifyPackage(sourceOf(spoilt), { format: 'zip' }));
        const inParts = verifiedInParts(sourceOf(spoilt), { format: 'zip', budgetBytes });
        expect(await verdictOf(inParts)).toBe(inOneGo);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused when it does not have the hash that it should have', async () => {
    const told = { format: 'zip', sha256: '0'.repeat(64), budgetBytes: 0 } as const;
    await expect(verifiedInParts(sourceOf(await builtZip()), told)).rejects.toMatchObject({
      reason: 'PACKAGE_BYTES',
    });
  });

  it('keeps nothing of its records but what they add up to', async () => {
    const zip = await builtZip();
    const { states } = await verifiedInParts(sourceOf(zip), { format: 'zip', budgetBytes: 0 });
    const text = JSON.stringify(states);
    expect(text).not.toMatch(/Bakery|Current|Bank CSV|transaction-1/);
    // The two lists are there only while they must still be compared.
    expect(states.at(-1)?.contents.manifestText).toContain('exportFormatVersion');
    expect(states[0]?.contents.manifestText).toBe('');
  });
});

describe('a package too large for a SHA-256 of its own', () => {
  const options = { format: 'zip', budgetBytes: 0, largestHashedBytes: 1000 } as const;

  it('is verified all the same', async () => {
    const zip = await builtZip();
    const { states, sha256: hash, ...verified } = await verifiedInParts(sourceOf(zip), options);
    expect({ ...verified, sha256: sha256(zip) }).toEqual(
      await verifyPackage(sourceOf(zip), { format: 'zip' }),
    );
    expect(hash).toBeNull();
    expect(states[0]?.hash).toBeNull();
  });

  it('has one when its maker has told one, or when one call reads it', async () => {
    const zip = await builtZip();
    const told = await verifiedInParts(sourceOf(zip), { ...options, sha256: sha256(zip) });
    const atOnce = await verifiedInParts(sourceOf(zip), { ...options, budgetBytes: zip.length });
    expect([told.sha256, atOnce.sha256]).toEqual([sha256(zip), sha256(zip)]);
  });
});

describe('a JSON package', () => {
  it('is read by one call, because it is one text', async () => {
    const document = builtJson();
    const { states, sha256: hash } = await verifiedInParts(sourceOf(document), {
      format: 'json',
      budgetBytes: 0,
    });
    expect([states, hash]).toEqual([[], sha256(document)]);
  });
});
