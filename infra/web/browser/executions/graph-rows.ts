import type { Transition, WorkflowSequence, WorkflowState } from './replies.ts';

/** What stands in a row: a state, or the way of a line that passes through. */
export type RowItem =
  | { readonly kind: 'state'; readonly name: string; readonly above: RowItem[] }
  | { readonly kind: 'pass'; readonly above: RowItem[] };

/** States below each other; a row may be empty. */
export interface Lane {
  readonly rows: RowItem[][];
}

/** How a line runs. */
export type EdgeWay =
  /** From row to row downwards, through the passes in the rows between. */
  | { readonly kind: 'down'; readonly passes: readonly RowItem[] }
  /** Back up on the left. */
  | { readonly kind: 'left'; readonly track: number }
  /** From the right side of a state to the lane of handlers, together with others that lead to the same. */
  | { readonly kind: 'bus' }
  /** Between rows and along a track on the right of the main lane. */
  | { readonly kind: 'around' };

export interface PlannedEdge {
  readonly from: string;
  readonly transition: Transition;
  readonly way: EdgeWay;
  /** Of the track on the right that it takes. */
  readonly trackKey: string;
}

export interface EdgePlan {
  readonly edges: readonly PlannedEdge[];
  readonly rightTracks: readonly string[];
}

export interface Rows {
  readonly main: Lane;
  /** What only errors lead to. */
  readonly handlers: Lane;
  readonly edges: EdgePlan;
}

const isUsual = ({ kind }: Transition): boolean => kind !== 'catch';

interface Ranked {
  /** Row by name. */
  readonly rank: ReadonlyMap<string, number>;
  /** In the order in which they were found. */
  readonly order: readonly string[];
}

/** The rows of states by the longest way to each; a way back to a state that one is on does not count. */
const ranked = (roots: readonly string[], nextOf: (name: string) => readonly string[]): Ranked => {
  const found = new Set<string>();
  const onWay = new Set<string>();
  const finished: string[] = [];
  const forward = new Map<string, string[]>();
  const visit = (name: string): void => {
    found.add(name);
    onWay.add(name);
    for (const next of nextOf(name)) {
      if (onWay.has(next)) continue;
      forward.set(name, [...(forward.get(name) ?? []), next]);
      if (!found.has(next)) visit(next);
    }
    onWay.delete(name);
    finished.push(name);
  };
  for (const root of roots) if (!found.has(root)) visit(root);

  const rank = new Map(finished.map((name) => [name, 0]));
  for (const name of finished.toReversed()) {
    for (const next of forward.get(name) ?? []) {
      rank.set(next, Math.max(rank.get(next) ?? 0, (rank.get(name) ?? 0) + 1));
    }
  }
  return { rank, order: [...found] };
};

const emptyRows = (count: number): RowItem[][] => Array.from({ length: count }, () => []);

/** States in their rows, with the passes of the lines that leave out rows. */
class LaneBuilder {
  readonly rows: RowItem[][];
  readonly #items = new Map<string, RowItem>();
  readonly #rank: ReadonlyMap<string, number>;

  constructor({ rank, order }: Ranked, firstRow: number) {
    this.#rank = new Map([...rank].map(([name, row]) => [name, row + firstRow]));
    this.rows = emptyRows(rank.size === 0 ? 0 : Math.max(...this.#rank.values()) + 1);
    for (const name of order) {
      const item: RowItem = { kind: 'state', name, above: [] };
      this.#items.set(name, item);
      this.rows[this.rowOf(name)]?.push(item);
    }
  }

  rowOf(name: string): number {
    return this.#rank.get(name) ?? 0;
  }

  has(name: string): boolean {
    return this.#items.has(name);
  }

  /** A line down; the passes it gets. */
  connect(from: string, to: string): RowItem[] {
    const passes: RowItem[] = [];
    let above = this.#items.get(from);
    for (let row = this.rowOf(from) + 1; row < this.rowOf(to); row += 1) {
      const pass: RowItem = { kind: 'pass', above: above === undefined ? [] : [above] };
      this.rows[row]?.push(pass);
      passes.push(pass);
      above = pass;
    }
    if (above !== undefined) this.#items.get(to)?.above.push(above);
    return passes;
  }

  /** Orders each row by where its lines come from, so that few of them cross. */
  untangle(): void {
    let places = new Map<RowItem, number>();
    for (const row of this.rows) {
      const middle = ({ above }: RowItem, otherwise: number): number =>
        above.length === 0
          ? otherwise
          : above.reduce((total, item) => total + (places.get(item) ?? 0), 0) / above.length;
      const wanted = new Map(row.map((item, index) => [item, middle(item, index)]));
      row.sort((one, other) => (wanted.get(one) ?? 0) - (wanted.get(other) ?? 0));
      places = new Map(row.map((item, index) => [item, index]));
    }
  }
}

const byName = ({ states }: WorkflowSequence): ReadonlyMap<string, WorkflowState> =>
  new Map(states.map((state) => [state.name, state]));

const usualNext = (state: WorkflowState | undefined): string[] =>
  (state?.transitions ?? []).filter(isUsual).map(({ to }) => to);

/** Lines that come from a state to the same one are one line, but an error's is another. */
const distinct = (transitions: readonly Transition[]): Transition[] => [
  ...new Map(transitions.map((one) => [`${String(isUsual(one))} ${one.to}`, one])).values(),
];

/** Which states stand in which row, and how the lines between them run. */
export const rowsOf = (sequence: WorkflowSequence): Rows => {
  const states = byName(sequence);
  const nextOf = (name: string): string[] => usualNext(states.get(name)).filter((to) => states.has(to));
  const mainRanks = ranked([sequence.startAt], nextOf);
  const others = [...states.keys()].filter((name) => !mainRanks.rank.has(name));
  const otherRanks = ranked(others, (name) => nextOf(name).filter((to) => !mainRanks.rank.has(to)));
  const main = new LaneBuilder(mainRanks, 0);
  const otherRows = others.length === 0 ? 0 : Math.max(...otherRanks.rank.values()) + 1;
  const handlers = new LaneBuilder(otherRanks, Math.max(0, main.rows.length - otherRows));

  let leftTracks = 0;
  const wayOf = (from: string, transition: Transition): EdgeWay => {
    const { to } = transition;
    const lane = main.has(from) ? main : handlers;
    const sameLane = lane.has(to);
    if (sameLane && isUsual(transition) && lane.rowOf(to) > lane.rowOf(from)) {
      return { kind: 'down', passes: lane.connect(from, to) };
    }
    if (sameLane && isUsual(transition) && lane === main) return { kind: 'left', track: leftTracks++ };
    return !isUsual(transition) && lane === main && !sameLane ? { kind: 'bus' } : { kind: 'around' };
  };
  const edges = sequence.states.flatMap(({ name, transitions }) =>
    distinct(transitions.filter(({ to }) => states.has(to))).map((transition): PlannedEdge => {
      const way = wayOf(name, transition);
      const trackKey = way.kind === 'bus' ? transition.to : `${name} to ${transition.to} ${transition.kind}`;
      return { from: name, transition, way, trackKey };
    }),
  );
  main.untangle();
  handlers.untangle();
  const row = (name: string): number => (main.has(name) ? main : handlers).rowOf(name);
  const needsTrack = ({ way, from, transition }: PlannedEdge): boolean =>
    way.kind === 'bus' || (way.kind === 'around' && row(transition.to) !== row(from) + 1);
  return {
    main,
    handlers,
    edges: { edges, rightTracks: [...new Set(edges.filter(needsTrack).map(({ trackKey }) => trackKey))] },
  };
};
