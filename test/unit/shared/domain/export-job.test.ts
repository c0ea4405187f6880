import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  exportJob,
  progressOf,
  requestHash,
  rowTimeToLive,
  statusAt,
  tombstone,
  type ExportJob,
} from '../../../../shared/domain/export-job.ts';
import { priorStatuses, STATUSES, type ExportStatus } from '../../../../shared/domain/export-status.ts';
import { sectionsOf } from '../../../../shared/domain/export-request.ts';
import {
  aCompletedJob,
  aCompleteRequest,
  aDeletingJob,
  aFailedJob,
  anInitiatedJob,
  aProcessingJob,
  aTombstone,
  NOON,
} from '../../../support/export-builders.ts';

const DAY_SECONDS = 24 * 60 * 60;

/** Written out here on purpose, from the design's "Status" line. */
const ALLOWED: ReadonlySet<string> = new Set([
  'initiated>processing',
  'initiated>failed',
  'initiated>deleting',
  'processing>completed',
  'processing>failed',
  'processing>deleting',
  'completed>expired',
  'completed>deleting',
  'failed>deleting',
  'expired>deleting',
  'deleting>deleted',
]);

const pairs = STATUSES.flatMap((from) => STATUSES.map((to): [ExportStatus, ExportStatus] => [from, to]));

describe('the way of a job', () => {
  it.each(pairs)('from %s to %s is open only where the design says so', (from, to) => {
    expect(priorStatuses(to).includes(from)).toBe(ALLOWED.has(`${from}>${to}`));
  });

  it('ends nowhere but in deleted', () => {
    const deadEnds = STATUSES.filter((from) => !STATUSES.some((to) => priorStatuses(to).includes(from)));
    expect(deadEnds).toEqual(['deleted']);
  });
});

describe('a job row', () => {
  it.each<[string, ExportJob]>([
    ['initiated', anInitiatedJob()],
    ['processing', aProcessingJob()],
    ['completed', aCompletedJob()],
    ['failed', aFailedJob()],
    ['deleting', aDeletingJob()],
  ])('that is %s reads as what was written', (_, job) => {
    expect(exportJob.parse(JSON.parse(JSON.stringify(job)))).toEqual(JSON.parse(JSON.stringify(job)));
  });

  it('cannot be completed without a package, nor expired without the time it expired at', () => {
    expect(exportJob.safeParse({ ...aCompletedJob(), s3Key: undefined }).success).toBe(false);
    expect(exportJob.safeParse({ ...aCompletedJob(), status: 'expired', expiresAt: undefined }).success).toBe(
      false,
    );
  });

  it('is no job once it is buried', () => {
    expect(exportJob.safeParse(aTombstone()).success).toBe(false);
    expect(tombstone.parse(aTombstone({ exportId: 'x' })).exportId).toBe('x');
  });

  it('outlives the 90 days in which the name of its execution is taken, by at least ten', () => {
    expect(rowTimeToLive(NOON)).toBe(NOON / 1000 + 100 * DAY_SECONDS);
    expect(rowTimeToLive(NOON + 1)).toBeGreaterThan(NOON / 1000 + 100 * DAY_SECONDS);
  });
});

describe('two requests', () => {
  it('are the same when every field is, whatever the order', () => {
    const { exportType, exportFormat, includeAnalytics, includeCsv } = aCompleteRequest();
    const turned = { includeCsv, includeAnalytics, exportFormat, exportType };
    expect(requestHash(turned)).toBe(requestHash(aCompleteRequest()));
  });

  it.each([
    [{ exportType: 'accounts_only' as const }],
    [{ exportFormat: 'json' as const }],
    [{ includeAnalytics: true }],
    [{ includeCsv: true }],
    [{ description: '' }],
    [{ description: 'null' }],
  ])('differ by %j', (difference) => {
    expect(requestHash(aCompleteRequest(difference))).not.toBe(requestHash(aCompleteRequest()));
  });
});

describe('the status a reader is shown', () => {
  const job = aCompletedJob({ expiresAt: NOON });

  it('is expired from the very millisecond the time is over', () => {
    expect(statusAt(job, NOON - 1)).toBe('completed');
    expect(statusAt(job, NOON)).toBe('expired');
    expect(statusAt(job, NOON + 1)).toBe('expired');
  });

  it.each<[ExportJob]>([[anInitiatedJob()], [aProcessingJob()], [aFailedJob()], [aDeletingJob()]])(
    'is the stored one where there is nothing to expire',
    (other) => {
      expect(statusAt(other, NOON * 2)).toBe(other.status);
    },
  );
});

describe('the progress a reader is shown', () => {
  const sectionsDone = (count: number) =>
    Object.fromEntries(
      sectionsOf(aCompleteRequest())
        .slice(0, count)
        .map((section) => [section, { count: 1, bytes: 1, done: true }]),
    );

  it('begins above nothing and grows with each section that is done', () => {
    const shown = [0, 1, 2, 3, 4, 5].map((count) =>
      progressOf(aProcessingJob({ sections: sectionsDone(count) })),
    );
    expect(shown).toEqual([5, 16, 27, 38, 49, 60]);
  });

  it('counts a section only when it is done', () => {
    const sections = { accounts: { count: 1000, bytes: 1000, done: false } };
    expect(progressOf(aProcessingJob({ sections }))).toBe(5);
  });

  it('never goes back, whatever is reported in whatever order, nor when the job ends', () => {
    const sections = sectionsOf(aCompleteRequest());
    const report = fc.record({
      section: fc.constantFrom(...sections),
      stored: fc.integer({ min: 0, max: 95 }),
    });
    fc.assert(
      fc.property(fc.array(report, { maxLength: 20 }), (reports) => {
        let job = aProcessingJob();
        let shown = progressOf(job);
        for (const { section, stored } of reports) {
          const progress = Math.max(job.progress, stored);
          job = {
            ...job,
            progress,
            sections: { ...job.sections, [section]: { count: 1, bytes: 1, done: true } },
          };
          expect(progressOf(job)).toBeGreaterThanOrEqual(shown);
          shown = progressOf(job);
          expect(shown).toBeLessThan(100);
        }
        const { exportId, executionArn, startedAt, progress, sections: collected } = job;
        const kept = { exportId, executionArn, progress, sections: collected };
        expect(progressOf(aFailedJob({ ...kept, startedAt }))).toBeGreaterThanOrEqual(shown);
        expect(progressOf(aDeletingJob(kept))).toBeGreaterThanOrEqual(shown);
      }),
    );
  });

  it('stays at nothing for a job that never began', () => {
    const { completedAt, error, errorDetails } = aFailedJob();
    expect(progressOf(anInitiatedJob())).toBe(0);
    expect(progressOf({ ...anInitiatedJob(), status: 'failed', completedAt, error, errorDetails })).toBe(0);
  });

  it('is 100 for a completed job', () => {
    expect(progressOf(aCompletedJob())).toBe(100);
  });
});
