import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { EXECUTION_STATUSES, type Execution } from '../../../../shared/domain/execution.ts';
import { LONGEST_RUN_MS, type ExportJob, type Tombstone } from '../../../../shared/domain/export-job.ts';
import { priorStatuses } from '../../../../shared/domain/export-status.ts';
import {
  isUnfinished,
  stepForEnded,
  stepForUnfinished,
  type SweepStep,
} from '../../../../shared/domain/sweep-step.ts';
import {
  aCompletedJob,
  aDeletingJob,
  aFailedJob,
  anExpiredJob,
  anInitiatedJob,
  aProcessingJob,
  aTombstone,
  NOON,
} from '../../../support/export-builders.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LATE_WRITER_MS = 16 * MINUTE;

const initiated = anInitiatedJob({ requestedAt: NOON });
const processing = aProcessingJob({ requestedAt: NOON - HOUR, startedAt: NOON });
const completed = aCompletedJob({ completedAt: NOON, expiresAt: NOON + 24 * HOUR });

const executionThatIs = (status: Execution['status'], since = NOON): Execution =>
  status === 'running' ? { status, since } : { status };

const stepFor = (row: ExportJob | Tombstone, execution: Execution, now: number): SweepStep =>
  isUnfinished(row)
    ? stepForUnfinished(row, execution, now)
    : stepForEnded(row, { now, lateWriterMs: LATE_WRITER_MS });

/** A step in words: `start, 2` looks again in two minutes, `settle, rest` never, `fail: X` as its own write says. */
const inWords = (step: SweepStep, now: number): string => {
  if (step.act === 'fail') return `fail: ${step.errorName}`;
  if (!('lookAgainAt' in step)) return step.act;
  return `${step.act}, ${step.lookAgainAt === undefined ? 'rest' : (step.lookAgainAt - now) / MINUTE}`;
};

describe('the step of the sweeper', () => {
  /** Row, execution, minutes after noon, what is done and in how many minutes it is looked at again. */
  const TABLE: readonly [ExportJob | Tombstone, Execution['status'] | '-', number, string][] = [
    [initiated, 'never_started', 2, 'start, 2'],
    [initiated, 'never_started', 59, 'start, 2'],
    [initiated, 'never_started', 60, 'fail: ExecutionNotStarted'],
    [initiated, 'running', 2, 'wait, 15'],
    [initiated, 'running', 1259, 'wait, 15'],
    [initiated, 'running', 1260, 'fail: States.Timeout'],
    [initiated, 'succeeded', 2, 'fail: ExecutionLost'],
    [initiated, 'failed', 2, 'fail: ExportFailed'],
    [initiated, 'timed_out', 2, 'fail: States.Timeout'],
    [initiated, 'aborted', 2, 'fail: ExecutionAborted'],
    [processing, 'never_started', 14, 'wait, 15'],
    [processing, 'never_started', 15, 'fail: ExecutionLost'],
    [processing, 'running', 15, 'wait, 15'],
    [processing, 'running', 1260, 'fail: States.Timeout'],
    [processing, 'succeeded', 2, 'fail: ExecutionLost'],
    [processing, 'failed', 2, 'fail: ExportFailed'],
    [processing, 'timed_out', 2, 'fail: States.Timeout'],
    [processing, 'aborted', 2, 'fail: ExecutionAborted'],
    [completed, '-', 2, 'settle, 14'],
    [completed, '-', 16, `settle, ${24 * 60 - 16}`],
    [completed, '-', 24 * 60 - 1, 'settle, 1'],
    [completed, '-', 24 * 60, 'expire'],
    [anExpiredJob({ completedAt: NOON }), '-', 10, 'settle, 6'],
    [anExpiredJob({ completedAt: NOON }), '-', 24 * 60, 'settle, rest'],
    [aFailedJob({ completedAt: NOON }), '-', 2, 'settle, 14'],
    [aFailedJob({ completedAt: NOON }), '-', 16, 'settle, rest'],
    [aDeletingJob({ purgeAgainAt: NOON + 16 * MINUTE }), '-', 2, 'erase, 14'],
    [aDeletingJob({ purgeAgainAt: NOON + 16 * MINUTE }), '-', 16, 'erase, 2'],
    [aTombstone(), '-', 2, 'publish'],
  ];

  for (const [row, status, minutes, expected] of TABLE) {
    it(`for a job ${row.status} whose execution is ${status} after ${minutes} minutes: ${expected}`, () => {
      const now = NOON + minutes * MINUTE;
      const step = stepFor(row, executionThatIs(status === '-' ? 'never_started' : status), now);
      expect(inWords(step, now)).toBe(expected);
      expect(step.job).toBe(row);
    });
  }

  it('counts the time of an execution from when it was last set running, not from the request', () => {
    const now = NOON + 100 * HOUR;
    const step = stepForUnfinished(processing, { status: 'running', since: now - MINUTE }, now);
    expect(inWords(step, now)).toBe('wait, 15');
  });

  const minutes = fc.integer({ min: 0, max: 200 * 24 * 60 });
  const rows = fc.constantFrom<ExportJob | Tombstone>(
    ...[initiated, processing, completed, anExpiredJob(), aFailedJob(), aDeletingJob(), aTombstone()],
  );
  const executions = fc
    .tuple(fc.constantFrom(...EXECUTION_STATUSES), minutes)
    .map(([status, since]) => executionThatIs(status, NOON + since * MINUTE));

  it('never looks again at once, so that no row is dealt with twice in one sweep', () => {
    fc.assert(
      fc.property(rows, executions, minutes, (row, execution, after) => {
        const now = NOON + after * MINUTE;
        const step = stepFor(row, execution, now);
        if ('lookAgainAt' in step && step.lookAgainAt !== undefined)
          expect(step.lookAgainAt).toBeGreaterThan(now);
      }),
    );
  });

  it('only ever moves a job where its status may move', () => {
    const target = { fail: 'failed', expire: 'expired', erase: 'deleted' } as const;
    fc.assert(
      fc.property(rows, executions, minutes, (row, execution, after) => {
        const { act } = stepFor(row, execution, NOON + after * MINUTE);
        if (act === 'fail' || act === 'expire' || act === 'erase')
          expect(priorStatuses(target[act])).toContain(row.status);
      }),
    );
  });

  it('never touches the package of a completed export that has not expired', () => {
    fc.assert(
      fc.property(executions, fc.integer({ min: 0, max: 24 * 60 - 1 }), (execution, after) => {
        expect(stepFor(completed, execution, NOON + after * MINUTE).act).toBe('settle');
      }),
    );
  });

  it('ends every unfinished job within a bound, whatever has become of its execution', () => {
    fc.assert(
      fc.property(fc.constantFrom(initiated, processing), executions, (job, execution) => {
        let now = 'since' in execution ? execution.since : NOON;
        const bound = now + LONGEST_RUN_MS + HOUR;
        for (;;) {
          const step = stepFor(job, execution, now);
          if (!('lookAgainAt' in step) || step.lookAgainAt === undefined) break;
          now = step.lookAgainAt;
          expect(now).toBeLessThan(bound);
        }
        expect(stepFor(job, execution, now).act).toBe('fail');
      }),
    );
  });
});
