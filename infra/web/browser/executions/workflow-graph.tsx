import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { layoutWorkflow, type Box } from './graph-layout.ts';
import type { LaidOutEdge } from './graph-routes.ts';
import { statesOf, type ExecutionReply, type StateReport, type TakenWay } from './replies.ts';
import { StatusSign } from './status-sign.tsx';
import { accessibleName, roundedPath, shortStanding } from './texts.ts';

/** Room for outlines of focus, which lie outside of boxes. */
const MARGIN = 6;

const isTaken = ({ from, to, kind }: LaidOutEdge, taken: readonly TakenWay[]): boolean =>
  taken.some((way) => way.from === from && way.to === to && way.caught === (kind === 'catch'));

const Edges = ({
  edges,
  taken,
}: {
  readonly edges: readonly LaidOutEdge[];
  readonly taken: readonly TakenWay[];
}) => {
  // What was gone lies above what was not.
  const sorted = edges.toSorted((one, other) => Number(isTaken(one, taken)) - Number(isTaken(other, taken)));
  return sorted.map((edge) => {
    const way = isTaken(edge, taken) ? ' taken' : '';
    const kind = edge.kind === 'catch' ? ' catch' : '';
    return (
      <path
        key={`${edge.from} ${edge.to} ${edge.kind}`}
        class={`edge${way}${kind}`}
        d={roundedPath(edge.points)}
        marker-end={`url(#arrow${way === '' ? '' : kind === '' ? '-taken' : '-caught'})`}
      />
    );
  });
};

const Arrow = ({ id }: { readonly id: string }) => (
  <marker
    id={id}
    class={id}
    viewBox="0 0 8 8"
    refX="7.5"
    refY="4"
    markerWidth="7"
    markerHeight="7"
    orient="auto"
  >
    <path d="M0 0.5L8 4L0 7.5Z" />
  </marker>
);

interface StateBoxProps {
  readonly box: Box;
  readonly state: StateReport;
  readonly type: string;
  readonly now: number;
  readonly isSelected: boolean;
  readonly onSelect: (name: string) => void;
}

const StateBox = ({ box, state, type, now, isSelected, onSelect }: StateBoxProps) => {
  const { name, x, y, width, height, isGroup } = box;
  return (
    <div
      class={`box ${state.status}${isGroup ? ' group' : ''}${isSelected ? ' selected' : ''}`}
      style={{ left: x + MARGIN, top: y + MARGIN, width, height }}
    >
      <button
        type="button"
        data-state={name}
        aria-pressed={isSelected}
        aria-label={accessibleName(state, now)}
        onClick={() => onSelect(name)}
      >
        <StatusSign status={state.status} />
        <span class="label">
          <span class="name">{name}</span>
          <span class="standing figures">
            {type === 'Task' ? '' : `${type} · `}
            {shortStanding(state, now)}
          </span>
        </span>
      </button>
    </div>
  );
};

/** The width of an element, once it is known and whenever it changes. */
const useWidth = () => {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    setWidth(current.clientWidth);
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return { element, width };
};

export interface WorkflowGraphProps {
  readonly reply: ExecutionReply;
  readonly selected: string;
  readonly onSelect: (name: string) => void;
}

/** The workflow as boxes that are joined by lines: where the execution has been, and where it stands. */
export const WorkflowGraph = ({ reply, selected, onSelect }: WorkflowGraphProps) => {
  const { workflow, states, taken, now } = reply;
  const { element, width } = useWidth();
  // The definition is the same in each reply, but is parsed anew.
  const definition = JSON.stringify(workflow);
  const layout = useMemo(() => layoutWorkflow(workflow, width - 2 * MARGIN), [definition, width]);
  const byName = new Map(states.map((state) => [state.name, state]));
  const types = useMemo(
    () => new Map(statesOf(workflow).map(({ name, type }) => [name, type])),
    [definition],
  );
  const size = { width: layout.width + 2 * MARGIN, height: layout.height + 2 * MARGIN };
  return (
    <div class="graph" ref={element} role="group" aria-label="Workflow">
      <div class="drawing" style={size}>
        <svg {...size} viewBox={`${-MARGIN} ${-MARGIN} ${size.width} ${size.height}`} aria-hidden="true">
          <defs>
            <Arrow id="arrow" />
            <Arrow id="arrow-taken" />
            <Arrow id="arrow-caught" />
          </defs>
          <Edges edges={layout.edges} taken={taken} />
        </svg>
        {layout.boxes.map((box) => {
          const state = byName.get(box.name);
          return (
            state !== undefined && (
              <StateBox
                key={box.name}
                {...{ box, state, now, onSelect }}
                type={types.get(box.name) ?? ''}
                isSelected={box.name === selected}
              />
            )
          );
        })}
      </div>
    </div>
  );
};
