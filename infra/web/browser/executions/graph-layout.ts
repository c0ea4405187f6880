import { rowsOf, type Lane, type RowItem } from './graph-rows.ts';
import { routedEdges, type LaidOutEdge } from './graph-routes.ts';
import type { WorkflowSequence, WorkflowState } from './replies.ts';

/** All in CSS pixels; places are of the upper left corner, from that of the whole drawing. */
export const NODE = { width: 172, height: 46 };
export const GROUP = { padding: 12, header: 46 };
/** Between the boxes of a row, and between rows, where lines run. */
export const GAP = { across: 18, down: 34 };
const BRANCH_GAP = 14;
/** Kept free for lines and handlers of errors, when branches are laid side by side. */
const HANDLER_ROOM = NODE.width + 64;

export interface Box {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Whether other boxes lie within, below a header. */
  readonly isGroup: boolean;
  readonly depth: number;
}

export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  /** Each before those within it. */
  readonly boxes: readonly Box[];
  readonly edges: readonly LaidOutEdge[];
}

/** A state's own size, with what lies within it, placed from its corner. */
interface Block {
  readonly width: number;
  readonly height: number;
  readonly inner: { readonly boxes: readonly Box[]; readonly edges: readonly LaidOutEdge[] };
}

const shiftedBox = (box: Box, x: number, y: number, deeper = 0): Box => ({
  ...box,
  x: box.x + x,
  y: box.y + y,
  depth: box.depth + deeper,
});

const shiftedEdge = (edge: LaidOutEdge, x: number, y: number): LaidOutEdge => ({
  ...edge,
  points: edge.points.map((point) => ({ x: point.x + x, y: point.y + y })),
});

interface PlacedBranch {
  readonly layout: GraphLayout;
  readonly x: number;
  readonly y: number;
}

/** Side by side as far as there is room, then below. */
const placedBranches = (layouts: readonly GraphLayout[], room: number): PlacedBranch[] => {
  const placed: PlacedBranch[] = [];
  let [x, y, rowHeight] = [0, 0, 0];
  for (const layout of layouts) {
    if (x > 0 && x + layout.width > room) [x, y, rowHeight] = [0, y + rowHeight + BRANCH_GAP, 0];
    placed.push({ layout, x, y });
    x += layout.width + BRANCH_GAP;
    rowHeight = Math.max(rowHeight, layout.height);
  }
  return placed;
};

const groupBlock = (branches: readonly PlacedBranch[]): Block => {
  const { padding, header } = GROUP;
  const right = Math.max(...branches.map(({ layout, x }) => x + layout.width));
  const bottom = Math.max(...branches.map(({ layout, y }) => y + layout.height));
  return {
    width: Math.max(NODE.width, right) + 2 * padding,
    height: header + bottom + padding,
    inner: {
      boxes: branches.flatMap(({ layout, x, y }) =>
        layout.boxes.map((box) => shiftedBox(box, x + padding, y + header, 1)),
      ),
      edges: branches.flatMap(({ layout, x, y }) =>
        layout.edges.map((edge) => shiftedEdge(edge, x + padding, y + header)),
      ),
    },
  };
};

const blockOf = ({ inner }: WorkflowState, room: number): Block => {
  if (inner.length === 0) return { ...NODE, inner: { boxes: [], edges: [] } };
  const innerRoom = room - 2 * GROUP.padding;
  const layouts = inner.map((sequence) => layoutWorkflow(sequence, innerRoom));
  return groupBlock(placedBranches(layouts, innerRoom));
};

/** Room that a line takes which passes through a row. */
const PASS_WIDTH = 12;

export interface PlacedItem {
  readonly item: RowItem;
  readonly width: number;
  readonly height: number;
  /** Middle, across. */
  center: number;
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0) / numbers.length;

/** Puts the items of a row next to each other, each as near as can be to below where its lines come from. */
const placeRow = (row: readonly PlacedItem[], wanted: (item: RowItem) => number): void => {
  let right = -Infinity;
  for (const placed of row) {
    placed.center = Math.max(wanted(placed.item), right + GAP.across + placed.width / 2);
    right = placed.center + placed.width / 2;
  }
  const shift = mean(row.map(({ item, center }) => wanted(item) - center));
  for (const placed of row) placed.center += shift;
};

const placedRows = ({ rows }: Lane, blocks: ReadonlyMap<string, Block>): PlacedItem[][] => {
  const centers = new Map<RowItem, PlacedItem>();
  return rows.map((row) => {
    const placed = row.map((item): PlacedItem => {
      const block = item.kind === 'state' ? blocks.get(item.name) : undefined;
      return { item, width: block?.width ?? PASS_WIDTH, height: block?.height ?? 0, center: 0 };
    });
    placeRow(placed, ({ above }) => {
      const known = above.flatMap((item) => centers.get(item)?.center ?? []);
      return known.length === 0 ? 0 : mean(known);
    });
    for (const one of placed) centers.set(one.item, one);
    return placed;
  });
};

const leftOf = ({ center, width }: PlacedItem): number => center - width / 2;
const rightOf = ({ center, width }: PlacedItem): number => center + width / 2;

const moveLane = (rows: readonly PlacedItem[][], left: number): void => {
  const shift = left - Math.min(...rows.flat().map(leftOf));
  for (const placed of rows.flat()) placed.center += shift;
};

/** Heights and tops of the rows that both lanes share. */
const verticals = (lanes: readonly (readonly PlacedItem[][])[], rowCount: number) => {
  const heights = Array.from({ length: rowCount }, (_, row) =>
    Math.max(...lanes.flatMap((rows) => rows[row] ?? []).map(({ height }) => height)),
  );
  const tops = heights.map((_, row) =>
    heights.slice(0, row).reduce((top, height) => top + height + GAP.down, 0),
  );
  return { heights, tops };
};

const boundingBox = (boxes: readonly Box[], edges: readonly LaidOutEdge[]) => {
  const points = edges.flatMap((edge) => edge.points);
  const xs = [...boxes.flatMap(({ x, width }) => [x, x + width]), ...points.map(({ x }) => x)];
  const ys = [...boxes.flatMap(({ y, height }) => [y, y + height]), ...points.map(({ y }) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
};

/** Where the lines that lead to other rows run, next to the lanes. */
const TRACK = { first: 16, next: 12, last: 22 };

/**
 * Draws a sequence: rows from the top to the bottom, what only errors lead to in a lane on the right, branches and
 * iterations within the box of their state.
 * @param room width that branches are laid out for; a drawing can be wider where it cannot be helped
 */
export const layoutWorkflow = (sequence: WorkflowSequence, room: number): GraphLayout => {
  const { main, handlers, edges: plan } = rowsOf(sequence);
  const innerRoom = handlers.rows.length > 0 ? room - HANDLER_ROOM : room;
  const blocks = new Map(sequence.states.map((state) => [state.name, blockOf(state, innerRoom)]));
  const mainRows = placedRows(main, blocks);
  const handlerRows = placedRows(handlers, blocks);
  moveLane(mainRows, 0);
  const mainRight = Math.max(...mainRows.flat().map(rightOf));
  const tracks = new Map(
    plan.rightTracks.map((key, index) => [key, mainRight + TRACK.first + index * TRACK.next]),
  );
  if (handlerRows.flat().length > 0) {
    moveLane(handlerRows, Math.max(mainRight, ...tracks.values()) + TRACK.last);
  }
  const rowCount = Math.max(mainRows.length, handlerRows.length);
  const { heights, tops } = verticals([mainRows, handlerRows], rowCount);

  const placed = [mainRows, handlerRows].flatMap((rows) =>
    rows.flatMap((row, index) => row.map((one) => ({ one, row: index }))),
  );
  const boxes = placed.flatMap(({ one, row }) => {
    if (one.item.kind === 'pass') return [];
    const { name } = one.item;
    const block = blocks.get(name);
    const x = leftOf(one);
    const y = (tops[row] ?? 0) + ((heights[row] ?? 0) - one.height) / 2;
    const { width, height } = one;
    const isGroup = (block?.inner.boxes.length ?? 0) > 0;
    return [
      { name, x, y, width, height, isGroup, depth: 0 },
      ...(block?.inner.boxes ?? []).map((box) => shiftedBox(box, x, y)),
    ];
  });
  const innerEdges = placed.flatMap(({ one, row }) => {
    const inner = one.item.kind === 'state' ? blocks.get(one.item.name)?.inner.edges : undefined;
    const y = (tops[row] ?? 0) + ((heights[row] ?? 0) - one.height) / 2;
    return (inner ?? []).map((edge) => shiftedEdge(edge, leftOf(one), y));
  });
  const edges = [
    ...innerEdges,
    ...routedEdges(plan, { mainRows, handlerRows, heights, tops, tracks, boxes }),
  ];
  const bounds = boundingBox(boxes, edges);
  return {
    width: bounds.right - bounds.left,
    height: bounds.bottom - bounds.top,
    boxes: boxes.map((box) => shiftedBox(box, -bounds.left, -bounds.top)),
    edges: edges.map((edge) => shiftedEdge(edge, -bounds.left, -bounds.top)),
  };
};
