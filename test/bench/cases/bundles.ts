import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { FUNCTION_ENVIRONMENT, NODE_OPTIONS } from '../../../shared/lambda/environment.ts';
import type { FunctionName } from '../../../shared/lambda/functions.ts';
import { bundleFunctions, FUNCTION_NAMES, type FunctionBundles } from '../../support/function-bundles.ts';
import { medianOf, type BenchCase, type BenchRun, type ResultRow } from '../bench-case.ts';

const KIB = 1024;
/** A user waits for it, and now and then for its first call in a process. */
const WAITED_FOR: FunctionName = 'start-export';
const LONGEST_IMPORT_MS = 150;

const importTimes = z.object({ ms: z.number(), cpuMs: z.number() });
type ImportTimes = z.infer<typeof importTimes>;

const scriptFor = (file: string): string => `
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  await import(${JSON.stringify(file)});
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 }));`;

/** Importing needs the variables to be there; nothing is asked of what they name. */
const environmentOf = (name: FunctionName): Record<string, string> => ({
  NODE_OPTIONS: `${NODE_OPTIONS} --enable-source-maps`,
  AWS_REGION: 'eu-central-1',
  ...Object.fromEntries(Object.keys(FUNCTION_ENVIRONMENT[name].shape).map((variable) => [variable, '1'])),
});

/** In a process that has nothing else to do and has loaded nothing yet. */
const importOnce = async (name: FunctionName, file: string, signal: AbortSignal): Promise<ImportTimes> => {
  const parameters = ['--input-type=module', '--eval', scriptFor(file)];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, {
    env: environmentOf(name),
    signal,
  });
  return importTimes.parse(JSON.parse(stdout));
};

const measureBundle = async (
  name: FunctionName,
  bundles: FunctionBundles,
  { repetitions, signal }: BenchRun,
): Promise<ResultRow[]> => {
  const file = bundles.fileOf(name);
  const bytes = readFileSync(file);
  const times: ImportTimes[] = [];
  for (let run = 0; run < repetitions; run += 1) times.push(await importOnce(name, file, signal));
  const limit = name === WAITED_FOR ? { limit: LONGEST_IMPORT_MS } : {};
  return [
    { name: `${name}, file`, value: bytes.length / KIB, unit: 'KiB' },
    { name: `${name}, file in gzip`, value: gzipSync(bytes).length / KIB, unit: 'KiB' },
    { name: `${name}, cold import`, value: medianOf(times.map(({ ms }) => ms)), unit: 'ms', ...limit },
    { name: `${name}, CPU of it`, value: medianOf(times.map(({ cpuMs }) => cpuMs)), unit: 'ms' },
  ];
};

/** What a cold start pays for: the file that Lambda fetches, and its import in a fresh process. */
export const bundles: BenchCase = {
  name: 'bundles',
  about:
    'The deployed file of each function: its size, and the median time of its import in a fresh process.',
  measure: async (run) => {
    const made = await bundleFunctions(run.folder);
    const rows: ResultRow[] = [];
    for (const name of FUNCTION_NAMES) rows.push(...(await measureBundle(name, made, run)));
    return rows;
  },
};
