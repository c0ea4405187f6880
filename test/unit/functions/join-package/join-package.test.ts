import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { InterimCorrupted } from '../../../../shared/domain/errors.ts';
import { interimPrefix } from '../../../../shared/domain/package-layout.ts';
import type { Manifest } from '../../../../shared/domain/manifest.ts';
import { verifyPackage } from '../../../../shared/verification/verify-package.ts';
import { sourceOf } from '../../../support/built-package.ts';
import { anyHousehold } from '../../../support/generated-household.ts';
import { collectedHousehold } from '../../../support/packaged-household.ts';
import { readZip } from '../../../support/read-zip.ts';

const WISHES = { includeAnalytics: true, includeCsv: true } as const;
const anyLimits = fc.record({
  bytes: fc.integer({ min: 1, max: 2000 }),
  entries: fc.integer({ min: 1, max: 4 }),
});

describe('a package joined of segments', () => {
  it('has the bytes of the package that one function makes, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, anyLimits, async (household, limits) => {
        const packaging = await collectedHousehold(household, WISHES);
        const whole = await packaging.pack();
        const joined = await packaging.pack(limits);
        expect(joined.summary.sha256).toBeNull();
        expect(joined.bytes.equals(whole.bytes)).toBe(true);
        expect((await packaging.pack(limits)).bytes.equals(joined.bytes)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('proves itself, and is told in the same figures', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, anyLimits, async (household, limits) => {
        const packaging = await collectedHousehold(household, WISHES);
        const { bytes, summary } = await packaging.pack(limits);
        const verified = await verifyPackage(sourceOf(bytes), { format: 'zip' });
        expect(verified.manifest.counts).toEqual(summary.counts);
        const entries = await readZip(bytes);
        const manifest = JSON.parse(entries.get('manifest.json')?.toString() ?? '') as Manifest;
        expect(manifest.entries.map(({ path }) => path)).toEqual([...entries.keys()].slice(0, -2));
      }),
      { numRuns: 30 },
    );
  });

  it('is refused when a segment, its report or its file records are not what was written', async () => {
    const spoil = [
      [/segments\/0\/.*\.zip$/, (bytes: Buffer) => bytes.subarray(0, -10)],
      [
        /segments\/0\/.*\.json$/,
        (bytes: Buffer) =>
          Buffer.from(
            bytes
              .toString()
              .replace('"entries":[', '"entries":[{"path":"x","bytes":1,"sha256":"","mediaType":""},'),
          ),
      ],
      [/transactionFiles\/.*\.json$/, (bytes: Buffer) => Buffer.from(bytes.toString().replace('f1', 'f2'))],
    ] as const;
    for (const [name, change] of spoil) {
      const packaging = await collectedHousehold(
        { records: { transactionFiles: [{ fileId: 'f1', userId: 'user-1' }] }, files: new Map() },
        WISHES,
      );
      const write = packaging.artifacts.write.bind(packaging.artifacts);
      packaging.artifacts.write = async (key, content) => {
        const written = await write(key, content);
        for (const [stored, bytes] of packaging.artifacts.objects) {
          if (name.test(stored)) packaging.artifacts.objects.set(stored, change(bytes));
        }
        return written;
      };
      await expect(packaging.pack({ bytes: 1, entries: 1 })).rejects.toThrow(InterimCorrupted);
      expect(packaging.artifacts.keys().filter((key) => key.startsWith('packages/'))).toEqual([]);
      expect(
        packaging.artifacts.keys().every((key) => key.startsWith(interimPrefix('', '').slice(0, 8))),
      ).toBe(true);
    }
  });
});
