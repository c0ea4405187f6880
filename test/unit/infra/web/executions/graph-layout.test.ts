import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { workflowOf } from '../../../../../infra/local/operators-view/workflow-of.ts';
import {
  layoutWorkflow,
  type Box,
  type GraphLayout,
} from '../../../../../infra/web/browser/executions/graph-layout.ts';
import {
  statesOf,
  type Transition,
  type WorkflowSequence,
  type WorkflowState,
} from '../../../../../infra/web/browser/executions/replies.ts';
import { workflowDefinition } from '../../../../../statemachine/definition.ts';

const exportWorkflow = workflowOf(workflowDefinition());

/** By name: the states around it, the outermost first. */
const surroundings = (
  sequence: WorkflowSequence,
  around: readonly string[] = [],
): Map<string, readonly string[]> =>
  new Map(
    sequence.states.flatMap(({ name, inner }) => [
      [name, around] as const,
      ...inner.flatMap((branch) => [...surroundings(branch, [...around, name])]),
    ]),
  );

const overlap = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

const contains = (outer: Box, inner: Box): boolean =>
  inner.x > outer.x &&
  inner.y > outer.y &&
  inner.x + inner.width < outer.x + outer.width &&
  inner.y + inner.height < outer.y + outer.height;

const boxOf = ({ boxes }: GraphLayout, name: string): Box => {
  const found = boxes.find((box) => box.name === name);
  if (found === undefined) throw new Error(`${name} is not drawn.`);
  return found;
};

const isOnBorder = ({ x, y, width, height }: Box, point: { x: number; y: number } | undefined): boolean => {
  if (point === undefined) return false;
  const near = (one: number, other: number): boolean => Math.abs(one - other) < 1e-6;
  const within = point.x >= x - 1e-6 && point.x <= x + width + 1e-6;
  const beside = point.y >= y - 1e-6 && point.y <= y + height + 1e-6;
  return (
    (within && (near(point.y, y) || near(point.y, y + height))) ||
    (beside && (near(point.x, x) || near(point.x, x + width)))
  );
};

interface Piece {
  readonly x1: number;
  readonly x2: number;
  readonly y1: number;
  readonly y2: number;
}

const piecesOf = (points: GraphLayout['edges'][number]['points']): Piece[] =>
  points.slice(1).map((to, index) => {
    const from = points[index] ?? to;
    return {
      x1: Math.min(from.x, to.x),
      x2: Math.max(from.x, to.x),
      y1: Math.min(from.y, to.y),
      y2: Math.max(from.y, to.y),
    };
  });

const crosses = ({ x1, x2, y1, y2 }: Piece, { x, y, width, height }: Box): boolean =>
  x1 < x + width - 1e-6 && x2 > x + 1e-6 && y1 < y + height - 1e-6 && y2 > y + 1e-6;

type Surroundings = ReadonlyMap<string, readonly string[]>;

const wrongBoxes = ({ boxes, width, height }: GraphLayout, around: Surroundings): string[] =>
  boxes.flatMap((one, index) => {
    const isOutside = one.x < 0 || one.y < 0 || one.x + one.width > width || one.y + one.height > height;
    const wrong = boxes.slice(index + 1).flatMap((other) => {
      const isAround = around.get(other.name)?.includes(one.name) === true;
      const isWithin = around.get(one.name)?.includes(other.name) === true;
      if (isAround) return contains(one, other) ? [] : [`${other.name} is not within ${one.name}`];
      if (isWithin) return contains(other, one) ? [] : [`${one.name} is not within ${other.name}`];
      return overlap(one, other) ? [`${one.name} overlaps ${other.name}`] : [];
    });
    return isOutside ? [`${one.name} is outside`, ...wrong] : wrong;
  });

const wrongEdges = (layout: GraphLayout, around: Surroundings): string[] =>
  layout.edges.flatMap(({ from, to, points }) => {
    const way = `${from} to ${to}`;
    const pieces = piecesOf(points);
    const enclosing = around.get(from) ?? [];
    return [
      ...(isOnBorder(boxOf(layout, from), points[0]) ? [] : [`${way} begins elsewhere`]),
      ...(isOnBorder(boxOf(layout, to), points.at(-1)) ? [] : [`${way} ends elsewhere`]),
      ...(pieces.every(({ x1, x2, y1, y2 }) => x1 === x2 || y1 === y2) ? [] : [`${way} is aslant`]),
      ...layout.boxes
        .filter(({ name }) => !enclosing.includes(name))
        .filter((box) => pieces.some((piece) => crosses(piece, box)))
        .map(({ name }) => `${way} runs through ${name}`),
    ];
  });

/** What must hold of every drawing. */
const expectSound = (sequence: WorkflowSequence, layout: GraphLayout): void => {
  const states = statesOf(sequence);
  expect(layout.boxes.map(({ name }) => name).toSorted()).toEqual(states.map(({ name }) => name).toSorted());
  const ways = states.flatMap(({ name, transitions }) =>
    transitions.map(({ to, kind }) => `${name} ${kind === 'catch' ? 'catches' : 'leads'} to ${to}`),
  );
  const drawn = layout.edges.map(
    ({ from, to, kind }) => `${from} ${kind === 'catch' ? 'catches' : 'leads'} to ${to}`,
  );
  expect(drawn.toSorted()).toEqual([...new Set(ways)].toSorted());
  const around = surroundings(sequence);
  expect([...wrongBoxes(layout, around), ...wrongEdges(layout, around)]).toEqual([]);
};

describe('the drawing of the export workflow', () => {
  it.each([320, 700, 860, 1232, 4000])('is sound where there are %d pixels', (room) => {
    expectSound(exportWorkflow, layoutWorkflow(exportWorkflow, room));
  });

  it('has its branches side by side where there is room, and below each other where there is none', () => {
    const tops = (room: number): number => {
      const layout = layoutWorkflow(exportWorkflow, room);
      const branches = exportWorkflow.states.find(({ type }) => type === 'Parallel')?.inner ?? [];
      expect(branches).toHaveLength(6);
      return new Set(branches.map(({ startAt }) => boxOf(layout, startAt).y)).size;
    };
    expect(tops(4000)).toBe(1);
    expect(tops(320)).toBeGreaterThan(3);
  });

  it('leads downwards from state to state, and keeps what only errors lead to aside', () => {
    const layout = layoutWorkflow(exportWorkflow, 860);
    const order = ['BeginExport', 'CollectSections', 'PlanPackage', 'PackageExport', 'VerifyPackage'];
    const heights = order.map((name) => boxOf(layout, name).y);
    expect(heights).toEqual(heights.toSorted((one, other) => one - other));
    const handler = boxOf(layout, 'FailExport');
    const usual = layout.boxes.filter(
      ({ name }) => !/^(?:FailExport|ExportWasCompleted|ExportFailed)$/.test(name),
    );
    expect(Math.max(...usual.map(({ x, width }) => x + width))).toBeLessThan(handler.x);
  });
});

/** Sequences of up to six states with any ways between them, and sequences within them. */
const sequences = (depth: number, prefix: string): fc.Arbitrary<WorkflowSequence> =>
  fc.integer({ min: 1, max: 6 }).chain((count) => {
    const names = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    const kind = fc.constantFrom<Transition['kind']>('next', 'choice', 'default', 'catch');
    const transition = fc.record({ to: fc.constantFrom(...names), kind, when: fc.constant('') });
    const inner = (name: string): fc.Arbitrary<WorkflowSequence[]> =>
      depth === 0
        ? fc.constant([])
        : fc
            .integer({ min: 0, max: 2 })
            .chain((branches) =>
              fc.tuple(
                ...Array.from({ length: branches }, (_, index) =>
                  sequences(depth - 1, `${name}.${'abc'[index] ?? ''}`),
                ),
              ),
            );
    const state = (name: string): fc.Arbitrary<WorkflowState> =>
      fc.record({
        name: fc.constant(name),
        type: fc.constant('Task'),
        comment: fc.constant(''),
        functionName: fc.constant(''),
        transitions: fc.array(transition, { maxLength: 3 }),
        inner: inner(name),
      });
    return fc
      .tuple(...names.map(state))
      .map((states): WorkflowSequence => ({ startAt: names[0] ?? '', states }));
  });

describe('the drawing of any workflow', () => {
  it('draws each state once, lets nothing overlap, and joins the right boxes by free ways', () => {
    fc.assert(
      fc.property(sequences(1, 's'), fc.integer({ min: 200, max: 2000 }), (sequence, room) => {
        expectSound(sequence, layoutWorkflow(sequence, room));
      }),
      { numRuns: 200 },
    );
  });
});
