import { describe, expect, it } from '@jest/globals';
import { MOST_PARTS } from '../../../functions/begin-export/transaction-parts.ts';
import { MOST_SEGMENTS } from '../../../functions/plan-package/plan-package.ts';
import { PIECE_SIZES } from '../../../shared/lambda/environment.ts';
import { isForRefusals, longestRun, pausesOf, type Hardship } from '../../support/longest-run.ts';
import { definition, statesOf, type Machine } from '../../support/workflow-definition.ts';

const tasks = statesOf(definition).filter(({ state }) => state.Type === 'Task');
const AT_A_TIME = 8;

const secondsOf = (ranges: number, segments: number, hardship: Partial<Hardship>): number =>
  longestRun(definition, {
    items: { CollectTransactionParts: ranges, PackageSegments: segments },
    visits: {},
    failing: true,
    ...hardship,
  });

describe('the time limit of the state machine', () => {
  it('lets every piece of an export use up all its retries, as long as all of its pieces run at a time', () => {
    expect(secondsOf(AT_A_TIME, AT_A_TIME, {})).toBeLessThan(definition.TimeoutSeconds ?? 0);
  });

  it('lets every call take all its time in the largest export that is cut into pieces of their usual size', () => {
    // Bytes and entries may each close as many segments.
    const segments = 2 * MOST_SEGMENTS;
    const bytes = segments * Number(PIECE_SIZES.SEGMENT_BYTES);
    const VerifyPackage = Math.ceil(bytes / Number(PIECE_SIZES.VERIFIED_BYTES_PER_CALL));
    const seconds = secondsOf(MOST_PARTS, segments, { visits: { VerifyPackage }, failing: false });
    expect(seconds).toBeLessThan(definition.TimeoutSeconds ?? 0);
    expect(seconds).toBeGreaterThan(secondsOf(1, 1, { failing: false }));
  });

  it.each(tasks.map(({ name, state }) => [name, state] as const))(
    'waits for a place for %s on average longer than 15 minutes',
    (_, { Retry = [] }) => {
      const [refused, ...others] = Retry.filter(isForRefusals);
      expect(others).toEqual([]);
      // Full jitter lets a pause be anything up to its length.
      expect(refused === undefined ? 0 : pausesOf(refused) / 2).toBeGreaterThanOrEqual(15 * 60);
    },
  );
});

describe('the longest run of a machine', () => {
  const retried = {
    ErrorEquals: ['Broken'],
    IntervalSeconds: 1,
    BackoffRate: 2,
    MaxAttempts: 3,
    MaxDelaySeconds: 3,
  };
  const refused = { ...retried, ErrorEquals: ['Lambda.TooManyRequestsException'] };
  const none: Hardship = { items: {}, visits: {}, failing: true };
  const machineOf = (States: Machine['States']): Machine => ({ StartAt: 'First', States });
  const task = { Type: 'Task', TimeoutSeconds: 10 };

  it('is every run of a task and every pause, where only refusals take no run', () => {
    const seconds = longestRun(machineOf({ First: { ...task, Retry: [retried, refused] } }), none);
    expect(seconds).toBe(4 * 10 + (1 + 2 + 3) + (1 + 2 + 3));
    expect(longestRun(machineOf({ First: { ...task, Retry: [retried] } }), { ...none, failing: false })).toBe(
      10,
    );
  });

  it('goes the longest way, through a Catch too, and round a loop as often as is told', () => {
    const machine = machineOf({
      First: { ...task, Next: 'Again', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Long' }] },
      Again: { Type: 'Choice', Choices: [{ Next: 'End' }], Default: 'First' },
      End: { Type: 'Succeed' },
      Long: { Type: 'Task', TimeoutSeconds: 100 },
    });
    expect(longestRun(machine, { ...none, visits: { First: 3 } })).toBe(30 + 100);
  });

  it('is that of the longest branch, and of as many rounds of items as there must be', () => {
    const map = { Type: 'Map', MaxConcurrency: 4, ItemProcessor: machineOf({ First: task }) };
    const machine = machineOf({
      First: {
        Type: 'Parallel',
        Branches: [machineOf({ First: task }), { StartAt: 'Items', States: { Items: map } }],
      },
    });
    expect(longestRun(machine, { ...none, items: { Items: 9 } })).toBe(30);
  });
});
