import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Manifest } from '../../../../shared/domain/manifest.ts';
import type { Section } from '../../../../shared/domain/sections.ts';
import { A_USER } from '../../../support/export-builders.ts';
import { anyHousehold } from '../../../support/generated-household.ts';
import { fateOf, openedPackage, recordsOf } from '../../../support/opened-package.ts';
import type { Household } from '../../../support/packaged-household.ts';

const RUNS = { numRuns: 60 };

const suggestedIn = (categories: unknown): string[] =>
  (Array.isArray(categories) ? (categories as unknown[]) : []).flatMap((one) => {
    const { categoryId } = (one ?? {}) as { categoryId?: unknown };
    return typeof categoryId === 'string' ? [categoryId] : [];
  });

/** Warnings counted by plain loops over the household. */
const expectedWarnings = (household: Household): Record<string, number> => {
  const counts: Record<string, number> = {};
  const count = (key: string, when: boolean): void => {
    if (when) counts[key] = (counts[key] ?? 0) + 1;
  };
  const idsOf = (section: Section, name: string) =>
    new Set((household.records[section] ?? []).map((record) => record[name]));
  const known: Readonly<Record<string, ReadonlySet<unknown>>> = {
    accountId: idsOf('accounts', 'accountId'),
    fileId: idsOf('transactionFiles', 'fileId'),
    fileMapId: idsOf('fileMaps', 'fileMapId'),
    primaryCategoryId: idsOf('categories', 'categoryId'),
    parentCategoryId: idsOf('categories', 'categoryId'),
    defaultFileMapId: idsOf('fileMaps', 'fileMapId'),
  };
  const dangling = (section: Section, ...attributes: readonly string[]): void => {
    for (const record of household.records[section] ?? []) {
      for (const attribute of attributes) {
        const to = record[attribute];
        count(
          `DANGLING_REFERENCE ${section}`,
          typeof to === 'string' && to !== '' && known[attribute]?.has(to) === false,
        );
      }
    }
  };
  dangling('transactions', 'accountId', 'fileId', 'primaryCategoryId');
  dangling('transactionFiles', 'accountId', 'fileMapId');
  dangling('categories', 'parentCategoryId');
  dangling('fileMaps', 'accountId');
  dangling('accounts', 'defaultFileMapId');
  for (const { categories } of household.records.transactions ?? []) {
    for (const to of new Set(suggestedIn(categories))) {
      count('DANGLING_REFERENCE transactions', to !== '' && known['parentCategoryId']?.has(to) === false);
    }
  }
  const transactions = household.records.transactions ?? [];
  for (const record of household.records.transactionFiles ?? []) {
    const { fileId, fileSize, transactionCount } = record;
    const from = transactions.filter((transaction) => transaction['fileId'] === fileId).length;
    count(
      'TRANSACTION_COUNT_DIFFERS transactionFiles',
      typeof transactionCount === 'number' && transactionCount !== from,
    );
    const fate = fateOf(record, household);
    if (typeof fate === 'string') count(`${fate} transactionFiles`, true);
    else
      count('FILE_SIZE_DIFFERS transactionFiles', typeof fileSize === 'number' && fileSize !== fate.length);
  }
  for (const { amount } of transactions) {
    const decimal = typeof amount === 'string' && /^-?\d+(\.\d+)?$/.test(amount);
    count('AMOUNT_MISSING transactions', !decimal);
  }
  return counts;
};

const countedWarnings = ({ warnings }: Manifest): Record<string, number> =>
  Object.fromEntries(warnings.map(({ code, section, count }) => [`${code} ${section}`, count]));

describe('the warnings of a package', () => {
  it('are as many as a plain count finds, with true examples', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, async (household) => {
        const { manifest, summary } = await openedPackage(household);
        expect(countedWarnings(manifest)).toEqual(expectedWarnings(household));
        for (const { section, examples, count } of manifest.warnings) {
          expect(examples.length).toBeGreaterThan(0);
          expect(examples.length).toBeLessThanOrEqual(Math.min(20, count));
          for (const { id, attribute, refersTo } of examples) {
            const records = recordsOf(household, section);
            const named = records.filter((record) => Object.values(record).includes(id));
            expect(named.length).toBeGreaterThan(0);
            if (attribute !== undefined && refersTo !== undefined) {
              const references = named.flatMap((record) =>
                attribute === 'categories' ? suggestedIn(record[attribute]) : [record[attribute]],
              );
              expect(references).toContain(refersTo);
            }
          }
        }
        for (const { code, count } of summary.warnings) {
          const ofCode = manifest.warnings.filter((warning) => warning.code === code);
          expect(count).toBe(ofCode.reduce((sum, warning) => sum + warning.count, 0));
        }
        expect(new Set(summary.warnings.map(({ code }) => code))).toEqual(
          new Set(manifest.warnings.map(({ code }) => code)),
        );
      }),
      RUNS,
    );
  });

  it('hold at most twenty examples and no example at all in the summary', async () => {
    const transactions = Array.from({ length: 45 }, (_, at) => ({
      transactionId: `t${at}`,
      userId: A_USER,
      date: at,
      amount: '1',
      accountId: `gone-${at}`,
    }));
    const { manifest, summary } = await openedPackage({ records: { transactions }, files: new Map() });
    expect(manifest.warnings).toHaveLength(1);
    expect(manifest.warnings[0]).toMatchObject({
      code: 'DANGLING_REFERENCE',
      section: 'transactions',
      count: 45,
    });
    expect(manifest.warnings[0]?.examples).toHaveLength(20);
    expect(summary.warnings).toEqual([{ code: 'DANGLING_REFERENCE', count: 45 }]);
  });

  it('say nothing of references where only a part was asked for', async () => {
    const transaction = {
      transactionId: 't',
      userId: A_USER,
      date: 1,
      amount: '1',
      accountId: 'a',
      fileId: 'f',
    };
    const household = { records: { transactions: [transaction] }, files: new Map() };
    for (const exportType of ['selective', 'transactions_only'] as const) {
      const { manifest } = await openedPackage(household, { exportType, includeAnalytics: false });
      expect(manifest.warnings).toEqual([]);
    }
  });
});
