import { readFile } from 'node:fs/promises';
import { apiDocuments } from './api-documents.ts';
import { buildForBrowsers, type BrowserFile } from './browser-build.ts';
import { viewerHtml } from './viewer-html.ts';

/** A static file of the page, as either wiring serves it. */
export interface WebFile {
  /** Where it is served, for example `/assets/main-ABC.js`; `/index.html` is served at `/` too. */
  readonly path: string;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly bytes: Uint8Array;
  /** Whether its Content-Security-Policy is in itself: for `securityHeaders`. */
  readonly hasOwnPolicy?: boolean;
}

/** Its name changes with its content. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const FOR_A_DAY = 'public, max-age=86400';
const ASK_EACH_TIME = 'no-cache';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

const contentTypeOf = (name: string): string => {
  const found = CONTENT_TYPES[name.split('.').at(-1) ?? ''];
  if (found === undefined) throw new Error(`${name} is of no kind that the page has.`);
  return found;
};

const webFile = (path: string, cacheControl: string, bytes: Uint8Array): WebFile => ({
  path,
  contentType: contentTypeOf(path),
  cacheControl,
  bytes,
});

const source = (name: string): Promise<Buffer> =>
  readFile(new URL(`./browser/page/${name}`, import.meta.url));

const nameOf = (files: readonly BrowserFile[], pattern: RegExp): string => {
  const found = files.find(({ name }) => pattern.test(name));
  if (found === undefined) throw new Error(`The page was built without ${pattern.source}.`);
  return found.name;
};

const indexHtml = async (files: readonly BrowserFile[]): Promise<Buffer> => {
  const template = await source('index.html');
  const html = template
    .toString()
    .replace('main.css', `/assets/${nameOf(files, /^main-\w+\.css$/)}`)
    .replace('main.tsx', `/assets/${nameOf(files, /^main-\w+\.js$/)}`);
  return Buffer.from(html);
};

/** Builds all static files of the page. What differs between deployments is in `/config.json`, which is none of them. */
export const webSite = async (): Promise<WebFile[]> => {
  const [built, viewer] = await Promise.all([buildForBrowsers('page/main.tsx'), viewerHtml()]);
  return [
    webFile('/index.html', ASK_EACH_TIME, await indexHtml(built)),
    webFile('/favicon.svg', FOR_A_DAY, await source('favicon.svg')),
    { ...webFile('/viewer.html', ASK_EACH_TIME, Buffer.from(viewer)), hasOwnPolicy: true },
    ...apiDocuments().map(({ path, contentType, text }) => ({
      path,
      contentType,
      cacheControl: ASK_EACH_TIME,
      bytes: Buffer.from(text),
    })),
    ...built.map(({ name, bytes }) => webFile(`/assets/${name}`, FOR_EVER, bytes)),
  ];
};
