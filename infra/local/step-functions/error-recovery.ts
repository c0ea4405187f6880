import type { Catcher, Retrier, State } from './asl-schema.ts';
import type { StateFailure } from './state-failure.ts';

// As on AWS: nothing matches States.Runtime, and no wildcard matches States.DataLimitExceeded.
const matches = (errorEquals: readonly string[], error: string): boolean => {
  if (error === 'States.Runtime') return false;
  if (errorEquals.includes(error)) return true;
  if (error === 'States.DataLimitExceeded') return false;
  return (
    errorEquals.includes('States.ALL') ||
    (errorEquals.includes('States.TaskFailed') && error !== 'States.Timeout')
  );
};

const computedDelaySeconds = (retrier: Retrier, retriesSoFar: number): number => {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Infinity, JitterStrategy } = retrier;
  const delay = Math.min(IntervalSeconds * BackoffRate ** retriesSoFar, MaxDelaySeconds);
  return JitterStrategy === 'FULL' ? Math.random() * delay : delay;
};

/** Counts the retries of one visit to a state; each retrier has a count of its own. */
export class RetryBudget {
  readonly #retriers: readonly Retrier[];
  readonly #spent = new Map<Retrier, number>();

  constructor(state: State) {
    this.#retriers = 'Retry' in state ? (state.Retry ?? []) : [];
  }

  get retryCount(): number {
    return [...this.#spent.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Seconds to wait before the next try, undefined when there is none. Only the first retrier that matches counts. */
  spend({ error }: StateFailure): number | undefined {
    const retrier = this.#retriers.find(({ ErrorEquals }) => matches(ErrorEquals, error));
    if (retrier === undefined) return undefined;
    const spent = this.#spent.get(retrier) ?? 0;
    if (spent >= (retrier.MaxAttempts ?? 3)) return undefined;
    this.#spent.set(retrier, spent + 1);
    return computedDelaySeconds(retrier, spent);
  }
}

/** The first catcher that matches. */
export const catcherOf = (state: State, { error }: StateFailure): Catcher | undefined =>
  'Catch' in state ? state.Catch?.find(({ ErrorEquals }) => matches(ErrorEquals, error)) : undefined;
