import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FUNCTIONS, type FunctionName } from '../../shared/lambda/functions.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where tools keep what can be made again. */
const CACHE = join(ROOT, 'node_modules/.cache/joined-sources');
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** Changes with whatever a function is made of. */
const versionOfSources = (): string => {
  const files = globSync(['functions/**/*.ts', 'shared/**/*.ts'], { cwd: ROOT }).sort();
  const hash = createHash('sha256').update(ROOT);
  for (const file of [...files, 'package-lock.json', 'test/support/joined-sources.ts']) {
    hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 32);
};

const removeOldVersions = (): void => {
  for (const entry of readdirSync(CACHE)) {
    const folder = join(CACHE, entry);
    const changedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - changedAt > WEEK_MS) rmSync(folder, { recursive: true, force: true });
  }
};

/** Whole or not at all, whoever else does the same at the same time. */
const joinInto = async (folder: string): Promise<void> => {
  const own = mkdtempSync(`${folder}.`);
  await build({
    ...{ bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node22', keepNames: true },
    absWorkingDir: ROOT,
    entryPoints: Object.keys(FUNCTIONS).map((name) => ({ in: `functions/${name}/handler.ts`, out: name })),
    outdir: own,
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'one-clock',
        // The process sets this module's clock, which it can only do where there is one for both.
        setup: (plugin) => {
          plugin.onResolve({ filter: /\/system-clock\.ts$/ }, ({ path, resolveDir }) => ({
            path: pathToFileURL(join(resolveDir, path)).href,
            external: true,
          }));
        },
      },
    ],
    logLevel: 'error',
  });
  try {
    renameSync(own, folder);
  } catch (error) {
    rmSync(own, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
};

/**
 * The handlers with all that they import joined to a few files, which a new process loads three times as fast as it loads
 * some hundred. Takes a second or two, and is kept until a source changes.
 */
export const joinedSources = async (): Promise<(name: FunctionName) => string> => {
  const folder = join(CACHE, versionOfSources());
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    removeOldVersions();
    await joinInto(folder);
  }
  return (name) => join(folder, `${name}.mjs`);
};
