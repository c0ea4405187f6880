import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { anyHousehold } from '../../../support/generated-household.ts';
import { openedPackage } from '../../../support/opened-package.ts';
import { parseCsv } from '../../../support/parse-csv.ts';

const RUNS = { numRuns: 60 };

describe('README.txt', () => {
  it('tells of every part that is in the package, of no other, in lines that fit everywhere', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, fc.boolean(), async (household, includeCsv) => {
        const { text, entries, manifest } = await openedPackage(household, { includeCsv });
        const readme = text('README.txt');
        expect(readme.endsWith('\r\n')).toBe(true);
        for (const line of readme.split('\r\n')) expect(line).toMatch(/^[\x20-\x7e]{0,78}$/);
        const parts = [...readme.matchAll(/^ {2}([a-z]+\/[a-z_.]+|[A-Za-z]+\.[a-z0-9]+) /gm)].map(
          ([, part]) => part,
        );
        const folders = [...entries.keys()].map((path) => path.replace(/^files\/.*$/, 'files/'));
        expect(new Set([...parts, 'files/'])).toEqual(new Set([...folders, 'files/']));
        expect(readme.includes('PARTIAL')).toBe(manifest.completeness === 'partial');
        expect(readme.includes('COMPLETE')).toBe(manifest.completeness === 'complete');
        if (manifest.omissions.length > 0)
          expect(readme).toContain(`Missing files: ${manifest.omissions.length}.`);
      }),
      RUNS,
    );
  });

  it('explains every column of the tables', async () => {
    const { text } = await openedPackage({ records: {}, files: new Map() });
    for (const path of ['csv/accounts.csv', 'csv/transactions.csv']) {
      const [header = []] = parseCsv(text(path).slice(1));
      for (const title of header) expect(text('README.txt')).toMatch(new RegExp(`^  ${title} +\\S`, 'm'));
    }
  });
});
