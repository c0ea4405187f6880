import { Command } from 'commander';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { launchBrowser } from '../support/launched-browser.ts';
import { executionsScreenshots } from './executions-screenshots.ts';
import { pageScreenshots } from './page-screenshots.ts';
import { viewerScreenshots } from './viewer-screenshots.ts';

const command = new Command('npm run screenshots --')
  .description(
    'Takes pictures of every state of the pages, light and dark, wide and 360 px, for a person to look at.',
  )
  .option('--out <folder>', 'where to put them', '.local/screenshots')
  .parse();

const { out } = z.object({ out: z.string() }).parse(command.opts());

const picture = (file: string): string =>
  `<figure><a href="${file}"><img src="${file}" alt="${file}" loading="lazy"></a><figcaption>${file}</figcaption></figure>`;

const indexHtml = (files: readonly string[]): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Screenshots</title>
<style>
body { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; margin: 1rem; background: #888; font: 14px system-ui }
figure { margin: 0 } img { width: 100%; max-height: 32rem; object-fit: contain; object-position: top left }
</style>
${files.map(picture).join('\n')}
</html>
`;

const folder = resolve(out);
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  const files = [
    ...(await viewerScreenshots(browser, folder)),
    ...(await pageScreenshots(browser, folder)),
    ...(await executionsScreenshots(browser, folder)),
  ];
  await writeFile(join(folder, 'index.html'), indexHtml(files));
  process.stdout.write(`${files.length} pictures: ${join(folder, 'index.html')}\n`);
} finally {
  await browser.close();
}
