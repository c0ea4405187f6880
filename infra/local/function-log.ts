import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where a person looks when a function failed: one line for each line a function wrote, after the function's name. */
export const functionLogFile = (dataDir: string): string => join(dataDir, 'functions.log');

export const openFunctionLog = (dataDir: string) => {
  mkdirSync(dataDir, { recursive: true });
  const file = createWriteStream(functionLogFile(dataDir), { flags: 'a' });
  return {
    write: (functionName: string, line: string): void => {
      file.write(`${functionName} ${line}\n`);
    },
    close: (): Promise<void> => new Promise((resolve) => file.end(() => resolve())),
  };
};
