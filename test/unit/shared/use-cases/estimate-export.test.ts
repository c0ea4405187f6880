import { describe, expect, it } from '@jest/globals';
import type { SourceRecord } from '../../../../shared/ports.ts';
import { createEstimateExport, firstPages } from '../../../../shared/use-cases/estimate-export.ts';
import { A_USER, aCompletedJob, aFailedJob, aRecord, NOON } from '../../../support/export-builders.ts';
import { InMemoryHousehold } from '../../../support/in-memory-household.ts';
import { InMemoryJobStore } from '../../../support/in-memory-job-store.ts';

const COMPLETE = { exportType: 'complete', includeAnalytics: false } as const;

const records = (count: number): SourceRecord[] =>
  Array.from({ length: count }, (_, at) => aRecord(String(at)));
const aFile = (id: string, fields: object) => aRecord(id, '', { ...fields });

const estimateOf = (
  pages: ConstructorParameters<typeof InMemoryHousehold>[0],
  jobs = new InMemoryJobStore(),
) => createEstimateExport({ jobs, source: new InMemoryHousehold(pages) });

describe('the estimate of an export', () => {
  it('is the size and the time of the last completed one of its type', async () => {
    const older = aCompletedJob({ requestedAt: NOON - 2000, packageSize: 1 });
    const last = aCompletedJob({ requestedAt: NOON - 1000, completedAt: NOON + 6000, packageSize: 777 });
    const other = aCompletedJob({ requestedAt: NOON, exportType: 'accounts_only', packageSize: 2 });
    const failed = aFailedJob({ requestedAt: NOON + 1 });
    const estimate = estimateOf({}, new InMemoryJobStore(older, last, other, failed));
    expect(await estimate(A_USER, COMPLETE)).toEqual({ size: 777, duration: 7000 });
  });

  it('never is taken from the exports of somebody else', async () => {
    const jobs = new InMemoryJobStore(aCompletedJob({ userId: 'somebody-else', packageSize: 777 }));
    expect((await estimateOf({}, jobs)(A_USER, COMPLETE)).size).toBe(0);
  });

  it('is the size of the files and 600 bytes a transaction when there is no last one', async () => {
    const pages = {
      transactionFiles: [[aFile('f1', { fileSize: 1000 })], [aFile('f2', { fileSize: 50 })]],
      transactions: [records(3), records(4)],
    };
    expect(await estimateOf(pages)(A_USER, COMPLETE)).toEqual({
      size: 1050 + 7 * 600,
      duration: 5000 + Math.ceil((1050 + 7 * 600) / 5000),
    });
  });

  it('counts only what an export of the type holds', async () => {
    const pages = { transactionFiles: [[aFile('f1', { fileSize: 1000 })]], transactions: [records(3)] };
    const transactionsOnly = { exportType: 'transactions_only', includeAnalytics: false } as const;
    expect((await estimateOf(pages)(A_USER, transactionsOnly)).size).toBe(1800);
  });

  it('takes the transactions that the files say they have when there are too many to count', async () => {
    const pages = {
      transactionFiles: [
        [aFile('f1', { fileSize: 1000, transactionCount: 40 })],
        [aFile('f2', { transactionCount: 2 })],
      ],
      transactions: [records(1), records(1), records(1), records(1)],
    };
    expect((await estimateOf(pages)(A_USER, COMPLETE)).size).toBe(1000 + 42 * 600);
  });

  it('passes over a file record whose figures are none', async () => {
    const pages = { transactionFiles: [[aFile('f1', { fileSize: 'large' }), aFile('f2', { fileSize: 5 })]] };
    expect((await estimateOf(pages)(A_USER, COMPLETE)).size).toBe(5);
  });

  it('is null when it cannot be known from a few pages', async () => {
    const many = [records(1), records(1), records(1), records(1)];
    const unknown = { size: null, duration: null };
    expect(await estimateOf({ transactionFiles: many })(A_USER, COMPLETE)).toEqual(unknown);
    const transactionsOnly = { exportType: 'transactions_only', includeAnalytics: false } as const;
    expect(await estimateOf({ transactions: many })(A_USER, transactionsOnly)).toEqual(unknown);
  });
});

describe('the first pages of a section', () => {
  const pagesOf = (count: number) =>
    new InMemoryHousehold({ accounts: Array.from({ length: count }, () => records(2)) }).pages(
      'accounts',
      A_USER,
    );

  it.each([
    [0, 0, true],
    [1, 2, true],
    [3, 6, true],
    [4, 6, false],
    [9, 6, false],
  ])('of %d are %d records, whole: %s', async (pages, count, whole) => {
    const first = await firstPages(pagesOf(pages));
    expect([first.records.length, first.whole]).toEqual([count, whole]);
  });
});
