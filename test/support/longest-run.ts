import { inside, nextOf, type Machine, type Retrier, type State } from './workflow-definition.ts';

/** How much there is to do, and how much goes wrong. */
export interface Hardship {
  /** Items of each Map. */
  readonly items: Readonly<Record<string, number>>;
  /** How often a state runs that its machine comes back to. */
  readonly visits: Readonly<Record<string, number>>;
  /** Whether every task, of every item too, fails as often as it is tried again, for each of the reasons. */
  readonly failing: boolean;
}

/** All pauses of a retrier together, each as long as its jitter lets it be, in seconds. */
export const pausesOf = ({
  IntervalSeconds = 1,
  BackoffRate = 2,
  MaxAttempts = 3,
  MaxDelaySeconds = Infinity,
}: Retrier): number =>
  Array.from({ length: MaxAttempts }, (_, attempt) =>
    Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds),
  ).reduce((sum, pause) => sum + pause, 0);

/** Lambda refuses such a call at once, so nothing of it runs. */
export const isForRefusals = ({ ErrorEquals }: Retrier): boolean =>
  ErrorEquals.every((name) => name === 'Lambda.TooManyRequestsException');

const taskSeconds = ({ TimeoutSeconds = Infinity, Retry = [] }: State, failing: boolean): number => {
  if (!failing) return TimeoutSeconds;
  const runs = Retry.filter((retrier) => !isForRefusals(retrier)).map(({ MaxAttempts = 3 }) => MaxAttempts);
  const pauses = Retry.map(pausesOf);
  return TimeoutSeconds * (1 + sum(runs)) + sum(pauses);
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const stateSeconds = (name: string, state: State, hardship: Hardship): number => {
  const longestInside = Math.max(0, ...inside(state).map((machine) => longestRun(machine, hardship)));
  switch (state.Type) {
    case 'Task':
      return taskSeconds(state, hardship.failing) * (hardship.visits[name] ?? 1);
    case 'Map':
      return Math.ceil((hardship.items[name] ?? NaN) / (state.MaxConcurrency ?? Infinity)) * longestInside;
    default:
      return longestInside;
  }
};

/**
 * How many seconds a machine takes at the most: each call all the time that its task gives it, along the longest way through
 * its states, failures included.
 */
export const longestRun = (machine: Machine, hardship: Hardship): number => {
  const from = (name: string, passed: readonly string[]): number => {
    const state = machine.States[name];
    if (state === undefined || passed.includes(name)) return 0;
    const onwards = nextOf(state).map((next) => from(next, [...passed, name]));
    return stateSeconds(name, state, hardship) + Math.max(0, ...onwards);
  };
  return from(machine.StartAt, []);
};
