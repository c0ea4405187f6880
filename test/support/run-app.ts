import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { app, context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
  app: string;
  context: Record<string, unknown>;
};

export interface AppRun {
  readonly code: number;
  readonly stderr: string;
  /** Of the files it has written, by their name. */
  readonly written: Readonly<Record<string, string>>;
}

/**
 * Runs the app of cdk.json as the CDK command line does, but with neither credentials nor bundles. CDK's own rules for
 * templates take seconds and are another test's.
 */
export const runApp = async (settings: Readonly<Record<string, unknown>>): Promise<AppRun> => {
  const outdir = mkdtempSync(join(tmpdir(), 'export-app-'));
  const [, ...parameters] = app.split(' ');
  const given = { ...context, 'aws:cdk:bundling-stacks': [], ...settings };
  const env = {
    PATH: process.env['PATH'],
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify(given),
    CDK_VALIDATION: 'false',
  };
  try {
    const { code, stderr } = await new Promise<Pick<AppRun, 'code' | 'stderr'>>((resolve) => {
      execFile(process.execPath, parameters, { cwd: root, env }, (error, _, text) =>
        resolve({ code: error === null ? 0 : Number(error.code), stderr: text }),
      );
    });
    const files = readdirSync(outdir, { withFileTypes: true }).filter((entry) => entry.isFile());
    const written = files.map(({ name }) => [name, readFileSync(join(outdir, name), 'utf8')] as const);
    return { code, stderr, written: Object.fromEntries(written) };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};
