import type { ResultRow } from './bench-case.ts';
import { againstText, isMissed, numberText } from './result-lines.ts';

interface PlottedCase {
  readonly case: string;
  readonly rows: readonly ResultRow[];
}

interface Plot {
  readonly title: string;
  /** The machine, the day, and what else a reader needs to judge the numbers. */
  readonly note: string;
  readonly cases: readonly PlottedCase[];
}

const WIDTH = 960;
const BARS_FROM = 440;
const LONGEST_BAR = 300;
const LINE = 22;
const BAR = 14;
const GAP = 14;
const MARGIN = 20;

/** Its own ground, because a page may be dark where the reader's system is light. */
const STYLE = `<style>
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
  .title { font-size: 17px; font-weight: 600 }
  .case { font-weight: 600 }
  .note { fill: #59636e }
  .ground { fill: #ffffff }
  .bar { fill: #3b7dc4 }
  .missed { fill: #c2410c }
  .limit { stroke: #1f2328; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .note { fill: #9aa4af }
    .ground { fill: #0d1117 }
    .bar { fill: #58a6ff }
    .missed { fill: #f0883e }
    .limit { stroke: #e6edf3 }
  }
</style>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

interface TextOptions {
  readonly kind?: 'title' | 'case' | 'note';
  readonly anchor?: 'end';
}

const textAt = (x: number, y: number, content: string, { kind, anchor }: TextOptions = {}): string => {
  const attributes = [
    `x="${x.toFixed(1)}" y="${y}"`,
    ...(kind === undefined ? [] : [`class="${kind}"`]),
    ...(anchor === undefined ? [] : [`text-anchor="${anchor}"`]),
  ];
  return `<text ${attributes.join(' ')}>${escaped(content)}</text>`;
};

const thresholdOf = ({ limit, atLeast }: ResultRow): number | undefined => limit ?? atLeast;

/** A bar, its value, and a mark where its limit is. */
const barAt = (y: number, row: ResultRow, scale: number): string[] => {
  const length = Math.max(1, row.value * scale);
  const threshold = thresholdOf(row);
  const top = y - BAR + 3;
  const mark = BARS_FROM + (threshold ?? 0) * scale;
  const end = Math.max(BARS_FROM + length, threshold === undefined ? 0 : mark);
  const value = `${numberText(row.value)} ${row.unit}`;
  return [
    textAt(BARS_FROM - 10, y, row.name, { anchor: 'end' }),
    `<rect class="${isMissed(row) ? 'missed' : 'bar'}" x="${BARS_FROM}" y="${top}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>`,
    ...(threshold === undefined
      ? []
      : [
          `<line class="limit" x1="${mark.toFixed(1)}" x2="${mark.toFixed(1)}" y1="${top - 3}" y2="${top + BAR + 3}"/>`,
        ]),
    textAt(end + 8, y, threshold === undefined ? value : `${value} (${againstText(row)})`),
  ];
};

/** Bars of one unit share a scale, so that lengths can be compared. */
const caseAt = (y: number, { case: name, rows }: PlottedCase): { parts: string[]; height: number } => {
  const parts = [textAt(MARGIN, y, name, { kind: 'case' })];
  let height = LINE;
  for (const [, group] of Map.groupBy(rows, ({ unit }) => unit)) {
    const most = Math.max(...group.map((row) => Math.max(row.value, thresholdOf(row) ?? 0)));
    for (const row of group) {
      parts.push(...barAt(y + height, row, LONGEST_BAR / most));
      height += LINE;
    }
    height += GAP / 2;
  }
  return { parts, height: height + GAP };
};

/** What the cases have marked for it, as a drawing. Values that are not numbers, or below 0, have no bar and are left out. */
export const resultsSvg = ({ title, note, cases }: Plot): string => {
  const parts = [
    textAt(MARGIN, 34, title, { kind: 'title' }),
    textAt(MARGIN, 56, note, { kind: 'note' }),
    textAt(MARGIN, 76, 'A mark shows a limit; what misses it is orange. ×: times as long, or as fast.', {
      kind: 'note',
    }),
  ];
  let y = 112;
  for (const { case: name, rows } of cases) {
    const plotted = rows.filter((row) => row.plotted === true && row.value >= 0);
    if (plotted.length === 0) continue;
    const drawn = caseAt(y, { case: name, rows: plotted });
    parts.push(...drawn.parts);
    y += drawn.height;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">`,
    `<title>${escaped(title)}</title>`,
    STYLE,
    `<rect class="ground" width="${WIDTH}" height="${y}"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
};
