import { useId } from 'preact/hooks';
import { monthBars, scaleTop, type MonthBar } from './month-bars.ts';
import { countText, monthText } from './quantities.ts';

const WIDTH = 640;
const HEIGHT = 160;
const TOP = 12;
const BOTTOM = 22;
const LEFT = 44;
const PLOT = HEIGHT - TOP - BOTTOM;
/** Between names of years, so that they do not touch. */
const YEAR_GAP = 44;

const Bars = ({ bars, top }: { readonly bars: readonly MonthBar[]; readonly top: number }) => {
  const step = (WIDTH - LEFT) / bars.length;
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

const Years = ({ bars }: { readonly bars: readonly MonthBar[] }) => {
  const step = (WIDTH - LEFT) / bars.length;
  let lastX = -Infinity;
  return bars.map(({ month }, index) => {
    const x = LEFT + index * step;
    const isShown = (index === 0 || month.endsWith('-01')) && x - lastX >= YEAR_GAP && x < WIDTH - 30;
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
  const bars = monthBars(months);
  const top = scaleTop(Math.max(...bars.map(({ count }) => count), 0));
  if (bars.length === 0) return <p class="quiet">There are no dated transactions in it.</p>;
  return (
    <figure class="plot">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={titleId}>
        <title id={titleId}>{`Transactions by month, ${summaryOf(bars)}`}</title>
        {[top, top / 2, 0].map((value) => (
          <g key={value}>
            <line
              x1={LEFT}
              x2={WIDTH}
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
        <Bars bars={bars} top={top} />
        <Years bars={bars} />
      </svg>
      <figcaption class="quiet">
        {summaryOf(bars)}.{undated > 0 ? ` ${countText(undated)} more have no date.` : ''} Months are by UTC.
      </figcaption>
      <MonthTable bars={bars} />
    </figure>
  );
};
