import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailed, sentenceOf } from '../../infra/local/commands/command-line.ts';

/** Processes that want a CPU, averaged over the last minute. */
export const machineLoad = (): number => loadavg()[0] ?? 0;

interface Measurement {
  readonly command: 'bench' | 'load';
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Runs a measurement with an empty folder, which is removed after it. @throws CommandFailed that names the measurement */
export const inOwnFolder = async <T>(
  { command, name, signal }: Measurement,
  measure: (folder: string) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), `export-${command}-${name}-`));
  try {
    return await measure(folder);
  } catch (error) {
    throw new CommandFailed(signal.aborted ? 'Stopped.' : `${name}: ${sentenceOf(error)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
