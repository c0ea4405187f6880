import type { RefObject } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { monthBars, scaleTop, type MonthBar } from './month-bars.ts';
import { countText, monthText } from './quantities.ts';

const HEIGHT = 160;
const TOP = 12;
const BOTTOM = 22;
const LEFT = 44;
const PLOT = HEIGHT - TOP - BOTTOM;
/** Between names of years, so that they do not touch. */
const YEAR_GAP = 44;

/** As wide as there is room, so that its texts are as large as all others. */
const useWidth = (): [figure: RefObject<HTMLElement | null>, width: number] => {
  const figure = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(200, Math.round(entry.contentRect.width)));
    });
    if (figure.current !== null) observer.observe(figure.current);
    return () => observer.disconnect();
  }, []);
  return [figure, width];
};

interface PartProps {
  readonly bars: readonly MonthBar[];
  readonly width: number;
}

const Bars = ({ bars, width, top }: PartProps & { readonly top: number }) => {
  const step = (width - LEFT) / bars.length;
  return bars.map(({ month, count }, index) => {
    const height = (count / top) * PLOT;
    return (
      <rect
        key={month}
        class="bar"
        x={LEFT + index * step + step * 0.1}
        y={TOP + PLOT - height}
        width={Math.min(step * 0.8, 40)}
        height={height}
      >
        <title>{`${monthText(month)}: ${countText(count)}`}</title>
      </rect>
    );
  });
};

const Years = ({ bars, width }: PartProps) => {
  const step = (width - LEFT) / bars.length;
  let lastX = -Infinity;
  return bars.map(({ month }, index) => {
    const x = LEFT + index * step;
    const isShown = (index === 0 || month.endsWith('-01')) && x - lastX >= YEAR_GAP && x < width - 30;
    if (!isShown) return null;
    lastX = x;
    return (
      <text key={month} x={x} y={HEIGHT - 6}>
        {month.slice(0, 4)}
      </text>
    );
  });
};

const MonthTable = ({ bars }: { readonly bars: readonly MonthBar[] }) => (
  <details>
    <summary>The same as a table</summary>
    <div class="scroll" tabindex={0} role="group" aria-label="Transactions by month">
      <table class="figures-table">
        <thead>
          <tr>
            <th scope="col">Month</th>
            <th scope="col" class="number">
              Transactions
            </th>
          </tr>
        </thead>
        <tbody>
          {bars.map(({ month, count }) => (
            <tr key={month}>
              <th scope="row">{monthText(month)}</th>
              <td class="number">{countText(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </details>
);

const summaryOf = (bars: readonly MonthBar[]): string => {
  const [first, last] = [bars.at(0), bars.at(-1)];
  const most = bars.reduce<MonthBar | undefined>(
    (a, b) => (a === undefined || b.count > a.count ? b : a),
    undefined,
  );
  if (first === undefined || last === undefined || most === undefined) return '';
  const span =
    first === last ? monthText(first.month) : `${monthText(first.month)} to ${monthText(last.month)}`;
  return `${span}; most in ${monthText(most.month)} with ${countText(most.count)}`;
};

interface MonthPlotProps {
  readonly months: readonly (readonly [month: string, count: number])[];
  readonly undated: number;
}

/** How many transactions the package has of each month. */
export const MonthPlot = ({ months, undated }: MonthPlotProps) => {
  const titleId = useId();
  const [figure, width] = useWidth();
  const bars = monthBars(months);
  const top = scaleTop(Math.max(...bars.map(({ count }) => count), 0));
  if (bars.length === 0) return <p class="quiet">There are no dated transactions in it.</p>;
  return (
    <figure class="plot" ref={figure}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-labelledby={titleId}>
        <title id={titleId}>{`Transactions by month, ${summaryOf(bars)}`}</title>
        {[top, top / 2, 0].map((value) => (
          <g key={value}>
            <line
              x1={LEFT}
              x2={width}
              y1={TOP + PLOT - (value / top) * PLOT}
              y2={TOP + PLOT - (value / top) * PLOT}
            />
            {Number.isInteger(value) ? (
              <text x={LEFT - 6} y={TOP + PLOT - (value / top) * PLOT + 4} class="scale">
                {countText(value)}
              </text>
            ) : null}
          </g>
        ))}
        <Bars bars={bars} width={width} top={top} />
        <Years bars={bars} width={width} />
      </svg>
      <figcaption class="quiet">
        {summaryOf(bars)}.{undated > 0 ? ` ${countText(undated)} more have no date.` : ''} Months are by UTC.
      </figcaption>
      <MonthTable bars={bars} />
    </figure>
  );
};
