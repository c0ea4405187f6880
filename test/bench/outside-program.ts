import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Whether a program that nobody here wrote is installed. */
export const runsHere = async (program: string, ...args: readonly string[]): Promise<boolean> =>
  promisify(execFile)(program, args).then(
    () => true,
    () => false,
  );
