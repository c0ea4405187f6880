import { beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runApp, type AppRun } from '../../../support/run-app.ts';

interface Finding {
  readonly ruleName: string;
  readonly acknowledgedId: string;
  readonly reason: string;
}

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly Finding[];
    readonly suppressedViolations?: readonly Finding[];
  }[];
}

type Metadata = Readonly<Record<string, readonly { readonly type: string; readonly data: object }[]>>;

const key = (last: number): string =>
  `arn:aws:kms:eu-central-1:111111111111:key/${'0'.repeat(7)}${last}-0000-4000-8000-0123456789ab`;
const PRODUCTION = {
  ...{ environment: 'prod', region: 'eu-central-1', alarmEmail: 'operators@example.com' },
  ...{ jwtIssuer: 'https://issuer.example.com', jwtAudience: 'client', jwtScopes: 'export/use' },
  ...{ tableKeyArns: `${key(1)},${key(2)}`, fileBucketKeyArn: key(3), packagesKeyArn: key(4) },
};

/** Stacks that differ in what is in them, each with the settings that make it so. */
const DEPLOYMENTS: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['as an example', { environment: 'example' }],
  ['with empty tables of the application', { environment: 'example', createApplicationTables: true }],
  ['in production, with keys of its own', PRODUCTION],
  ['without e-mail and sites', { ...PRODUCTION, environment: 'dev', alarmEmail: '', corsOrigins: '' }],
  ['with a page under CloudFront’s own domain', { ...PRODUCTION, pageClientId: 'page' }],
];

const writtenAs = ({ written }: AppRun, ending: string): string => {
  const name = Object.keys(written).find((file) => file.endsWith(ending));
  return written[name ?? ''] ?? '';
};

const pluginReports = (run: AppRun): Report['pluginReports'] =>
  (JSON.parse(writtenAs(run, 'validation-report.json')) as Report).pluginReports;

const acknowledgements = (run: AppRun): string[] =>
  Object.entries(run.written)
    .filter(([name]) => name.endsWith('.metadata.json'))
    .flatMap(([, text]) => Object.values(JSON.parse(text) as Metadata).flat())
    .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
    .flatMap(({ data }) => Object.keys(data));

const cfnLintIsInstalled = spawnSync('cfn-lint', ['--version']).status === 0;

/** CDK writes down what depends on what even where a reference says so already: that is W3005. */
const lint = async (template: string): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'export-cfn-lint-'));
  const file = join(folder, 'template.json');
  try {
    writeFileSync(file, template);
    return await new Promise((resolve) => {
      execFile('cfn-lint', ['-i', 'W3005', '--', file], (error, stdout, stderr) =>
        resolve(error === null ? '' : `${stdout}${stderr}` || error.message),
      );
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

describe.each(DEPLOYMENTS)('the stack %s', (_, settings) => {
  let run: AppRun;
  beforeAll(async () => {
    run = await runApp(settings);
  });

  it('has nothing that cdk-nag finds and nobody has acknowledged', () => {
    expect(pluginReports(run).flatMap(({ violations }) => violations)).toEqual([]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const packs = pluginReports(run).map(({ pluginName }) => pluginName);
    expect(packs).toEqual(expect.arrayContaining(['AwsSolutions', 'Serverless']));
  });

  it('has every finding that is acknowledged, and at most eight reasons for all of them', () => {
    const acknowledged = pluginReports(run).flatMap(({ suppressedViolations = [] }) => suppressedViolations);
    const reasons = new Set(acknowledged.map(({ reason }) => reason));
    expect(reasons.size).toBeLessThanOrEqual(8);
    for (const reason of reasons) expect(reason.length).toBeGreaterThan(60);
    const used = new Set(acknowledged.map(({ acknowledgedId }) => acknowledgedId));
    expect([...used].sort()).toEqual([...new Set(acknowledgements(run))].sort());
  });

  // Python is not asked of anybody who works here, so this is for machines that have it.
  (cfnLintIsInstalled ? it : it.skip)('has a template in which cfn-lint finds nothing', async () => {
    for (const [name, text] of Object.entries(run.written)) {
      if (name.endsWith('.template.json')) expect(await lint(text)).toBe('');
    }
  });
});
