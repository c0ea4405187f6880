import { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import * as z from 'zod/mini';
import {
  printLines,
  printNote,
  runCommand,
  stopSignal,
  WrongUse,
} from '../../infra/local/commands/command-line.ts';
import type { BenchCase, BenchRun, ResultRow } from './bench-case.ts';
import { BENCH_CASES } from './bench-cases.ts';
import { inOwnFolder, machineLoad } from './in-own-folder.ts';
import { memorySlope } from './memory-slope.ts';
import { ratioOf, resultLines } from './result-lines.ts';
import { resultsSvg } from './results-svg.ts';

const command = new Command('npm run bench --')
  .description('Measures the service on this machine, each case in processes and a folder of its own.')
  .option('--only <name...>', 'only these cases')
  .option('--json', 'print one JSON document instead of tables')
  .option('--svg <file>', 'draw the main results into this file too')
  .option('--repetitions <n>', 'runs of what a median is told of', '5')
  .option('--transactions <n>', 'in the household that is exported')
  .option('--files <n>', 'in the household that is exported')
  .option('--file-bytes <n>', 'of each of these files')
  .addHelpText(
    'after',
    `
Cases:
${BENCH_CASES.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}

Servers listen on loopback only, data lies in a folder under ${tmpdir()} that is removed at the end. The cases huge, many-files and large-entry take
some ten minutes and up to 20 GB of disk. Results depend on what else the machine does: its load is told beside them.`,
  );

const wholeNumber = z.pipe(
  z.string().check(z.regex(/^\d{1,12}$/, 'Numbers must be whole.')),
  z.transform((digits: string) => Number(digits)),
);

const benchOptions = z.object({
  only: z.optional(z.array(z.string())),
  json: z.optional(z.boolean()),
  svg: z.optional(z.string()),
  repetitions: wholeNumber,
  transactions: z.optional(wholeNumber),
  files: z.optional(wholeNumber),
  fileBytes: z.optional(wholeNumber),
});
type BenchOptions = z.infer<typeof benchOptions>;

const given = (): BenchOptions => {
  const options = benchOptions.safeParse(command.opts());
  if (options.success) return options.data;
  throw new WrongUse(options.error.issues.map(({ message }) => message).join(' '));
};

const chosen = (only: readonly string[] | undefined): BenchCase[] => {
  const unknown = only?.find((name) => !BENCH_CASES.some((known) => known.name === name));
  if (unknown !== undefined) throw new WrongUse(`There is no case "${unknown}".`);
  return BENCH_CASES.filter(({ name }) => only?.includes(name) ?? true);
};

interface CaseResult {
  readonly case: string;
  readonly seconds: number;
  readonly loadBefore: number;
  readonly loadAfter: number;
  readonly rows: readonly ResultRow[];
}

const measured = ({ name, measure }: BenchCase, run: Omit<BenchRun, 'folder'>): Promise<CaseResult> =>
  inOwnFolder({ command: 'bench', name, signal: run.signal }, async (folder) => {
    const startedAt = performance.now();
    const loadBefore = machineLoad();
    const rows = await measure({ ...run, folder });
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    return { case: name, seconds, loadBefore, loadAfter: machineLoad(), rows };
  });

const caseLines = ({ case: name, seconds, loadBefore, loadAfter, rows }: CaseResult): string[] => [
  `${name}: ${seconds} s in all, ${availableParallelism()} CPUs, load ${loadBefore.toFixed(1)} before and ` +
    `${loadAfter.toFixed(1)} after`,
  ...resultLines(rows).map((line) => `  ${line}`),
  '',
];

const withRatios = (rows: readonly ResultRow[]) => rows.map((row) => ({ ...row, ratio: ratioOf(row) }));

const jsonOf = (results: readonly CaseResult[], memory: readonly ResultRow[]): string =>
  JSON.stringify({
    node: process.version,
    cpus: availableParallelism(),
    results: results.map((result) => ({ ...result, rows: withRatios(result.rows) })),
    memory: withRatios(memory),
  });

const memoryLines = (rows: readonly ResultRow[]): string[] =>
  rows.length === 0
    ? []
    : ['memory: what functions grow by with the data', ...resultLines(rows).map((line) => `  ${line}`), ''];

/** Sizes that were asked for are told: what they give is not comparable with anything else. */
const plotNote = ({ repetitions, transactions, files, fileBytes }: BenchOptions): string => {
  const sizes = Object.entries({ transactions, files, 'file-bytes': fileBytes })
    .filter(([, size]) => size !== undefined)
    .map(([name, size]) => `, --${name} ${size ?? ''}`);
  const day = new Date().toISOString().slice(0, 10);
  return `${availableParallelism()} CPUs, Node ${process.version}, ${day}; medians of ${repetitions}${sizes.join('')}`;
};

await runCommand(command, async () => {
  const options = given();
  const { only, json = false, svg, repetitions, ...sizes } = options;
  const run = { given: sizes, repetitions, signal: stopSignal(), note: printNote };
  const results: CaseResult[] = [];
  for (const benchCase of chosen(only)) {
    const result = await measured(benchCase, run);
    results.push(result);
    if (!json) printLines(...caseLines(result));
  }
  const memory = memorySlope(results);
  printLines(...(json ? [jsonOf(results, memory)] : memoryLines(memory)));
  if (svg === undefined) return;
  const cases = [...results, { case: 'memory', rows: memory }];
  await writeFile(
    svg,
    resultsSvg({ title: 'Household export: npm run bench', note: plotNote(options), cases }),
  );
});
