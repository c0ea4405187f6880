import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BenchCase, BenchRun, ResultRow } from '../bench-case.ts';
import { benchHousehold, type BenchHousehold, type HouseholdSize } from '../bench-household.ts';
import { collectedExport, type CollectedExport } from '../collected-export.ts';
import { installed, programResult, ZIPPERS } from '../outside-program.ts';
import { measureInTurns, stageRows, stagesOf, type StageResult } from '../stage.ts';
import { startLatencyProcess, startS3Process } from '../started-s3.ts';
import type * as stages from '../stages/package-stages.ts';

/** 215 MB in all; no transactions, which the others would not pack. */
const SIZE: HouseholdSize = {
  transactions: 0,
  files: 5_000,
  smallestFileBytes: 2_000,
  fileBytes: 200_000,
  textFilesInHundred: 50,
};
const STAGES = new URL('../stages/package-stages.ts', import.meta.url);
/** Files of which archiver waits for one after another, where each waits for 30 ms; the time of all follows. */
const SCALED_FILES = 1_000;
const LEAST_FASTER = 2.5;
const LEAST_FASTER_WITH_LATENCY = 10;
const MOST_WITH_LATENCY = 1.5;

type Ways = Record<string, () => Promise<StageResult>>;
type Results = Readonly<Record<string, StageResult>>;

interface Packing {
  readonly run: BenchRun;
  readonly household: BenchHousehold;
  readonly collected: CollectedExport;
  /** S3 by the latency of its calls, in ms. */
  readonly s3: Readonly<Record<0 | 10 | 30, string>>;
  /** Of the same files on disk. */
  readonly folder: string;
  readonly names: readonly string[];
}

const saveFiles = async ({ size, file }: BenchHousehold, folder: string): Promise<string[]> => {
  await mkdir(folder);
  const names: string[] = [];
  for (let index = 0; index < size.files; index += 1) {
    const { s3Key, blocks } = file(index);
    names.push(basename(s3Key));
    await writeFile(join(folder, basename(s3Key)), blocks());
  }
  return names;
};

const scaledFiles = (files: number): number => Math.min(files, SCALED_FILES);

const ourWays = ({ run, collected, s3 }: Packing): Ways =>
  Object.fromEntries(
    ([0, 10, 30] as const).map((latency) => [
      `ours, ${latency} ms`,
      () =>
        stagesOf<typeof stages>(
          STAGES,
          { s3: s3[latency] },
          run.signal,
        )('productPack', {
          collected,
          attemptId: crypto.randomUUID(),
        }),
    ]),
  );

const archiverWay =
  ({ run, household, collected }: Packing, url: string, files: number) =>
  () =>
    stagesOf<typeof stages>(
      STAGES,
      { s3: url },
      run.signal,
    )('archiverOneByOne', {
      ...collected,
      keys: Array.from({ length: files }, (_, index) => household.file(index).s3Key),
    });

const limitWays = ({ run, folder, names }: Packing): Ways => {
  const stage = stagesOf<typeof stages>(STAGES, {}, run.signal);
  const settings = { folder, names, out: join(run.folder, 'limit') };
  return { zlib: () => stage('zlibLevelOne', settings), copy: () => stage('copyFiles', settings) };
};

const programWays = async ({ run: { folder: own, signal }, folder }: Packing): Promise<Ways> => {
  const out = join(own, 'outside.zip');
  const programs = await installed(ZIPPERS);
  return Object.fromEntries(
    programs.map((program) => [
      program.name,
      async () => {
        await rm(out, { force: true });
        return programResult(program, program.pack(out), { cwd: folder, signal, out });
      },
    ]),
  );
};

const resultOf = (results: Results, name: string): StageResult => {
  const result = results[name];
  if (result === undefined) throw new Error(`${name} was not measured.`);
  return result;
};

const ourRows = (results: Results, source: number): ResultRow[] =>
  ([0, 10, 30] as const).flatMap((latency) => {
    const result = resultOf(results, `ours, ${latency} ms`);
    return [
      ...stageRows(`ours, ${latency} ms for each call of S3`, result),
      { name: `ours, ${latency} ms: source`, value: source / 1e6 / result.seconds, unit: 'MB/s' },
    ];
  });

const peerRows = (results: Results, files: number): ResultRow[] => {
  const scale = files / scaledFiles(files);
  const scaled = scale === 1 ? '' : ` (${scaledFiles(files)} files, × ${scale})`;
  return [
    ...stageRows('archiver 6, one after another, 0 ms', resultOf(results, 'archiver, 0 ms')),
    {
      name: `archiver 6, one after another, 30 ms${scaled}`,
      value: resultOf(results, 'archiver, 30 ms').seconds * scale,
      unit: 's',
      plotted: true,
    },
    ...ZIPPERS.filter(({ name }) => results[name] !== undefined).map(({ name }) => ({
      name: `${name}, from disk`,
      value: resultOf(results, name).seconds,
      unit: 's',
      plotted: true,
    })),
    ...stageRows('zlib level 1 alone, from disk', resultOf(results, 'zlib')),
    ...stageRows('copy, from disk', resultOf(results, 'copy')),
  ];
};

const sizeRows = (results: Results): ResultRow[] =>
  Object.entries(results)
    .filter(([name]) => name !== 'archiver, 30 ms' && name !== 'copy' && !/^ours, [13]0 ms$/.test(name))
    .map(([name, { told }]) => ({
      name: `package of ${name.replace(', 0 ms', '')}`,
      value: (told['bytes'] ?? NaN) / 1e6,
      unit: 'MB',
    }));

const limitRows = (results: Results, files: number): ResultRow[] => {
  const ours = resultOf(results, 'ours, 0 ms').seconds;
  const oursLate = resultOf(results, 'ours, 30 ms').seconds;
  const archiver = resultOf(results, 'archiver, 0 ms').seconds;
  const archiverLate = (resultOf(results, 'archiver, 30 ms').seconds * files) / scaledFiles(files);
  const times = { unit: '×', plotted: true } as const;
  return [
    { name: 'faster than archiver 6, 0 ms', value: archiver / ours, atLeast: LEAST_FASTER, ...times },
    {
      name: 'faster than archiver 6, 30 ms',
      value: archiverLate / oursLate,
      atLeast: LEAST_FASTER_WITH_LATENCY,
      ...times,
    },
    { name: 'ours, 30 ms in 0 ms', value: oursLate / ours, limit: MOST_WITH_LATENCY, ...times },
    {
      name: 'ours, in zlib level 1 alone',
      value: ours / resultOf(results, 'zlib').seconds,
      unit: '×',
    },
  ];
};

const measurePacking = async (packing: Packing): Promise<ResultRow[]> => {
  const { run, household, s3 } = packing;
  const { files } = household.size;
  const results: Results = await measureInTurns(
    {
      ...ourWays(packing),
      'archiver, 0 ms': archiverWay(packing, s3[0], files),
      'archiver, 30 ms': archiverWay(packing, s3[30], scaledFiles(files)),
      ...(await programWays(packing)),
      ...limitWays(packing),
    },
    run,
  );
  if (resultOf(results, 'ours, 0 ms').told['files'] !== files) throw new Error('Not all files were packed.');
  const source = resultOf(results, 'copy').told['bytes'] ?? NaN;
  return [
    { name: 'source', value: source / 1e6, unit: 'MB' },
    ...ourRows(results, source),
    ...peerRows(results, files),
    ...sizeRows(results),
    ...limitRows(results, files),
  ];
};

const measure = async (run: BenchRun): Promise<ResultRow[]> => {
  const { files = SIZE.files } = run.given;
  const household = benchHousehold({ ...SIZE, files });
  run.note(`Writing ${files} files …`);
  const folder = join(run.folder, 'files');
  const names = await saveFiles(household, folder);
  const server = await startS3Process(join(run.folder, 's3'), 0);
  const ten = await startLatencyProcess(server.url, 10);
  const thirty = await startLatencyProcess(server.url, 30);
  try {
    const collected = await collectedExport(server.url, household, run.signal);
    const s3 = { 0: server.url, 10: ten.url, 30: thirty.url };
    return await measurePacking({ run, household, collected, s3, folder, names });
  } finally {
    for (const running of [thirty, ten, server]) await running.close();
  }
};

export const packaging: BenchCase = {
  name: 'package',
  about:
    '5,000 files of 2 to 200 kB, half of them text, into one package, against other ways of packing them.',
  measure,
};
