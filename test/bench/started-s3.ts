import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LocalServer } from '../../infra/local/local-server.ts';

const PROCESS_FILE = fileURLToPath(new URL('s3-process.ts', import.meta.url));

/** The embedded S3 in a process of its own; each call waits `latencyMs` first. */
export const startS3Process = async (dataDir: string, latencyMs: number): Promise<LocalServer> => {
  const child = fork(PROCESS_FILE, [dataDir, String(latencyMs)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const [url] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('S3 ended before it was ready.'))),
  ])) as [string];
  return {
    url,
    close: async () => {
      child.disconnect();
      await ended;
    },
  };
};
