import { buildForBrowsers } from '../../web/browser-build.ts';

export interface PageFile {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

const contentTypeOf = (name: string): string =>
  CONTENT_TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';

const htmlOf = (folder: string, names: readonly string[]): string => {
  const tags = names.map((name) =>
    name.endsWith('.css')
      ? `<link rel="stylesheet" href="${folder}${name}">`
      : `<script type="module" src="${folder}${name}"></script>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Executions</title>
<link rel="icon" href="data:,">
${tags.join('\n')}
</head>
<body><div id="root"></div></body>
</html>
`;
};

export interface Page {
  readonly html: PageFile;
  /** By name. */
  readonly assets: ReadonlyMap<string, PageFile>;
}

/**
 * The operators' page with its code and styles.
 * @param folder path below which the assets are served, with a slash at its end
 */
export const buildPage = async (folder: string): Promise<Page> => {
  const files = await buildForBrowsers('executions/main.tsx');
  const assets = new Map(
    files.map(({ name, bytes }) => [name, { contentType: contentTypeOf(name), body: bytes }]),
  );
  const html = htmlOf(folder, [...assets.keys()].toSorted());
  return { html: { contentType: 'text/html; charset=utf-8', body: html }, assets };
};
