import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { hasBrowser, useBrowser } from '../support/browser.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';

const LIMIT_BYTES = 100 * 1024;

(hasBrowser ? describe : describe.skip)('the first load of the export page', () => {
  const browser = useBrowser();
  let system: RunningSystem;
  beforeAll(async () => {
    system = await startRunningSystem();
  });
  afterAll(() => system.end());

  it('takes at most 100 KB, compressed as CloudFront does', async () => {
    const page = await (await browser.newContext()).newPage();
    const bodies: Promise<Buffer>[] = [];
    page.on('response', (response) => bodies.push(response.body()));
    await page.goto(`${system.apiUrl}/`);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    const sizes = (await Promise.all(bodies)).map((body) => gzipSync(body).length);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const paint = await page.evaluate<number>(
      `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN`,
    );
    process.stdout.write(
      `First load: ${(bytes / 1024).toFixed(1)} KB gzipped in ${sizes.length} answers; first render after ${Math.round(paint)} ms.\n`,
    );
    expect(sizes.length).toBeGreaterThanOrEqual(4);
    expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
  });

  it('is served under a strict policy, with names that may be cached for ever', async () => {
    const start = await fetch(`${system.apiUrl}/`);
    const policy = start.headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        `connect-src 'self' ${system.endpoints.s3}`,
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(policy).not.toContain('unsafe-inline');
    expect(Object.fromEntries(start.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
    const html = await start.text();
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
    const assets = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => String(path));
    expect(assets).toHaveLength(2);
    for (const path of assets) {
      const { headers } = await fetch(system.apiUrl + path);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
  });

  it.each(['/openapi.json', '/asyncapi.json', '/viewer.html', '/favicon.svg', '/config.json'])(
    'has %s beside it',
    async (path) => {
      expect((await fetch(system.apiUrl + path)).status).toBe(200);
    },
  );

  it('leaves every other path to the API', async () => {
    const answer = await fetch(`${system.apiUrl}/assets/nothing.js`);
    expect([answer.status, await answer.json()]).toEqual([404, { message: 'Not Found' }]);
  });
});
