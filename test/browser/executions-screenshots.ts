import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { startShownExecutions } from '../support/shown-executions.ts';

/** Takes pictures of the operators' pages into a folder: light and dark, wide and 360 px. Gives their files' names. */
export const executionsScreenshots = async (browser: Browser, folder: string): Promise<string[]> => {
  const shown = await startShownExecutions();
  const files: string[] = [];
  try {
    const pages = Object.entries(shown.exportIds).map(
      ([name, exportId]) => [name, `${shown.url}/${exportId}`] as const,
    );
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 360]) {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
        const page = await context.newPage();
        for (const [name, url] of [['list', shown.url] as const, ...pages]) {
          await page.goto(url);
          await page.locator('table').first().waitFor();
          const file = `executions-${name}-${colorScheme}-${width}.png`;
          await page.screenshot({ path: join(folder, file), fullPage: true });
          files.push(file);
        }
        await context.close();
      }
    }
  } finally {
    await shown.end();
  }
  return files;
};
