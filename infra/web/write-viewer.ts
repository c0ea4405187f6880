import { writeFile } from 'node:fs/promises';
import { viewerHtml } from './viewer-html.ts';

/** Writes the viewer into the file that is named on the command line. */
const [, , file] = process.argv;
if (file === undefined) throw new TypeError('Which file is to be written?');
await writeFile(file, await viewerHtml());
