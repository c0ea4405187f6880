import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { ServiceUnavailable } from '../../../../shared/domain/errors.ts';
import { SECTION_PATHS } from '../../../../shared/domain/package-layout.ts';
import { isVerdict } from '../../../../shared/verification/broken-package.ts';
import { verifyPackage, type VerifyOptions } from '../../../../shared/verification/verify-package.ts';
import { builtJson, builtZip, sourceOf } from '../../../support/built-package.ts';
import { edited, filteredBy, stating } from '../../../support/spoilt-packages/spoiling-steps.ts';
import { withFlippedBit, zipRegions } from '../../../support/zip-regions.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const isRefused = async (bytes: Buffer, options: VerifyOptions): Promise<boolean> => {
  try {
    await verifyPackage(sourceOf(bytes), options);
    return false;
  } catch (error) {
    if (isVerdict(error)) return true;
    throw error;
  }
};

/** Whether a bit of a ZIP lies in packed bytes that unpack to the same all the same, such as the filling of the last byte. */
const isWithoutMeaning = (zip: Buffer, bit: number): boolean => {
  const entry = zipRegions(zip).entries.find(
    ({ data, descriptor }) => bit >= data * 8 && bit < descriptor * 8,
  );
  if (entry === undefined) return false;
  const unpacked = (bytes: Buffer) => inflateRawSync(bytes.subarray(entry.data, entry.descriptor));
  try {
    return unpacked(withFlippedBit(zip, bit)).equals(unpacked(zip));
  } catch {
    return false;
  }
};

describe('a good package', () => {
  it('is verified as ZIP, with its records, entries, size and hash', async () => {
    const zip = await builtZip();
    const verified = await verifyPackage(sourceOf(zip), { format: 'zip', sha256: sha256(zip) });
    expect(verified).toMatchObject({
      bytes: zip.length,
      sha256: sha256(zip),
      records: {
        accounts: 2,
        transactions: 5,
        categories: 0,
        fileMaps: 1,
        transactionFiles: 2,
        analytics: 1,
      },
      manifest: { userId: 'user-1', completeness: 'partial' },
    });
    expect(verified.entries.map(({ path }) => path).slice(-2)).toEqual(['manifest.json', 'checksums.sha256']);
  });

  it('is verified as JSON', async () => {
    const document = builtJson();
    const verified = await verifyPackage(sourceOf(document), { format: 'json', sha256: sha256(document) });
    expect(verified).toMatchObject({ bytes: document.length, sha256: sha256(document) });
    expect(verified.entries.map(({ path }) => path)).toContain('/data/transactionFiles');
  });

  it('is verified with filters that select all that is in it', async () => {
    const filters = { dateRangeStart: Date.UTC(2026, 3, 30), dateRangeEnd: Date.UTC(2026, 4, 4) };
    const zip = await builtZip({ manifest: filteredBy(filters) });
    expect((await verifyPackage(sourceOf(zip), { format: 'zip' })).manifest.filters).toEqual(filters);
  });

  it.each([
    ['1777593600000.0000001', '1777593600000.0000002', { '2026-05': 5 }],
    ['1777593600000', '1777593600000.0000001', { '2026-05': 5 }],
    ['1E-32', '2E-32', { '1970-01': 2, '2026-05': 3 }],
    ['-2E-32', '-1E-32', { '1970-01': 2, '2026-05': 3 }],
  ])('is verified with date %s before %s whatever their ids are', async (first, second, months) => {
    const redated = (number: number, id: string, date: string) =>
      edited(
        SECTION_PATHS.transactions,
        new RegExp(`transaction-${number}(?<between>.*"date":)\\d+`),
        `${id}$<between>${date},"importOrder":${number}`,
      );
    const zip = await builtZip({
      contents: (contents) => redated(1, 'b-first', first)(redated(2, 'a-second', second)(contents)),
      manifest: stating({ transactionsByMonth: months }),
    });
    expect((await verifyPackage(sourceOf(zip), { format: 'zip' })).records).toMatchObject({
      transactions: 5,
    });
  });

  it('tells how far it is, at last all of it', async () => {
    const zip = await builtZip();
    const told: number[] = [];
    await verifyPackage(sourceOf(zip), { format: 'zip', onProgress: (bytes) => void told.push(bytes) });
    expect(told.at(-1)).toBe(zip.length);
  });
});

describe('what is not the fault of a package', () => {
  it.each(['zip', 'json'] as const)('stays its own error when %s cannot be read', async (format) => {
    const broken = { size: 5000, read: () => Promise.reject(new ServiceUnavailable('No answer.')) };
    await expect(verifyPackage(broken, { format })).rejects.toThrow(ServiceUnavailable);
  });

  it.each(['zip', 'json'] as const)('is a read of %s that gives too few bytes', async (format) => {
    const bytes = format === 'zip' ? await builtZip() : builtJson();
    const short = { size: bytes.length + 1, read: () => Promise.resolve(bytes) };
    await expect(verifyPackage(short, { format })).rejects.toThrow(ServiceUnavailable);
  });

  it('ends the reading when whoever is told of the progress wants no more', async () => {
    const stop = () => Promise.reject(new RangeError('Enough.'));
    await expect(
      verifyPackage(sourceOf(await builtZip()), { format: 'zip', onProgress: stop }),
    ).rejects.toThrow(RangeError);
  });
});

describe('any single flipped bit', () => {
  const anyBitOf = (bytes: Buffer) => fc.integer({ min: 0, max: bytes.length * 8 - 1 });

  it('is refused in a ZIP unless everything in it unpacks to the same', async () => {
    const zip = await builtZip();
    await fc.assert(
      fc.asyncProperty(anyBitOf(zip), async (bit) => {
        const refused = await isRefused(withFlippedBit(zip, bit), { format: 'zip' });
        expect(refused).toBe(!isWithoutMeaning(zip, bit));
      }),
      { numRuns: 500 },
    );
  });

  it.each(['zip', 'json'] as const)('is refused in %s whose hash is known', async (format) => {
    const bytes = format === 'zip' ? await builtZip() : builtJson();
    await fc.assert(
      fc.asyncProperty(anyBitOf(bytes), async (bit) => {
        const refused = await isRefused(withFlippedBit(bytes, bit), { format, sha256: sha256(bytes) });
        expect(refused).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
