import { open, stat } from 'node:fs/promises';
import type { RandomAccessSource } from '../../../shared/verification/random-access-source.ts';
import { WrongUse } from './command-line.ts';

export interface FileSource extends RandomAccessSource {
  close(): Promise<void>;
}

const openFile = async (path: string) => {
  try {
    return await open(path);
  } catch (error) {
    throw new WrongUse(`${path} cannot be opened.`, { cause: error });
  }
};

/** A file whose parts are read as they are asked for. @throws WrongUse when there is no such file */
export const openFileSource = async (path: string): Promise<FileSource> => {
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true) {
    throw new WrongUse(`${path} is a folder, not a package.`);
  }
  const file = await openFile(path);
  const { size } = await file.stat();
  return {
    size,
    read: async (start, length) => {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
};
