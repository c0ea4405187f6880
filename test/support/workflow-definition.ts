import { workflowDefinition } from '../../statemachine/definition.ts';

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly MaxDelaySeconds?: number;
  readonly BackoffRate?: number;
  readonly JitterStrategy?: string;
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string;
}

export interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Branches?: readonly Machine[];
  readonly ItemProcessor?: Machine;
  readonly Next?: string;
  readonly Default?: string;
  readonly End?: boolean;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly MaxConcurrency?: number;
}

export interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
}

export interface NamedState {
  readonly name: string;
  readonly state: State;
  readonly machine: Machine;
  /** The states this one is inside of, the nearest first. */
  readonly around: readonly State[];
}

/** The state machine as it is deployed, its placeholders unfilled. */
export const definition = JSON.parse(workflowDefinition()) as Machine;

/** The machines inside of a Parallel or Map. */
export const inside = ({ Branches = [], ItemProcessor }: State): readonly Machine[] =>
  ItemProcessor === undefined ? Branches : [...Branches, ItemProcessor];

/** Every state, those inside of others too. */
export const statesOf = (machine: Machine, around: readonly State[] = []): NamedState[] =>
  Object.entries(machine.States).flatMap(([name, state]) => [
    { name, state, machine, around },
    ...inside(state).flatMap((inner) => statesOf(inner, [state, ...around])),
  ]);

/** The states of the same machine that may follow this one, however it ends. */
export const nextOf = ({ Next, Default, Choices = [], Catch = [] }: State): string[] =>
  [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((catcher) => catcher.Next)].filter(
    (name) => name !== undefined,
  );

/** The state of that name and every one that may come after it, each once. */
export const reachableFrom = (machine: Machine, name: string, passed = new Set<string>()): State[] => {
  const state = machine.States[name];
  if (state === undefined || passed.has(name)) return [];
  passed.add(name);
  return [state, ...nextOf(state).flatMap((next) => reachableFrom(machine, next, passed))];
};
