import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { viewerHtml } from '../../../infra/web/viewer-html.ts';
import { launchBrowser } from '../../support/browser.ts';
import { medianOf, type BenchCase, type BenchRun, type ResultRow } from '../bench-case.ts';
import { writeViewerPackage } from '../viewer-package.ts';

interface Limits {
  readonly firstScreen: number;
  readonly searchable: number;
  /** Of all the browser's processes together. */
  readonly memoryMib: number;
}

const SIZES: readonly (readonly [number, Limits])[] = [
  [100_000, { firstScreen: 3, searchable: 3, memoryMib: 1024 }],
  [1_000_000, { firstScreen: 5, searchable: 30, memoryMib: 1024 }],
];
/** No search and no scroll may be felt as a wait. */
const FELT_SECONDS = 0.1;
const MEMORY_EVERY_MS = 200;
const SLOWEST_MS = 300_000;

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;

const parentOf = (stat: string): number => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);

const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** The processes that this one has started, and those that they have. */
const descendants = async (): Promise<number[]> => {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map(
    await Promise.all(ids.map(async (id) => [id, parentOf(await read(`/proc/${id}/stat`))] as const)),
  );
  const below = (parent: number): number[] =>
    ids.filter((id) => parents.get(id) === parent).flatMap((id) => [id, ...below(id)]);
  return below(process.pid);
};

/** Of the whole browser in MiB: its own pages of memory, and its part of those that processes share (PSS). */
const browserMemory = async (): Promise<number> => {
  const rollups = await Promise.all((await descendants()).map((id) => read(`/proc/${id}/smaps_rollup`)));
  const kib = rollups.map((text) => Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0));
  return kib.reduce((sum, one) => sum + one, 0) / 1024;
};

/** Looks at the memory until it is asked for the largest it has seen. */
const watchedMemory = () => {
  let peak = 0;
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      peak = Math.max(peak, await browserMemory());
      await setTimeout(MEMORY_EVERY_MS);
    }
  })();
  return async (): Promise<number> => {
    over.abort();
    await watching;
    return peak;
  };
};

/** How long a step takes until the page shows `text` above the transactions, measured in the page. */
const untilFound = async (page: Page, step: () => Promise<unknown>, text: RegExp): Promise<number> => {
  const startedAt = performance.now();
  await step();
  await page.getByRole('status').getByText(text).waitFor({ timeout: SLOWEST_MS });
  return secondsSince(startedAt);
};

/** How long until the rows at a place of the scrollbar are drawn and filled; the page's own frames are counted. */
const scrollSeconds = (page: Page, share: number): Promise<number> =>
  page.locator('.transactions').evaluate(async (element, at) => {
    const { requestAnimationFrame } = globalThis as unknown as {
      requestAnimationFrame: (drawn: () => void) => void;
    };
    const startedAt = performance.now();
    element.scrollTop = (element.scrollHeight - element.clientHeight) * at;
    do {
      await new Promise<void>((drawn) => requestAnimationFrame(drawn));
    } while (element.textContent.includes('…') && performance.now() - startedAt < 10_000);
    return (performance.now() - startedAt) / 1000;
  }, share);

const openedPage = async (browser: Browser, viewer: string): Promise<Page> => {
  const page = await (await browser.newContext({ offline: true })).newPage();
  await page.goto(pathToFileURL(viewer).href);
  return page;
};

const TERMS = ['zurich 1f', 'bakery', 'category 7 railway', 'absent', '12.50'];
const PLACES = [0.5, 0.1, 0.9, 0.3, 1];

const measureSize = async (
  viewer: string,
  file: string,
  [count, limits]: (typeof SIZES)[number],
): Promise<ResultRow[]> => {
  const browser = await launchBrowser();
  try {
    const page = await openedPage(browser, viewer);
    const atRest = await browserMemory();
    const peakMemory = watchedMemory();
    const startedAt = performance.now();
    await page.setInputFiles('input[type=file]', file);
    await page.getByRole('tab', { name: /^Transactions/ }).click();
    await page.locator('.transactions tbody tr:nth-child(5) td:nth-child(2)').getByText(/\w/).waitFor();
    const firstScreen = secondsSince(startedAt);
    await page.getByRole('searchbox').and(page.locator(':enabled')).waitFor({ timeout: SLOWEST_MS });
    const searchable = secondsSince(startedAt);
    await page.locator('.verdict.good').waitFor({ timeout: SLOWEST_MS });
    const checked = secondsSince(startedAt);
    const searches: number[] = [];
    for (const term of TERMS) {
      const step = () => page.getByRole('searchbox').fill(term);
      searches.push(await untilFound(page, step, /of [\d,]+ transactions$|^No transaction/));
    }
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page
      .getByRole('status')
      .getByText(/^[\d,]+ transactions$/)
      .waitFor();
    const scrolls: number[] = [];
    for (const place of PLACES) scrolls.push(await scrollSeconds(page, place));
    const peak = await peakMemory();
    const named = (what: string): string => `${count.toLocaleString('en-US')} transactions: ${what}`;
    return [
      { name: named('first screen'), value: firstScreen, unit: 's', limit: limits.firstScreen },
      { name: named('searchable'), value: searchable, unit: 's', limit: limits.searchable },
      { name: named('every part checked'), value: checked, unit: 's', limit: limits.searchable },
      { name: named('a search, typing pause included'), value: medianOf(searches), unit: 's' },
      { name: named('a scroll to elsewhere'), value: medianOf(scrolls), unit: 's', limit: FELT_SECONDS },
      { name: named('peak memory'), value: peak, unit: 'MiB', limit: limits.memoryMib },
      { name: named('of that before a file was chosen'), value: atRest, unit: 'MiB' },
    ];
  } finally {
    await browser.close();
  }
};

const measure = async ({ folder, given, note, signal }: BenchRun): Promise<ResultRow[]> => {
  const html = await viewerHtml();
  const viewer = join(folder, 'viewer.html');
  await writeFile(viewer, html);
  const rows: ResultRow[] = [];
  for (const size of SIZES.filter(([count]) => count <= (given.transactions ?? Infinity))) {
    signal.throwIfAborted();
    const file = join(folder, `${size[0]}.zip`);
    await writeViewerPackage(file, size[0], html);
    note(`A package of ${size[0].toLocaleString('en-US')} transactions is written.`);
    rows.push(...(await measureSize(viewer, file, size)));
  }
  return rows;
};

export const viewer: BenchCase = {
  name: 'viewer',
  about:
    'Packages of 100,000 and 1,000,000 transactions (or only up to --transactions) in the viewer, in Chromium.',
  measure,
};
