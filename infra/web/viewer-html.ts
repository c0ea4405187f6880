import { createHash } from 'node:crypto';
import { buildForBrowsers, type BrowserFile } from './browser-build.ts';

/** Nothing that ends the element the text stands in, and nothing that a reader of HTML takes for one. */
const insideElement = (text: string): string => text.replace(/<(?=\/script|!--|script)/gi, '\\x3c');

const hashSource = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const textOf = (files: readonly BrowserFile[], extension: string): string => {
  const found = files.filter(({ name }) => name.endsWith(extension));
  if (found.length !== 1) throw new TypeError(`The viewer must be one ${extension} file.`);
  return found.map(({ bytes }) => Buffer.from(bytes).toString()).join('');
};

/**
 * What the page may do: run its own script and style, and start a worker made of its own text. Reaching for anything
 * outside is forbidden altogether.
 */
const policyOf = (script: string, style: string): string =>
  [
    `default-src 'none'`,
    `script-src ${hashSource(script)} 'wasm-unsafe-eval'`,
    `style-src ${hashSource(style)}`,
    `worker-src blob:`,
    `connect-src 'none'`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');

/**
 * The viewer as one file that works from a disk, without any server: it checks a package and shows it, in any browser of
 * the last years. The same code gives the same text.
 * @throws esbuild's error where the code does not build
 */
export const viewerHtml = async (): Promise<string> => {
  const files = await buildForBrowsers('viewer/main.tsx', '[name]');
  const script = insideElement(textOf(files, '.js'));
  const style = textOf(files, '.css');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Your household's data</title>
<style>${style}</style>
</head>
<body>
<div id="root"></div>
<noscript>This page needs JavaScript, which is switched off in this browser. All data is in the other files of the package too.</noscript>
<script type="module">${script}</script>
</body>
</html>
`;
};
