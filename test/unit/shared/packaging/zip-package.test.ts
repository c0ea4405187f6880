import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import type { Section } from '../../../../shared/domain/sections.ts';
import { anyHousehold } from '../../../support/generated-household.ts';
import { fateOf, openedPackage, recordsOf } from '../../../support/opened-package.ts';

const RUNS = { numRuns: 60 };

const SECTION_FILES: Readonly<Record<string, Section>> = {
  'data/accounts.json': 'accounts',
  'data/transactions.json': 'transactions',
  'data/categories.json': 'categories',
  'data/file_maps.json': 'fileMaps',
};

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Trace {
  readonly path: string | null;
  readonly bytes?: number;
  readonly sha256?: string;
  readonly omission?: string;
  readonly transactionCount: number;
}

describe('a packed household', () => {
  it('holds every record of every section as it was collected, item by item', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, async (household) => {
        const { entries, records, collected } = await openedPackage(household);
        for (const [path, section] of Object.entries(SECTION_FILES)) {
          expect(entries.get(path)?.equals(collected.get(section) ?? Buffer.alloc(0))).toBe(true);
          expect(records(path)).toEqual(recordsOf(household, section));
        }
      }),
      RUNS,
    );
  });

  it('lets every transaction be followed to the bytes of its file, or to why they are missing', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, async (household) => {
        const { entries, text, manifest } = await openedPackage(household);
        const lines = text('data/transaction_files.json').split('\n').slice(1, -2);
        const stored = recordsOf(household, 'transactionFiles');
        expect(lines).toHaveLength(stored.length);
        for (const [at, record] of stored.entries()) {
          const fate = fateOf(record, household);
          const transactionCount = recordsOf(household, 'transactions').filter(
            ({ fileId }) => fileId === record['fileId'],
          ).length;
          const line = (lines[at] ?? '').replace(/,$/, '');
          const { packageEntry: trace } = JSON.parse(line) as { packageEntry: Trace };
          const others = Object.entries(record).filter(([name]) => name !== 'packageEntry');
          expect(line).toBe(JSON.stringify({ ...Object.fromEntries(others), packageEntry: trace }));
          if (typeof fate === 'string') {
            expect(trace).toEqual({ path: null, omission: fate, transactionCount });
            expect(manifest.omissions).toContainEqual(
              expect.objectContaining({ section: 'transactionFiles', id: record['fileId'], code: fate }),
            );
          } else {
            expect(trace).toEqual({
              path: expect.stringMatching(/^files\//),
              bytes: fate.length,
              sha256: digest(fate),
              transactionCount,
            });
            expect(entries.get(trace.path ?? '')?.equals(fate)).toBe(true);
          }
        }
      }),
      RUNS,
    );
  });

  it('counts what is there and what is not, and is complete only when nothing is missing', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, async (household) => {
        const { manifest, summary, entries } = await openedPackage(household);
        const files = recordsOf(household, 'transactionFiles');
        const omitted = files.filter((record) => typeof fateOf(record, household) === 'string').length;
        const whole = (section: Section) => {
          const { length } = household.records[section] ?? [];
          return { expected: length, included: length, omitted: 0 };
        };
        expect(manifest.counts).toEqual({
          accounts: whole('accounts'),
          transactions: whole('transactions'),
          categories: whole('categories'),
          fileMaps: whole('fileMaps'),
          transactionFiles: { expected: files.length, included: files.length - omitted, omitted },
          analytics: whole('analytics'),
        });
        expect(manifest.omissions).toHaveLength(omitted);
        expect(manifest.completeness).toBe(omitted === 0 ? 'complete' : 'partial');
        expect([...entries.keys()].filter((path) => path.startsWith('files/'))).toHaveLength(
          files.length - omitted,
        );
        expect(summary).toMatchObject({ completeness: manifest.completeness, counts: manifest.counts });
      }),
      RUNS,
    );
  });

  it('has its entries in one order, and a true size and hash of each', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyHousehold,
        fc.boolean(),
        fc.boolean(),
        async (household, includeCsv, includeAnalytics) => {
          const { entries, text, manifest, bytes, summary } = await openedPackage(household, {
            includeCsv,
            includeAnalytics,
          });
          const paths = [...entries.keys()];
          expect(paths).toEqual([
            'data/accounts.json',
            'data/transactions.json',
            'data/categories.json',
            'data/file_maps.json',
            ...(includeAnalytics ? ['data/analytics.json'] : []),
            ...(includeCsv ? ['csv/accounts.csv', 'csv/transactions.csv'] : []),
            ...paths.filter((path) => path.startsWith('files/')),
            'data/transaction_files.json',
            'README.txt',
            'viewer.html',
            'manifest.json',
            'checksums.sha256',
          ]);
          expect(manifest.entries.map(({ path }) => path)).toEqual(paths.slice(0, -2));
          for (const entry of manifest.entries) {
            const content = entries.get(entry.path) ?? Buffer.alloc(0);
            expect([entry.bytes, entry.sha256]).toEqual([content.length, digest(content)]);
          }
          const sums = paths
            .slice(0, -1)
            .map((path) => `${digest(entries.get(path) ?? Buffer.alloc(0))}  ${path}\n`);
          expect(text('checksums.sha256')).toBe(sums.join(''));
          expect([summary.packageSize, summary.sha256]).toEqual([bytes.length, digest(bytes)]);
        },
      ),
      RUNS,
    );
  });

  it('never has two entries that one file system could take for the same', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, async (household) => {
        const { entries } = await openedPackage(household);
        const folded = [...entries.keys()].map((path) => path.normalize('NFKC').toUpperCase().toLowerCase());
        expect(new Set(folded).size).toBe(entries.size);
      }),
      RUNS,
    );
  });
});
