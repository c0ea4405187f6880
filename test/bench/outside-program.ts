import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { StageResult } from './stage.ts';

/** A program that nobody here wrote. */
export interface OutsideProgram {
  readonly name: string;
  readonly file: string;
  /** That do nothing but show that it is there. */
  readonly probe: readonly string[];
}

interface Zipper extends OutsideProgram {
  /** That pack the folder in which it runs into a ZIP. */
  readonly pack: (zip: string) => readonly string[];
}

interface Unzipper extends OutsideProgram {
  /** That read every entry of a ZIP and compare its checksum. */
  readonly test: (zip: string) => readonly string[];
}

const PYTHON = { name: 'Python zipfile', file: 'python3', probe: ['--version'] };
const PACK_BY_PYTHON = `
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as package:
    for folder, _, names in os.walk('.'):
        for name in names:
            package.write(os.path.join(folder, name))
`;
const TEST_BY_PYTHON =
  'import sys, zipfile\nbad = zipfile.ZipFile(sys.argv[1]).testzip()\nassert bad is None, bad';

/** Info-ZIP as it is used where time is short. */
export const FAST_ZIP: Zipper = {
  name: 'Info-ZIP, level 1',
  file: 'zip',
  probe: ['-v'],
  pack: (zip) => ['-1', '-q', '-r', zip, '.'],
};

export const ZIPPERS: readonly Zipper[] = [
  { name: 'Info-ZIP', file: 'zip', probe: ['-v'], pack: (zip) => ['-q', '-r', zip, '.'] },
  { name: '7-Zip', file: '7z', probe: ['i'], pack: (zip) => ['a', '-tzip', '-bd', '-y', zip, '.'] },
  { ...PYTHON, pack: (zip) => ['-c', PACK_BY_PYTHON, zip] },
];

export const UNZIPPERS: readonly Unzipper[] = [
  { name: 'Info-ZIP unzip -t', file: 'unzip', probe: ['-v'], test: (zip) => ['-tqq', zip] },
  { ...PYTHON, name: 'Python testzip', test: (zip) => ['-c', TEST_BY_PYTHON, zip] },
];

interface RunOptions {
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

/** Runs it to its end. @throws Error when it fails */
export const runProgram = async (
  { file }: OutsideProgram,
  parameters: readonly string[],
  options: RunOptions = {},
): Promise<void> => {
  await promisify(execFile)(file, parameters, options);
};

export const isInstalled = (program: OutsideProgram): Promise<boolean> =>
  runProgram(program, program.probe).then(
    () => true,
    () => false,
  );

/** Those that this machine has. */
export const installed = async <Program extends OutsideProgram>(
  programs: readonly Program[],
): Promise<Program[]> => {
  const there = await Promise.all(programs.map(isInstalled));
  return programs.filter((_, index) => there[index]);
};

/** What running it took; its CPU and memory are not looked at. `out` is the file that it writes, if it does. */
export const programResult = async (
  program: OutsideProgram,
  parameters: readonly string[],
  { out, ...options }: RunOptions & { readonly out?: string },
): Promise<StageResult> => {
  const startedAt = performance.now();
  await runProgram(program, parameters, options);
  const seconds = (performance.now() - startedAt) / 1000;
  const told = out === undefined ? {} : { bytes: (await stat(out)).size };
  return { seconds, cpuSeconds: NaN, peakMemoryBytes: NaN, told };
};
