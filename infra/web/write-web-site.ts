import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { webSite } from './web-site.ts';

/** Writes the page's files into the folder that is named as the only argument. */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder to write the page into.');

for (const { path, bytes } of await webSite()) {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}
