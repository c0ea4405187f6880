import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { viewerHtml } from '../../infra/web/viewer-html.ts';
import { builtZip, STATEMENT_PATH } from '../support/built-package.ts';
import { samplePackage } from '../support/sample-package.ts';
import { swapped } from '../support/spoilt-packages/spoiling-steps.ts';

const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [1280, 360];

/** Each state of the viewer, reached from the one before it. */
const states = (folder: string): readonly (readonly [string, (page: Page) => Promise<unknown>])[] => {
  const choose = async (page: Page, name: string): Promise<void> => {
    await page.setInputFiles('input[type=file]', join(folder, name));
    await page.locator('.verdict.good, .verdict.bad').waitFor();
  };
  const tab = (name: string) => (page: Page) => page.getByRole('tab', { name }).click();
  return [
    ['nothing-chosen', () => Promise.resolve()],
    ['spoilt', (page) => choose(page, 'spoilt.zip')],
    [
      'whole',
      async (page) => {
        await page.getByRole('button', { name: 'Open another package' }).click();
        await choose(page, 'sample.zip');
      },
    ],
    ['accounts', tab('Accounts')],
    ['categories', tab('Categories')],
    ['statement-files', tab('Statement files')],
    ['transactions', tab('Transactions')],
    [
      'a-transaction',
      async (page) => {
        await page.locator('.transactions tbody tr').nth(1).click();
        await page.getByRole('dialog').getByText('transactionId').waitFor();
      },
    ],
  ];
};

/** Takes pictures of the viewer, opened from a disk, into a folder: light and dark, wide and 360 px. Gives their files' names. */
export const viewerScreenshots = async (browser: Browser, folder: string): Promise<string[]> => {
  const disk = await mkdtemp(join(tmpdir(), 'viewer-screenshots-'));
  const files: string[] = [];
  try {
    await writeFile(join(disk, 'viewer.html'), await viewerHtml());
    await writeFile(join(disk, 'sample.zip'), await samplePackage());
    await writeFile(
      join(disk, 'spoilt.zip'),
      await builtZip({ packed: swapped(STATEMENT_PATH, 'README.txt') }),
    );
    for (const colorScheme of SCHEMES) {
      for (const width of WIDTHS) {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
        const page = await context.newPage();
        await page.goto(pathToFileURL(join(disk, 'viewer.html')).href);
        for (const [name, show] of states(disk)) {
          await show(page);
          const file = `viewer-${name}-${colorScheme}-${width}.png`;
          await page.screenshot({ path: join(folder, file), fullPage: true });
          files.push(file);
        }
        await context.close();
      }
    }
  } finally {
    await rm(disk, { recursive: true, force: true });
  }
  return files;
};
