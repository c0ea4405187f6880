import { FOLLOW_UP_MS } from '../../shared/domain/export-job.ts';
import type {
  ActiveExports,
  ArtifactStore,
  Clock,
  DueRow,
  DueRows,
  JobStore,
  Log,
  Metrics,
  OrphanSearch,
  Workflow,
} from '../../shared/ports.ts';
import type { PublishPendingEvents } from '../../shared/use-cases/publish-pending-events.ts';
import { createLookAfterExport } from './look-after-export.ts';
import { createLookAfterPlaces } from './look-after-places.ts';
import type { Looked } from './looked.ts';
import { createRemoveOrphans } from './remove-orphans.ts';

interface Dependencies {
  readonly jobs: JobStore;
  readonly dueRows: DueRows;
  readonly activeExports: ActiveExports;
  readonly artifacts: ArtifactStore;
  readonly search: OrphanSearch;
  readonly workflow: Workflow;
  readonly publish: PublishPendingEvents;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How long after a job was closed a function of its execution may still be writing. */
  readonly lateWriterMs: number;
  /** How long a package can be downloaded. */
  readonly retentionMs: number;
}

export interface SweepInput {
  /** ms until the call must have ended. */
  readonly timeLeft: () => number;
}

/** What a sweep has done: for each act, for how many rows. */
export interface SweepResult extends Readonly<Record<Looked['act'], number>> {
  /** Rows that somebody else was looking at, or that had changed. */
  readonly skipped: number;
  /** Rows that could not be dealt with, or not wholly; they are tried again. */
  readonly setbacks: number;
  readonly orphans: number;
  /** False when there was more to do than time. */
  readonly finished: boolean;
}

const ROWS_AT_ONCE = 50;
/** A look that is begun should also end: a thousand objects are removed in one call. */
const LONGEST_LOOK_MS = 30_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const LONGEST_BACKOFF_MS = 60 * 60 * 1000;

/** How long after a look that has come to nothing the next one is due, in ms: two minutes, four, eight, up to an hour. */
export const backoff = (setbacks: number): number =>
  Math.min(LONGEST_BACKOFF_MS, FOLLOW_UP_MS * 2 ** Math.min(setbacks, 10));

class Tally {
  readonly #counts = {
    ...{ wait: 0, start: 0, fail: 0, settle: 0, expire: 0, erase: 0, publish: 0, places: 0 },
    ...{ skipped: 0, setbacks: 0, orphans: 0 },
  };

  count(what: Exclude<keyof SweepResult, 'finished'>, times = 1): void {
    this.#counts[what] += times;
  }

  result(finished: boolean): SweepResult {
    return { ...this.#counts, finished };
  }
}

/**
 * Puts right whatever was left half done, at whatever point: the guarantee behind every hook that is only tried once. A row
 * is taken before it is looked at, so that one which is broken, or takes this call down with it, waits for longer and longer
 * and stops nobody else's.
 */
export const createSweepExports = (dependencies: Dependencies) => {
  const { dueRows, clock, log, retentionMs } = dependencies;
  const lookAfterExport = createLookAfterExport(dependencies);
  const lookAfterPlaces = createLookAfterPlaces(dependencies);
  const removeOrphans = createRemoveOrphans({ ...dependencies, unclaimedMs: retentionMs + DAY_MS });

  const lookAt = async (taken: DueRow, tally: Tally): Promise<void> => {
    const looked = await (taken.about === 'places' ? lookAfterPlaces(taken) : lookAfterExport(taken.key));
    tally.count(looked.act);
    if (!looked.complete) tally.count('setbacks');
    if (looked.next === undefined) return;
    const { at } = looked.next;
    if (looked.complete || (at !== undefined && at < taken.dueAt)) await dueRows.putBack(taken, at);
  };

  const sweepRow = async (row: DueRow, tally: Tally): Promise<void> => {
    log.about({});
    try {
      const taken = await dueRows.take(row, clock.now() + backoff(row.setbacks));
      if (taken === undefined) tally.count('skipped');
      else await lookAt(taken, tally);
    } catch (error) {
      tally.count('setbacks');
      log.failure('A row could not be put right; it is tried again.', error, {
        row: row.key,
        setbacks: row.setbacks + 1,
      });
    }
  };

  const sweepBucket = async (goOn: () => boolean, tally: Tally): Promise<void> => {
    try {
      if (goOn()) tally.count('orphans', await removeOrphans(goOn));
    } catch (error) {
      tally.count('setbacks');
      log.failure('The search for what was left behind broke off; the next sweep goes on with it.', error);
    }
  };

  /** False when time was over before the last row. */
  const sweepDueRows = async (goOn: () => boolean, tally: Tally): Promise<boolean> => {
    const seen = new Set<string>();
    for (;;) {
      const due = await dueRows.find(clock.now(), ROWS_AT_ONCE);
      // The index lags, so that it may show again what was dealt with already.
      const rows = due.filter(({ key }) => !seen.has(key));
      if (rows.length === 0) return true;
      for (const row of rows) {
        if (!goOn()) return false;
        seen.add(row.key);
        await sweepRow(row, tally);
      }
    }
  };

  return async ({ timeLeft }: SweepInput): Promise<SweepResult> => {
    const reserve = Math.min(LONGEST_LOOK_MS, timeLeft() / 2);
    const goOn = () => timeLeft() > reserve;
    const tally = new Tally();
    const finished = await sweepDueRows(goOn, tally);
    log.about({});
    await sweepBucket(goOn, tally);
    const result = tally.result(finished);
    log.info('Sweep completed.', { ...result });
    return result;
  };
};
