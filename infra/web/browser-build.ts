import { build, stop, type BuildOptions, type Plugin } from 'esbuild';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where all that runs in browsers lies. */
const BROWSER = fileURLToPath(new URL('./browser/', import.meta.url));

/** Browsers of the last two years or so; all have `light-dark()`, `DecompressionStream` and modal dialogs. */
const TARGET = ['chrome123', 'edge123', 'firefox121', 'safari17.5'];

const COMMON = {
  absWorkingDir: BROWSER,
  bundle: true,
  format: 'esm',
  target: TARGET,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'none',
  write: false,
  logLevel: 'error',
} satisfies BuildOptions;

/** A worker's code as text, so that a page that is a single file can start it from a blob. */
const workerSources: Plugin = {
  name: 'worker-sources',
  setup: (plugin) => {
    plugin.onResolve({ filter: /^worker:/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.slice('worker:'.length)),
      namespace: 'worker-source',
    }));
    plugin.onLoad({ filter: /./, namespace: 'worker-source' }, async ({ path }) => {
      const { outputFiles } = await build({ ...COMMON, format: 'iife', entryPoints: [path] });
      return { contents: `export const source = ${JSON.stringify(outputFiles[0]?.text ?? '')};` };
    });
  },
};

let building = 0;

/** Does what needs esbuild's own process, which would otherwise outlive this one by a moment. */
const withEsbuild = async <T>(work: () => Promise<T>): Promise<T> => {
  building += 1;
  try {
    return await work();
  } finally {
    building -= 1;
    if (building === 0) await stop();
  }
};

export interface BrowserFile {
  /** Name in its folder; those of chunks hold a hash of what is in them. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Bundles a page's code and styles for browsers.
 * @param entry file below `browser/`, for example `page/main.tsx`
 * @param names how files are named: `[name]-[hash]` where they are cached for ever
 * @throws esbuild's error where the code does not build
 */
export const buildForBrowsers = async (entry: string, names = '[name]-[hash]'): Promise<BrowserFile[]> => {
  const { outputFiles } = await withEsbuild(() =>
    build({
      ...COMMON,
      entryPoints: [entry],
      entryNames: names,
      chunkNames: names,
      splitting: true,
      outdir: '/',
      plugins: [workerSources],
    }),
  );
  return outputFiles.map(({ path, contents }) => ({ name: path.slice(1), bytes: contents }));
};
