import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { ExecutionReply } from '../../infra/web/browser/executions/replies.ts';
import { hasBrowser, useBrowser } from '../support/browser.ts';
import { startShownExecutions, type ShownExecutions } from '../support/shown-executions.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

type Shown = keyof ShownExecutions['exportIds'];

/** Status of an answer to a request with a Host header of choice, which fetch does not allow. */
const statusFor = (url: string, host: string, method = 'GET'): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });

(hasBrowser ? describe : describe.skip)("the operators' page", () => {
  const browser = useBrowser();
  let shown: ShownExecutions;
  const complaints: string[] = [];

  beforeAll(async () => {
    shown = await startShownExecutions();
  });
  afterAll(() => shown.end());

  const opened = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${shown.url}${path}`);
    return page;
  };
  const execution = async (name: Shown, options?: BrowserContextOptions): Promise<Page> => {
    const page = await opened(`/${shown.exportIds[name]}`, options);
    await page.locator('[data-state]').first().waitFor();
    return page;
  };
  const nameOf = (page: Page, state: string): Promise<string | null> =>
    page.locator(`[data-state="${state}"]`).textContent();
  const heading = (page: Page): Promise<string> => page.locator('#state-details h2').innerText();

  it('lists the executions, the newest first, and those of one status', async () => {
    const page = await opened('');
    const ids = page.locator('tbody th');
    await expect(ids.first().innerText()).resolves.toBe(shown.exportIds.running);
    await expect(ids.allInnerTexts()).resolves.toEqual(
      (['running', 'segmented', 'retried', 'failed', 'completed'] as const).map(
        (name) => shown.exportIds[name],
      ),
    );
    await page.getByRole('link', { name: 'Failed' }).click();
    await page.locator('.filter [aria-current]', { hasText: 'Failed' }).waitFor();
    await expect(page.locator('tbody tr').allInnerTexts()).resolves.toEqual([
      expect.stringContaining(shown.exportIds.failed),
    ]);
  });

  it('shows a completed export: every state that was passed, and those that were not', async () => {
    const page = await execution('completed');
    expect(await nameOf(page, 'PackageExport')).toMatch(/^PackageExport, succeeded, [\d.]+ m?s$/);
    expect(await nameOf(page, 'FailExport')).toBe('FailExport, not reached');
    await expect(page.locator('[data-state]').count()).resolves.toBe(24);
    await expect(page.getByText('Every state went well.').isVisible()).resolves.toBe(true);
    await page.locator('[data-state="CollectAccounts"]').click();
    const details = page.locator('#state-details');
    await expect(details.innerText()).resolves.toMatch(
      /function collect-accounts[^]*Input\s+\d+ B[^]*Output\s+\d+ B/,
    );
  });

  it('leads a failed export to the state that failed, with its error', async () => {
    const page = await execution('failed');
    expect(await heading(page)).toBe('PackageExport');
    expect(await nameOf(page, 'PackageExport')).toContain('error caught');
    expect(await nameOf(page, 'ExportFailed')).toContain('failed');
    await expect(page.locator('.standing-sentence').innerText()).resolves.toBe(
      'PackageExport failed: AccessRefused, Struck by a test.',
    );
    await expect(page.locator('#state-details .errors').innerText()).resolves.toContain('AccessRefused');
    await expect(page.locator('.edge.taken.catch').count()).resolves.toBe(1);
    await expect(page.locator('td.message').allInnerTexts()).resolves.toContain(
      'AccessRefused: Struck by a test.',
    );
  });

  it('counts retries', async () => {
    const page = await execution('retried');
    expect(await nameOf(page, 'CollectAccounts')).toMatch(
      /^CollectAccounts, succeeded after retries, [\d.]+ m?s, 2 retries$/,
    );
    await expect(page.getByText('2 calls were tried again.').isVisible()).resolves.toBe(true);
  });

  it('counts the iterations of a Map and lists them', async () => {
    const page = await execution('segmented');
    expect(await nameOf(page, 'PackageSegments')).toMatch(/succeeded, Map, [\d.]+ m?s, (\d+) of \1$/);
    await page.locator('[data-state="PackageSegment"]').click();
    const rows = await page.locator('#state-details tbody tr').count();
    expect(rows).toBeGreaterThan(1);
    expect(await nameOf(page, 'PackageSegments')).toContain(`${rows} of ${rows}`);
  });

  it('is gone through with the keyboard alone', async () => {
    const page = await execution('completed');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    const focused = () => page.evaluate("document.activeElement.getAttribute('data-state')");
    expect(await focused()).toBe('CollectSections');
    await page.keyboard.press('Enter');
    expect(await heading(page)).toBe('CollectSections');
    expect(await focused()).toBe('CollectSections');
  });

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)('has no fault that axe finds, %s at %d px', async (colorScheme, width) => {
    const options = { colorScheme, viewport: { width, height: 800 }, bypassCSP: true };
    for (const page of [await opened('', options), await execution('failed', options)]) {
      await page.locator('table').first().waitFor();
      await page.addScriptTag({ path: AXE });
      const found = await page.evaluate(
        `axe.run({ runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) =>
           violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 200))]))`,
      );
      expect(found).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.context().close();
    }
  });

  it('answers only who reads, under its own address', async () => {
    const { host } = new URL(shown.url);
    await expect(statusFor(shown.url, host)).resolves.toBe(200);
    await expect(statusFor(shown.url, 'localhost:80')).resolves.toBe(307);
    await expect(statusFor(`${shown.url}/api/executions`, 'rebound.example')).resolves.toBe(307);
    await expect(statusFor(shown.url, host, 'POST')).resolves.toBe(405);
    await expect(statusFor(`${shown.url}/api/executions/none-such`, host)).resolves.toBe(404);
    await expect(statusFor(`${shown.url}/api/executions?status=ANY`, host)).resolves.toBe(400);
    await expect(statusFor(`${shown.url}/api/executions?nextToken=x`, host)).resolves.toBe(400);
    await expect(statusFor(`${shown.url}/assets/none.js`, host)).resolves.toBe(404);
  });

  it('tells sizes and errors, but nothing that was handed over and nobody it belongs to', async () => {
    const answer = await fetch(`${shown.url}/api/executions/${shown.exportIds.failed}`);
    const text = await answer.text();
    const reply = JSON.parse(text) as ExecutionReply;
    expect(reply.states.find(({ name }) => name === 'PlanPackage')?.inputBytes).toBeGreaterThan(100);
    expect(text).not.toMatch(/user-[0-9a-f]{8}|interim\/|"input"|"output"/);
  });

  it('weighs little', async () => {
    const html = await (await fetch(shown.url)).text();
    const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path ?? '');
    const texts = await Promise.all(
      files.map(async (path) => (await fetch(shown.system.apiUrl + path)).text()),
    );
    const bytes = [html, ...texts].reduce((total, text) => total + gzipSync(text).length, 0);
    process.stdout.write(`The operators' page weighs ${(bytes / 1024).toFixed(1)} KiB gzipped.\n`);
    expect(bytes).toBeLessThan(100 * 1024);
  });

  describe('while an execution runs', () => {
    it('follows it by itself to its end', async () => {
      const page = await execution('running', { reducedMotion: 'reduce' });
      expect(await nameOf(page, 'CollectCategories')).toMatch(/^CollectCategories, running, /);
      expect(await nameOf(page, 'CollectSections')).toMatch(/^CollectSections, running, Parallel, /);
      expect(await nameOf(page, 'PlanPackage')).toBe('PlanPackage, waiting');
      await expect(page.getByText('Now in CollectCategories.').isVisible()).resolves.toBe(true);
      const motion = await page
        .locator('.badge .sign')
        .evaluate((sign) => (sign as unknown as { getAnimations(): unknown[] }).getAnimations().length);
      expect(motion).toBe(0);
      await shown.release();
      await page.getByText('Every state went well.').waitFor();
      expect(await nameOf(page, 'CompleteExport')).toContain('succeeded');
    });
  });

  afterAll(() => expect(complaints).toEqual([]));
});
