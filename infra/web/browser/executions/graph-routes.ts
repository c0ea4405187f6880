import type { Box, PlacedItem } from './graph-layout.ts';
import type { EdgePlan, PlannedEdge, RowItem } from './graph-rows.ts';
import type { Transition } from './replies.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface LaidOutEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: Transition['kind'];
  /** Corners of the line, which runs across and down only. */
  readonly points: readonly Point[];
}

/** Where everything stands that lines run between. */
export interface Ground {
  readonly mainRows: readonly PlacedItem[][];
  readonly handlerRows: readonly PlacedItem[][];
  readonly heights: readonly number[];
  readonly tops: readonly number[];
  /** Across, by key. */
  readonly tracks: ReadonlyMap<string, number>;
  readonly boxes: readonly Box[];
}

/** How far below a row the lines run that cross over: usual ones, those of errors, those that go round. */
const BELOW = { usual: 17, error: 9, around: 25 };
const LEFT_TRACK = { first: 16, next: 10 };

const middle = ({ x, width }: Box): number => x + width / 2;
const half = ({ y, height }: Box): number => y + height / 2;

const isSame = (one: Point | undefined, other: Point): boolean => one?.x === other.x && one.y === other.y;

/** Without corners that are none. */
const straightened = (points: readonly Point[]): Point[] =>
  points
    .filter((point, index) => !isSame(points[index - 1], point))
    .filter((point, index, all) => {
      const [before, after] = [all[index - 1], all[index + 1]];
      if (before === undefined || after === undefined) return true;
      const isInLine =
        (before.x === point.x && point.x === after.x) || (before.y === point.y && point.y === after.y);
      return !isInLine;
    });

interface End {
  readonly box: Box;
  readonly row: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const endsOf = ({ mainRows, handlerRows, boxes }: Ground): ReadonlyMap<string, End> => {
  const outer = new Map(boxes.filter(({ depth }) => depth === 0).map((box) => [box.name, box]));
  const ends = new Map<string, End>();
  for (const rows of [mainRows, handlerRows]) {
    for (const [row, placed] of rows.entries()) {
      for (const [index, { item }] of placed.entries()) {
        const box = item.kind === 'state' ? outer.get(item.name) : undefined;
        if (box === undefined) continue;
        ends.set(box.name, { box, row, isFirst: index === 0, isLast: index === placed.length - 1 });
      }
    }
  }
  return ends;
};

/** The lines of a plan, each from the side of a box to that of another. */
export const routedEdges = (plan: EdgePlan, ground: Ground): LaidOutEdge[] => {
  const { mainRows, handlerRows, heights, tops, tracks } = ground;
  const ends = endsOf(ground);
  const all = [...mainRows, ...handlerRows].flat();
  const centers = new Map<RowItem, number>(all.map(({ item, center }) => [item, center]));
  const left = Math.min(...mainRows.flat().map(({ center, width }) => center - width / 2));
  const bottomOf = (row: number): number => (tops[row] ?? 0) + (heights[row] ?? 0);
  /** Between a row and the next; above the first it is row -1. */
  const between = (row: number, below: number): number =>
    row < 0 ? (tops[0] ?? 0) - BELOW.around - 9 + below : bottomOf(row) + below;

  const down = (from: End, to: End, passes: readonly RowItem[]): Point[] => {
    let x = middle(from.box);
    const points = [{ x, y: from.box.y + from.box.height }];
    [...passes, undefined].forEach((pass, index) => {
      const y = between(from.row + index, BELOW.usual);
      const next = pass === undefined ? middle(to.box) : (centers.get(pass) ?? x);
      points.push({ x, y }, { x: next, y });
      x = next;
    });
    return [...points, { x, y: to.box.y }];
  };

  const backUp = (from: End, to: End, track: number): Point[] => {
    const x = left - LEFT_TRACK.first - track * LEFT_TRACK.next;
    const out = from.isFirst
      ? [{ x: from.box.x, y: half(from.box) }]
      : [
          { x: middle(from.box), y: from.box.y + from.box.height },
          { x: middle(from.box), y: between(from.row, BELOW.around) },
        ];
    // A state that leads back to itself leaves and enters at two heights.
    const height = half(to.box) - (from === to ? 10 : 0);
    const into = to.isFirst
      ? [{ x: to.box.x, y: height }]
      : [
          { x: middle(to.box), y: between(to.row - 1, BELOW.around) },
          { x: middle(to.box), y: to.box.y },
        ];
    const [leaves, arrives] = [out.at(-1), into[0]];
    return [...out, { x, y: leaves?.y ?? 0 }, { x, y: arrives?.y ?? 0 }, ...into];
  };

  const bus = (from: End, to: End, x: number): Point[] => {
    const { box } = from;
    const aside = box.x + box.width * 0.75;
    const out = from.isLast
      ? [{ x: box.x + box.width, y: half(box) }]
      : [
          { x: aside, y: box.y + box.height },
          { x: aside, y: between(from.row, BELOW.error) },
        ];
    const into = to.isFirst
      ? [{ x: to.box.x, y: half(to.box) }]
      : [
          { x: middle(to.box), y: between(to.row - 1, BELOW.error) },
          { x: middle(to.box), y: to.box.y },
        ];
    return [...out, { x, y: out.at(-1)?.y ?? 0 }, { x, y: into[0]?.y ?? 0 }, ...into];
  };

  const around = (from: End, to: End, track: number | undefined): Point[] => {
    const [leaves, enters] = [between(from.row, BELOW.around), between(to.row - 1, BELOW.around)];
    const [start, end] = [middle(from.box), middle(to.box)];
    const turn = track ?? end;
    return [
      { x: start, y: from.box.y + from.box.height },
      { x: start, y: leaves },
      { x: turn, y: leaves },
      { x: turn, y: enters },
      { x: end, y: enters },
      { x: end, y: to.box.y },
    ];
  };

  const pointsOf = ({ way, trackKey }: PlannedEdge, from: End, to: End): Point[] => {
    const track = tracks.get(trackKey);
    switch (way.kind) {
      case 'down':
        return down(from, to, way.passes);
      case 'left':
        return backUp(from, to, way.track);
      case 'bus':
        return bus(from, to, track ?? 0);
      case 'around':
        return around(from, to, track);
    }
  };

  return plan.edges.flatMap((edge) => {
    const [from, to] = [ends.get(edge.from), ends.get(edge.transition.to)];
    if (from === undefined || to === undefined) return [];
    const { kind } = edge.transition;
    return [
      { from: edge.from, to: edge.transition.to, kind, points: straightened(pointsOf(edge, from, to)) },
    ];
  });
};
