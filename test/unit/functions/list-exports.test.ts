import { describe, expect, it } from '@jest/globals';
import { createListExports } from '../../../functions/list-exports/list-exports.ts';
import { ownerHash, type ExportJob, type Tombstone } from '../../../shared/domain/export-job.ts';
import {
  A_USER,
  aCompletedJob,
  aDeletingJob,
  aFailedJob,
  anApiRequest,
  anInitiatedJob,
  aProcessingJob,
  aTombstone,
  NOON,
} from '../../support/export-builders.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import { SettableClock } from '../../support/recording-ports.ts';

interface Page {
  readonly exports: readonly Record<string, unknown>[];
  readonly limit: number;
  readonly hasMore: boolean;
  readonly nextToken: string | null;
}

const setUp = (...rows: readonly (ExportJob | Tombstone)[]) => {
  const [jobs, clock] = [new InMemoryJobStore(...rows), new SettableClock()];
  const list = createListExports({ jobs, clock });
  const get = async (query: Record<string, string> = {}, userId = A_USER): Promise<Page> =>
    (await list(anApiRequest({ query, userId }))).body as Page;
  return { jobs, clock, get };
};

const idsOf = ({ exports }: Page) => exports.map(({ exportId }) => exportId);

describe('the list of exports', () => {
  it('shows each of the user’s, newest first, with what a list needs', async () => {
    const completed = aCompletedJob({ requestedAt: NOON - 2, description: 'für 2026' });
    const failed = aFailedJob({ requestedAt: NOON - 1 });
    const initiated = anInitiatedJob({ requestedAt: NOON, retryOf: failed.exportId });
    const { get } = setUp(completed, failed, initiated, aCompletedJob({ userId: 'somebody-else' }));
    const page = await get();
    expect(idsOf(page)).toEqual([initiated, failed, completed].map(({ exportId }) => exportId));
    expect(page.exports[2]).toEqual({
      exportId: completed.exportId,
      status: 'completed',
      exportType: 'complete',
      exportFormat: 'zip',
      requestedAt: NOON - 2,
      completedAt: NOON + 10_000,
      expiresAt: completed.expiresAt,
      progress: 100,
      packageSize: 4711,
      description: 'für 2026',
      retryOf: null,
    });
    expect(page.exports[0]).toMatchObject({ status: 'initiated', retryOf: failed.exportId });
    expect(page.exports[1]).toMatchObject({
      status: 'failed',
      completedAt: NOON + 10_000,
      expiresAt: null,
      packageSize: null,
    });
    expect(page.exports[0]).toMatchObject({
      status: 'initiated',
      completedAt: null,
      progress: 0,
      description: null,
    });
    expect(page).toMatchObject({ limit: 20, hasMore: false, nextToken: null });
  });

  it('shows a running one as far as it is, and an expired one as expired', async () => {
    const sections = { accounts: { count: 1, bytes: 1, done: true } };
    const { get } = setUp(
      aProcessingJob({ sections }),
      aCompletedJob({ requestedAt: NOON - 1, expiresAt: NOON }),
    );
    expect((await get()).exports).toMatchObject([
      { status: 'processing', progress: 16 },
      { status: 'expired' },
    ]);
  });

  it('does not show what is being deleted or was', async () => {
    expect((await setUp(aDeletingJob(), aTombstone()).get()).exports).toEqual([]);
  });

  it('is empty for who has none', async () => {
    expect(await setUp().get()).toEqual({ exports: [], limit: 20, hasMore: false, nextToken: null });
  });

  it('goes on page by page until all 25 were shown, each once', async () => {
    const jobs = Array.from({ length: 25 }, (_, at) =>
      anInitiatedJob({ requestedAt: NOON - Math.floor(at / 3) }),
    );
    const { get } = setUp(...jobs);
    const shown: unknown[] = [];
    const sizes: number[] = [];
    for (let token: string | null | undefined; token !== null;) {
      const page = await get({ limit: '10', ...(token === undefined ? {} : { nextToken: token }) });
      shown.push(...idsOf(page));
      sizes.push(page.exports.length);
      expect(page.hasMore).toBe(page.nextToken !== null);
      token = page.nextToken;
    }
    expect(sizes).toEqual([10, 10, 5]);
    expect(new Set(shown)).toEqual(new Set(jobs.map(({ exportId }) => exportId)));
    expect(shown).toHaveLength(25);
  });

  it('says that there is no more when the last page is just full', async () => {
    const { get } = setUp(anInitiatedJob(), anInitiatedJob({ requestedAt: NOON - 1 }));
    expect(await get({ limit: '2' })).toMatchObject({ hasMore: false, nextToken: null });
    expect(await get({ limit: '1' })).toMatchObject({
      hasMore: true,
      nextToken: expect.any(String) as unknown,
    });
  });
});

describe('a list that is not asked for as it should be', () => {
  it.each([['0'], ['101'], ['-1'], ['1.5'], ['1e1'], ['abc'], [''], [' 5'], ['1000'], ['٣']])(
    'is refused: limit %j',
    async (limit) => {
      await expect(setUp().get({ limit })).rejects.toMatchObject({ name: 'InvalidRequest' });
    },
  );

  it.each([['1'], ['100']])('is given: limit %s', async (limit) => {
    expect((await setUp().get({ limit })).limit).toBe(Number(limit));
  });

  const foreign = aCompletedJob({ userId: 'somebody-else' });
  const deleted = aTombstone({ ownerHash: ownerHash('somebody-else') });
  const encoded = (text: string) => Buffer.from(text).toString('base64url');

  it.each([
    ['empty', ''],
    ['of nothing', encoded('never-was')],
    ['no base64', '%%%'],
    ['very long', encoded('x'.repeat(10_000))],
    ['somebody else’s', encoded(foreign.exportId)],
    ['of somebody else’s deleted export', encoded(deleted.exportId)],
    ['of another kind of row', encoded(`active#${'0'.repeat(64)}`)],
  ])('is refused with a token that is %s, always in the same words', async (_, nextToken) => {
    const { get } = setUp(foreign, deleted, anInitiatedJob());
    await expect(get({ nextToken })).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: 'The query parameter nextToken is not valid. Start again from the first page.',
    });
  });

  it('goes on after an export that is being deleted meanwhile, and after one that is gone', async () => {
    const [newer, older] = [anInitiatedJob({ requestedAt: NOON }), anInitiatedJob({ requestedAt: NOON - 1 })];
    const { get, jobs } = setUp(newer, older);
    const { nextToken } = await get({ limit: '1' });
    jobs.put(aDeletingJob({ exportId: newer.exportId }));
    expect(idsOf(await get({ limit: '1', nextToken: nextToken ?? '' }))).toEqual([older.exportId]);
    jobs.put(aTombstone({ exportId: newer.exportId, requestedAt: newer.requestedAt }));
    expect(idsOf(await get({ limit: '1', nextToken: nextToken ?? '' }))).toEqual([older.exportId]);
  });
});
