import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { copyOverHttp, type CopiedSource } from '../bare-copy.ts';
import { FAST_ZIP, runProgram } from '../outside-program.ts';
import type { Stage } from '../stage.ts';

interface FloorSettings extends CopiedSource {
  /** Made anew. */
  readonly folder: string;
}

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;

/** The least that anybody would do for an export: fetch everything, save it as it came, and zip the folder with Info-ZIP. */
export const readAndZip: Stage<FloorSettings> = async ({ folder, ...source }) => {
  const content = join(folder, 'content');
  await rm(folder, { recursive: true, force: true });
  await mkdir(content, { recursive: true });
  return async () => {
    const startedAt = performance.now();
    const bytes = await copyOverHttp(source, content);
    const readSeconds = secondsSince(startedAt);
    await runProgram(FAST_ZIP, FAST_ZIP.pack(join(folder, 'package.zip')), { cwd: content });
    return { bytes, readSeconds, zipSeconds: secondsSince(startedAt) - readSeconds };
  };
};
