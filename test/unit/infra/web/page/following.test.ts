import { describe, expect, it } from '@jest/globals';
import { mergedList } from '../../../../../infra/web/browser/page/merged-list.ts';
import { nextPoll } from '../../../../../infra/web/browser/page/polling-schedule.ts';
import { timeLeft, timeLeftText } from '../../../../../infra/web/browser/page/time-left.ts';
import { troubleOf } from '../../../../../infra/web/browser/page/trouble.ts';
import type { ListedExport } from '../../../../../shared/api/replies.ts';
import { ApiProblem, ApiUnreachable } from '../../../../../shared/client/export-api.ts';

describe('asking again', () => {
  const seen = { failures: 0, isHidden: false, isOnline: true };

  it('keeps to what the service asks for', () => {
    expect(nextPoll({ ...seen, retryAfterSeconds: 5 })).toBe(5000);
    expect(nextPoll(seen)).toBe(2000);
  });

  it('waits longer after each failure, up to a minute, and never shorter than asked for', () => {
    const waits = [1, 2, 3, 4, 5, 6, 9].map((failures) => nextPoll({ ...seen, failures }));
    expect(waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(nextPoll({ ...seen, failures: 1, retryAfterSeconds: 30 })).toBe(30_000);
  });

  it('rests while nobody looks, or there is no network', () => {
    expect(nextPoll({ ...seen, isHidden: true })).toBeUndefined();
    expect(nextPoll({ ...seen, isOnline: false })).toBeUndefined();
  });
});

describe('the time left', () => {
  it('follows the pace so far, and runs down between two answers', () => {
    const advances = [
      { at: 1000, progress: 5 },
      { at: 20_000, progress: 50 },
    ];
    expect(timeLeft(0, advances, 20_000)).toBe(20_000);
    expect(timeLeft(0, advances, 25_000)).toBe(15_000);
    expect(timeLeft(0, advances, 90_000)).toBe(0);
  });

  it('is not told before there is anything to tell it from', () => {
    expect(timeLeft(0, [], 5000)).toBeUndefined();
    expect(timeLeft(0, [{ at: 4000, progress: 5 }], 5000)).toBeUndefined();
    expect(timeLeft(0, [{ at: 500, progress: 60 }], 5000)).toBeUndefined();
    // The service's clock may be ahead of the person's.
    expect(timeLeft(60_000, [{ at: 20_000, progress: 60 }], 20_000)).toBeUndefined();
  });

  it('is put in words that promise no more', () => {
    const words = [undefined, 0, 500, 45_000, 65_000, 40 * 60_000, 2 * 3_600_000].map(timeLeftText);
    expect(words).toEqual([
      'Working out how long it takes',
      'Taking longer than it looked',
      'A few seconds left',
      'Less than a minute left',
      'About 1 minute left',
      'About 40 minutes left',
      'About 2 hours left',
    ]);
  });
});

describe('a list whose first page is read anew', () => {
  const listed = (exportId: string, requestedAt: number): ListedExport => ({
    ...{ exportId, requestedAt, status: 'completed', exportType: 'complete', exportFormat: 'zip' },
    ...{ completedAt: null, expiresAt: null, progress: 100, packageSize: null },
    ...{ description: null, retryOf: null },
  });
  const ids = (list: readonly ListedExport[]) => list.map(({ exportId }) => exportId);

  it('takes up what is new, drops what is gone, and keeps what came after it', () => {
    const known = [listed('d', 4), listed('c', 3), listed('b', 2), listed('a', 1)];
    expect(ids(mergedList(known, [listed('e', 5), listed('c', 3)]))).toEqual(['e', 'c', 'b', 'a']);
  });

  it('is empty when there is nothing at all', () => {
    expect(mergedList([listed('a', 1)], [])).toEqual([]);
  });
});

describe('what went wrong', () => {
  const problem = (status: number, more: object = {}) =>
    new ApiProblem({ status, title: 'Title', detail: 'Detail.', retryAfterSeconds: undefined, ...more });

  it('is told without what nobody can use, and with a number where support can help', () => {
    const trouble = troubleOf(problem(500, { requestId: 'r-1' }));
    expect(trouble).toMatchObject({
      title: 'Something went wrong on our side',
      requestId: 'r-1',
      mayPass: true,
    });
    expect(troubleOf(problem(400, { requestId: 'r-1' }))).not.toHaveProperty('requestId');
    expect(troubleOf(new ApiUnreachable('No.')).title).toBe('The service cannot be reached');
    expect(troubleOf(new TypeError('secret')).detail).not.toContain('secret');
  });

  it('names the fields that are wrong', () => {
    const errors = [{ pointer: '/accountIds/0', detail: 'Must be a UUID.' }];
    expect(troubleOf(problem(400, { errors })).detail).toBe('Detail. accountIds/0: Must be a UUID.');
  });

  it('tells a full house from haste', () => {
    expect(troubleOf(problem(429, { code: 'ActiveExportLimitReached' })).title).toContain('as many exports');
    expect(troubleOf(problem(429)).title).toContain('too quick');
  });
});
