import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CDK_BUNDLING } from '../../../../infra/aws/bundling.ts';
import { SAMPLE_USER_ID } from '../../../../infra/local/sample-household/household-plans.ts';
import type { FunctionName } from '../../../../shared/lambda/functions.ts';
import { verifyPackage } from '../../../../shared/verification/verify-package.ts';
import { ExportApi } from '../../../support/export-api.ts';
import { exportTemplate, resolved, resourcesOf } from '../../../support/export-template.ts';
import { exported } from '../../../support/exported-household.ts';
import {
  bundleFunctions,
  FUNCTION_NAMES,
  packageOf,
  ROOT,
  type FunctionBundles,
} from '../../../support/function-bundles.ts';
import { startRunningSystem } from '../../../support/running-system.ts';

let bundles: FunctionBundles;
const folder = mkdtempSync(join(tmpdir(), 'export-bundles-'));
beforeAll(async () => {
  bundles = await bundleFunctions(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a function is told where it is deployed, as far as the template knows it. */
const deployedEnvironment = (name: FunctionName): Record<string, string> => {
  const lambda = resourcesOf(template, 'AWS::Lambda::Function').find(({ properties }) =>
    String(properties['FunctionName']).endsWith(`-example-${name}`),
  );
  const { Variables } = lambda?.properties['Environment'] as { Variables: Record<string, unknown> };
  return Object.fromEntries(Object.entries(Variables).map(([key, value]) => [key, resolved(value)]));
};
const template = exportTemplate();

interface Run {
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of JavaScript in a Node of its own, with nothing of the test's environment. */
const runNode = (script: string, env: Readonly<Record<string, string>>): Promise<Run> =>
  new Promise((resolve) => {
    const parameters = ['--input-type=module', '--eval', script];
    execFile(process.execPath, parameters, { env: { ...env } }, (_, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });

const importOf = (name: FunctionName): string => `await import(${JSON.stringify(bundles.fileOf(name))})`;

/** The inputs of which a function's bundle holds anything. */
const heldBy = (name: FunctionName): string[] =>
  Object.entries(bundles.outputOf(name).inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([input]) => input);

const heldByAny = (): string[] => [...new Set(FUNCTION_NAMES.flatMap(heldBy))];

describe('the bundle of a function', () => {
  it.each(FUNCTION_NAMES.map((name) => [name]))(
    'loads under Node 22 with what %s is told where it is deployed, and says nothing',
    async (name) => {
      const script = `const { handler } = ${importOf(name)};
        console.log(process.version, typeof handler, handler.length)`;
      const { stdout, stderr } = await runNode(script, {
        AWS_REGION: 'eu-central-1',
        ...deployedEnvironment(name),
      });
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^v22\.\d+\.\d+ function [12]\n$/);
    },
  );

  it('is made of nothing of this project but functions and what they share', () => {
    const own = Object.keys(bundles.inputs).filter((input) => packageOf(input) === undefined);
    expect(own.filter((input) => !/^(?:functions|shared)\//.test(input))).toEqual([]);
  });

  it('has one handler in it, its own', () => {
    for (const name of FUNCTION_NAMES) {
      const handlers = Object.keys(bundles.outputOf(name).inputs).filter((input) =>
        input.endsWith('/handler.ts'),
      );
      expect(handlers).toEqual([`functions/${name}/handler.ts`]);
    }
  });

  it('has everything in it that is not part of Node', () => {
    for (const name of FUNCTION_NAMES) {
      const outside = bundles.outputOf(name).imports.map(({ path }) => path);
      expect(outside.filter((path) => !isBuiltin(path))).toEqual([]);
    }
  });

  it('loads no module by a name that it makes up, and no file that lies beside its source', () => {
    const sources = heldByAny().filter((input) => !input.endsWith('.json'));
    expect(sources.length).toBeGreaterThan(500);
    const suspicious = sources.flatMap((input) => {
      const text = readFileSync(join(ROOT, input), 'utf8');
      return [
        ...text.matchAll(/\b(?:require|import)\s*\(\s*[^'"`\s]|__dirname|__filename|import\.meta/g),
      ].map(([found]) => `${input}: ${found}`);
    });
    expect(suspicious).toEqual([]);
  });

  it('is, byte for byte, the one that CDK makes', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'export-bundled-by-cdk-'));
    try {
      new NodejsFunction(new Stack(new App({ outdir }), 'Stack'), 'Function', {
        entry: join(ROOT, 'functions/get-export-status/handler.ts'),
        projectRoot: ROOT,
        depsLockFilePath: join(ROOT, 'package-lock.json'),
        bundling: CDK_BUNDLING,
      });
      const [asset = ''] = readdirSync(outdir).filter((entry) => entry.startsWith('asset.'));
      const madeByCdk = readFileSync(join(outdir, asset, 'index.mjs'));
      expect(madeByCdk.equals(readFileSync(bundles.fileOf('get-export-status')))).toBe(true);
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  });

  it('tells of errors by the line of the source in TypeScript', async () => {
    const { NODE_OPTIONS = '' } = deployedEnvironment('start-export');
    const script = `try { ${importOf('start-export')} } catch (error) { console.log(error.stack) }`;
    const { stdout } = await runNode(script, { NODE_OPTIONS });
    expect(stdout).toMatch(/^MisconfiguredFunction: /);
    const source = readFileSync(join(ROOT, 'shared/lambda/environment.ts'), 'utf8').split('\n');
    const line = source.findIndex((text) => text.includes('throw new MisconfiguredFunction')) + 1;
    expect(stdout).toContain(`/shared/lambda/environment.ts:${line}:`);
    expect(stdout).toContain('/functions/start-export/handler.ts:');
  });
});

describe('the deployed handlers, run on one machine', () => {
  it('export the sample household, and the package proves itself', async () => {
    const asked = new Set<string>();
    const system = await startRunningSystem({
      sample: true,
      // One that is not there shows that bundles are what runs.
      handlerFile: (name) =>
        name === 'list-exports' ? join(tmpdir(), 'not-there.mjs') : bundles.fileOf(name),
      invocationHook: {
        beforeInvoke: (functionName) => {
          asked.add(functionName);
          return Promise.resolve();
        },
      },
    });
    try {
      const { bytes, exportId } = await exported(system, SAMPLE_USER_ID);
      const { manifest } = await verifyPackage(
        {
          size: bytes.length,
          read: (from, length) => Promise.resolve(bytes.subarray(from, from + length)),
        },
        { format: 'zip' },
      );
      expect(manifest).toMatchObject({ exportId, userId: SAMPLE_USER_ID });
      expect(manifest.counts.transactions?.included).toBeGreaterThan(10_000);
      expect([...asked]).toEqual(
        expect.arrayContaining(['start-export', 'package-export', 'complete-export']),
      );
      const api = new ExportApi(system.apiUrl, await system.issueToken(SAMPLE_USER_ID));
      expect(await api.call('GET', '/export')).toMatchObject({ status: 500 });
    } finally {
      await system.end();
    }
  });
});

/** Of the packages that this project was asked to build on, those that run in functions. */
const ASKED_FOR_IN_FUNCTIONS = [
  ...['@aws-sdk/client-sfn', '@aws-sdk/lib-dynamodb', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  ...['archiver', '@middy/core', '@middy/http-json-body-parser'],
];

const importedBy = (files: readonly string[]): Set<string> =>
  new Set(
    files.flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^import (?!type )[^;]*? from '([^']+)';/gm)].map(
        ([, specifier = '']) => specifier,
      ),
    ),
  );

describe('a package that this project was asked to build on', () => {
  it.each(ASKED_FOR_IN_FUNCTIONS.map((name) => [name]))(
    '%s is imported by what is deployed, and runs there',
    (name) => {
      const own = heldByAny().filter((input) => packageOf(input) === undefined);
      const imported = own.flatMap((input) => bundles.inputs[input]?.imports ?? []);
      expect(imported.map(({ original }) => original)).toContain(name);
      expect(heldByAny().map(packageOf)).toContain(name);
    },
  );

  it.each([['aws-cdk-lib'], ['constructs']])('%s is imported by what deploys', (name) => {
    const sources = globSync('infra/aws/**/*.ts', { cwd: ROOT });
    expect([...importedBy(sources)]).toContain(name);
  });

  it('jest runs the tests', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    expect(scripts['test']).toContain('node_modules/jest/bin/jest.js');
    expect(process.env['JEST_WORKER_ID']).toBeDefined();
  });
});
