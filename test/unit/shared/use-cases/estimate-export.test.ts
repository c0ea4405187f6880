import { describe, expect, it } from '@jest/globals';
import type { SourceRecord } from '../../../../shared/ports.ts';
import { createEstimateExport } from '../../../../shared/use-cases/estimate-export.ts';
import { LONGEST_RUN_MS, type CompletedJob } from '../../../../shared/domain/export-job.ts';
import type { ExportRequest } from '../../../../shared/domain/export-request.ts';
import {
  A_USER,
  aCompletedJob,
  anExpiredJob,
  aCompleteRequest,
  aFailedJob,
  aRecord,
  NOON,
} from '../../../support/export-builders.ts';
import { InMemoryHousehold } from '../../../support/in-memory-household.ts';
import { InMemoryJobStore } from '../../../support/in-memory-job-store.ts';

const COMPLETE = aCompleteRequest();

const records = (count: number): SourceRecord[] =>
  Array.from({ length: count }, (_, at) => aRecord(String(at)));
const aFile = (id: string, fields: object) => aRecord(id, '', { ...fields });

const aCompletedExport = (request: Partial<ExportRequest>, job: Partial<CompletedJob> = {}): CompletedJob => {
  const parameters = aCompleteRequest(request);
  const { exportType, exportFormat, includeAnalytics } = parameters;
  return aCompletedJob({ exportType, exportFormat, includeAnalytics, parameters, ...job });
};

const estimateOf = (
  pages: ConstructorParameters<typeof InMemoryHousehold>[0],
  jobs = new InMemoryJobStore(),
) => createEstimateExport({ jobs, source: new InMemoryHousehold(pages) });

describe('the estimate of an export', () => {
  it('is the size and the time of the last completed one of its type', async () => {
    const older = aCompletedJob({ requestedAt: NOON - 2000, packageSize: 1 });
    const last = aCompletedJob({ requestedAt: NOON - 1000, completedAt: NOON + 6000, packageSize: 777 });
    const other = aCompletedExport({ exportType: 'accounts_only' }, { requestedAt: NOON, packageSize: 2 });
    const failed = aFailedJob({ requestedAt: NOON + 1 });
    const estimate = estimateOf({}, new InMemoryJobStore(older, last, other, failed));
    expect(await estimate(A_USER, COMPLETE)).toEqual({ size: 777, duration: 7000 });
  });

  it('is also that of the last one when that has expired', async () => {
    const jobs = new InMemoryJobStore(anExpiredJob({ completedAt: NOON + 6000, packageSize: 777 }));
    const estimate = createEstimateExport({ jobs, source: new InMemoryHousehold() });
    expect(await estimate(A_USER, aCompleteRequest())).toEqual({ size: 777, duration: 6000 });
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
    const transactionsOnly = aCompleteRequest({ exportType: 'transactions_only' });
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

  it.each([[2 ** 53], [1e38], [-1], [-1e38], [1e-130], [0.5], [null]])(
    'does not count a figure of %s',
    async (figure) => {
      const pages = {
        transactionFiles: [
          [
            aFile('f1', { fileSize: figure, transactionCount: 2 }),
            aFile('f2', { fileSize: 5, transactionCount: figure }),
          ],
        ],
        transactions: [records(1), records(1), records(1), records(1)],
      };
      expect((await estimateOf(pages)(A_USER, COMPLETE)).size).toBe(5 + 2 * 600);
    },
  );

  it.each<[string, object[]]>([
    ['bytes', [{ fileSize: Number.MAX_SAFE_INTEGER }, { fileSize: 1 }]],
    ['transactions', [{ transactionCount: Number.MAX_SAFE_INTEGER }]],
  ])('is null when the %s together are more than a safe integer can say', async (_, files) => {
    const pages = {
      transactionFiles: [files.map((fields, at) => aFile(String(at), fields))],
      transactions: [records(1), records(1), records(1), records(1)],
    };
    expect(await estimateOf(pages)(A_USER, COMPLETE)).toEqual({ size: null, duration: null });
  });

  it('takes no longer than a run may', async () => {
    const pages = { transactionFiles: [[aFile('f1', { fileSize: Number.MAX_SAFE_INTEGER })]] };
    const expected = { size: Number.MAX_SAFE_INTEGER, duration: LONGEST_RUN_MS };
    expect(await estimateOf(pages)(A_USER, COMPLETE)).toEqual(expected);
  });

  it('is null when it cannot be known from a few pages', async () => {
    const many = [records(1), records(1), records(1), records(1)];
    const unknown = { size: null, duration: null };
    expect(await estimateOf({ transactionFiles: many })(A_USER, COMPLETE)).toEqual(unknown);
    const transactionsOnly = aCompleteRequest({ exportType: 'transactions_only' });
    expect(await estimateOf({ transactions: many })(A_USER, transactionsOnly)).toEqual(unknown);
  });
});

describe('the estimate of a selective export', () => {
  const day = (at: number): number => NOON + at * 24 * 60 * 60 * 1000;
  const aTransaction = (id: string, fields: object) => aRecord(id, id, { ...fields });
  const selective = (filters: Partial<ExportRequest>) =>
    aCompleteRequest({ exportType: 'selective', ...filters });

  const transactions = [
    [
      aTransaction('t1', { accountId: 'a', primaryCategoryId: 'c', date: day(1) }),
      aTransaction('t2', { accountId: 'a', date: day(2) }),
    ],
    [aTransaction('t3', { accountId: 'b', primaryCategoryId: 'c', date: day(3) })],
  ];
  const transactionFiles = [
    [
      aFile('f1', { accountId: 'a', fileSize: 1000, transactionCount: 70 }),
      aFile('f2', { accountId: 'b', fileSize: 10, transactionCount: 8 }),
      aFile('f3', { fileSize: 1 }),
    ],
  ];

  it.each<[Partial<ExportRequest>, number]>([
    [{ accountIds: ['a'] }, 1000 + 2 * 600],
    [{ categoryIds: ['c'] }, 1011 + 2 * 600],
    [{ dateRangeStart: day(2) }, 1011 + 2 * 600],
    [{ dateRangeEnd: day(1) }, 1011 + 600],
    [{ accountIds: ['b'], categoryIds: ['c'], dateRangeStart: day(1), dateRangeEnd: day(2) }, 10],
    [{ accountIds: ["somebody else's"] }, 0],
    [{}, 1011 + 3 * 600],
  ])('counts what is stored as %j selects it', async (filters, size) => {
    const estimate = estimateOf({ transactions, transactionFiles });
    expect((await estimate(A_USER, selective(filters))).size).toBe(size);
  });

  it('is never taken from one with other filters, but from one with the same', async () => {
    const filters = { accountIds: ['a', 'b'], dateRangeStart: 0 };
    const jobs = new InMemoryJobStore(
      aCompletedExport(selective({ accountIds: ['a'], dateRangeStart: 0 }), { requestedAt: NOON + 5 }),
      aCompletedExport(selective({ accountIds: ['a', 'b'] }), { requestedAt: NOON + 4 }),
      aCompletedExport(selective({ ...filters, dateRangeEnd: 9 }), { requestedAt: NOON + 3 }),
      aCompletedExport(selective({}), { requestedAt: NOON + 2 }),
    );
    expect((await estimateOf({}, jobs)(A_USER, selective(filters))).size).toBe(0);
    jobs.put(aCompletedExport(selective(filters), { requestedAt: NOON, packageSize: 777 }));
    expect((await estimateOf({}, jobs)(A_USER, selective(filters))).size).toBe(777);
  });

  it('takes the transactions that the files of the accounts say they have when there are too many to count', async () => {
    const many = [...transactions, ...transactions];
    const estimate = estimateOf({ transactions: many, transactionFiles });
    expect((await estimate(A_USER, selective({ accountIds: ['a'] }))).size).toBe(1000 + 70 * 600);
  });

  it.each<[Partial<ExportRequest>]>([
    [{ categoryIds: ['c'] }],
    [{ dateRangeStart: 1 }],
    [{ accountIds: ['a'], dateRangeEnd: 1 }],
  ])('is null when there are too many to count and files cannot tell which are %j', async (filters) => {
    const many = [...transactions, ...transactions];
    const estimate = estimateOf({ transactions: many, transactionFiles });
    expect(await estimate(A_USER, selective(filters))).toEqual({ size: null, duration: null });
  });
});

describe('the estimate of a JSON export', () => {
  it('has no bytes of files, and is not taken from a ZIP', async () => {
    const pages = { transactionFiles: [[aFile('f1', { fileSize: 1000 })]], transactions: [records(2)] };
    const jobs = new InMemoryJobStore(aCompletedJob({ packageSize: 777 }));
    const json = aCompleteRequest({ exportFormat: 'json' });
    expect((await estimateOf(pages, jobs)(A_USER, json)).size).toBe(1200);
  });
});
