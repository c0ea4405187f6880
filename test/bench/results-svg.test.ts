import { describe, expect, it } from '@jest/globals';
import { resultsSvg } from './results-svg.ts';

const plotOf = (...rows: Parameters<typeof resultsSvg>[0]['cases'][number]['rows']) =>
  resultsSvg({ title: 'Bench', note: '2 CPUs', cases: [{ case: 'collect', rows }] });

const widths = (svg: string): number[] =>
  [...svg.matchAll(/<rect class="(?:bar|missed)"[^>]* width="([\d.]+)"/g)].map(([, width]) => Number(width));

describe('the plot of results', () => {
  it('draws what is marked for it, each bar as long as its value is beside others of its unit', () => {
    const svg = plotOf(
      { name: 'ours', value: 1, unit: 's', plotted: true },
      { name: 'theirs', value: 4, unit: 's', plotted: true },
      { name: 'memory', value: 500, unit: 'MiB' },
      { name: 'speed-up', value: 4, unit: '×', plotted: true },
    );
    const [ours = 0, theirs = 0, speedUp = 0, ...others] = widths(svg);
    expect(others).toEqual([]);
    expect(theirs / ours).toBeCloseTo(4, 1);
    expect(speedUp).toBe(theirs);
    expect(svg).not.toContain('memory');
    expect(svg).toContain('>collect</text>');
    expect(svg).toContain('>2 CPUs</text>');
    expect(svg).toContain('>4 ×</text>');
  });

  it('marks limits where they are, and what misses them', () => {
    const svg = plotOf(
      { name: 'slow', value: 4, unit: 's', limit: 2, plotted: true },
      { name: 'fast enough', value: 8, unit: '×', atLeast: 2, plotted: true },
    );
    expect(svg.match(/class="missed"/g)).toHaveLength(1);
    expect(svg).toContain('>4 s (at most 2)</text>');
    const [, x = ''] = /<line class="limit" x1="([\d.]+)"/.exec(svg) ?? [];
    const [, start = ''] = /<rect class="missed" x="([\d.]+)"/.exec(svg) ?? [];
    expect(Number(x) - Number(start)).toBeCloseTo((widths(svg)[0] ?? NaN) / 2, 0);
  });

  it('has colours for light and for dark, and escapes names', () => {
    const svg = plotOf({ name: 'a < b & "c"', value: 1, unit: 's', plotted: true });
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(svg).toContain('prefers-color-scheme: dark');
  });

  it('leaves out what could not be measured, and cases of which nothing is left', () => {
    const svg = plotOf({ name: 'unknown', value: NaN, unit: 's', plotted: true });
    expect(widths(svg)).toEqual([]);
    expect(svg).not.toContain('collect');
  });
});
