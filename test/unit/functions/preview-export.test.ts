import { describe, expect, it } from '@jest/globals';
import { createPreviewExport } from '../../../functions/preview-export/preview-export.ts';
import type { SourceRecord } from '../../../shared/ports.ts';
import { createEstimateExport } from '../../../shared/use-cases/estimate-export.ts';
import {
  A_USER,
  aCompletedJob,
  aCompleteRequest,
  anApiRequest,
  aRecord,
} from '../../support/export-builders.ts';
import { InMemoryHousehold } from '../../support/in-memory-household.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';

const anAccount = (accountId: unknown, accountName: unknown): SourceRecord =>
  aRecord(String(accountId), '', { accountId, accountName, balance: '17.50' });
const aCategory = (categoryId: unknown, name: unknown): SourceRecord =>
  aRecord(String(categoryId), '', { categoryId, name, rules: [] });
const records = (count: number): SourceRecord[] =>
  Array.from({ length: count }, (_, at) => aRecord(String(at)));

const setUp = (
  pages: ConstructorParameters<typeof InMemoryHousehold>[0] = {},
  jobs = new InMemoryJobStore(),
) => {
  const source = new InMemoryHousehold(pages);
  const preview = createPreviewExport({ source, estimate: createEstimateExport({ jobs, source }) });
  return { source, get: (query: Record<string, string> = {}) => preview(anApiRequest({ query })) };
};

describe('the preview of an export', () => {
  it('names accounts and categories, counts everything, and estimates the size', async () => {
    const { get, source } = setUp({
      accounts: [[anAccount('a1', 'Giro'), anAccount('a2', 'Sparbuch')]],
      categories: [[aCategory('c1', 'Essen')]],
      transactions: [records(3), records(2)],
      fileMaps: [records(1)],
      transactionFiles: [[aRecord('f1', '', { fileSize: 100 })]],
    });
    expect(await get()).toEqual({
      status: 200,
      body: {
        exportType: 'complete',
        accounts: [
          { id: 'a1', name: 'Giro' },
          { id: 'a2', name: 'Sparbuch' },
        ],
        categories: [{ id: 'c1', name: 'Essen' }],
        counts: { accounts: 2, transactions: 5, categories: 1, fileMaps: 1, transactionFiles: 1 },
        estimatedSize: 100 + 5 * 600,
      },
    });
    expect([...source.usersAsked]).toEqual([A_USER]);
  });

  it('tells no more of an account than its id and name', async () => {
    const { get } = setUp({ accounts: [[anAccount('a1', 'Giro')]] });
    expect(JSON.stringify(await get())).not.toContain('17.50');
  });

  it('shows a record as it is even when it lacks its name or has a strange one', async () => {
    const { get } = setUp({ accounts: [[anAccount('a1', undefined), anAccount(7, { S: 'x' })]] });
    expect((await get()).body).toMatchObject({
      accounts: [
        { id: 'a1', name: null },
        { id: null, name: null },
      ],
    });
  });

  it('does not pretend to know what three pages do not tell', async () => {
    const many = [records(2), records(2), records(2), records(2)];
    const { get } = setUp({
      accounts: many,
      transactions: many,
      categories: many,
      fileMaps: many,
      transactionFiles: many,
    });
    expect((await get()).body).toMatchObject({
      counts: {
        accounts: null,
        transactions: null,
        categories: null,
        fileMaps: null,
        transactionFiles: null,
      },
      estimatedSize: null,
    });
  });

  it('takes the size of the last completed export of the type', async () => {
    const jobs = new InMemoryJobStore(
      aCompletedJob({ parameters: aCompleteRequest({ exportType: 'accounts_only' }), packageSize: 11 }),
      aCompletedJob({ packageSize: 22 }),
    );
    const { get } = setUp({}, jobs);
    expect((await get()).body).toMatchObject({ estimatedSize: 22 });
    expect((await get({ exportType: 'accounts_only' })).body).toMatchObject({
      exportType: 'accounts_only',
      estimatedSize: 11,
    });
  });

  it.each([['everything'], [''], ['Complete'], ['constructor']])(
    'is refused for the type %j',
    async (exportType) => {
      await expect(setUp().get({ exportType })).rejects.toMatchObject({ name: 'InvalidRequest' });
    },
  );

  it('of a selective export tells what there is to select from, and the size of all of it', async () => {
    const { get } = setUp({
      accounts: [[anAccount('a1', 'Giro')]],
      transactions: [records(2)],
      transactionFiles: [[aRecord('f1', '', { fileSize: 100 })]],
    });
    expect(await get({ exportType: 'selective' })).toMatchObject({
      status: 200,
      body: {
        exportType: 'selective',
        accounts: [{ id: 'a1', name: 'Giro' }],
        counts: { accounts: 1, transactions: 2 },
        estimatedSize: 100 + 2 * 600,
      },
    });
  });

  it('has an estimated size that is a safe integer, or none', async () => {
    const files = (...sizes: number[]) => ({
      transactionFiles: [sizes.map((fileSize, at) => aRecord(String(at), '', { fileSize }))],
    });
    const sizeOf = async (...sizes: number[]) => (await setUp(files(...sizes)).get()).body;
    expect(await sizeOf(-5, 1e-130, 1e38, 7)).toMatchObject({ estimatedSize: 7 });
    expect(await sizeOf(Number.MAX_SAFE_INTEGER, 1)).toMatchObject({ estimatedSize: null });
  });
});
