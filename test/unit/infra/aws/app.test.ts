import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const { app, context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
  app: string;
  context: Record<string, unknown>;
};

interface Run {
  readonly code: number;
  readonly stderr: string;
  readonly written: readonly string[];
}

/** Runs the app of cdk.json as the CDK command line does, but with neither credentials nor bundles. */
const runApp = async (settings: Readonly<Record<string, unknown>>): Promise<Run> => {
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
    const { code, stderr } = await new Promise<Pick<Run, 'code' | 'stderr'>>((resolve) => {
      execFile(process.execPath, parameters, { cwd: root, env }, (error, _, text) =>
        resolve({ code: error === null ? 0 : Number(error.code), stderr: text }),
      );
    });
    return { code, stderr, written: readdirSync(outdir) };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

describe('the CDK app', () => {
  it('is run by Node as it stands, and needs neither credentials nor Docker for a template', async () => {
    const { code, stderr, written } = await runApp({ environment: 'example' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(written).toContain('housef3-example-export.template.json');
  });

  it('says what is wrong with its settings, a line for each, and nothing of where that was found', async () => {
    const { code, stderr, written } = await runApp({
      environment: 'example',
      retentionHours: 'a day',
      colour: 1,
    });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^colour is no setting of this stack, which has project, environment, /),
      'retentionHours must be a whole number of hours from 1 to 720, but is "a day".',
    ]);
    expect(written.filter((file) => file.endsWith('.template.json'))).toEqual([]);
  });
});
