import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from './error-code.ts';
import { InvalidSetting } from './local-settings.ts';

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
};

/**
 * Makes a folder, and those above it, unless it is there. Node's own `recursive` tries for ever where the system says
 * that a folder is missing which is there, as it does under /proc.
 */
export const makeFolder = async (folder: string): Promise<void> => {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  try {
    await mkdir(folder);
  } catch (error) {
    if (!hasCode(error, 'EEXIST') || !(await isFolder(folder))) throw error;
  }
};

const isFileError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'syscall' in error && 'path' in error;

/**
 * Runs what needs the data folder.
 * @throws InvalidSetting when a file or folder there cannot be had
 */
export const inDataFolder = async <T>(dataDir: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    if (!isFileError(cause)) throw cause;
    const advice = 'Set LOCAL_DATA_DIR to a folder that you may write to.';
    throw new InvalidSetting(`The data folder ${dataDir} cannot be used. ${advice}`, { cause });
  }
};
