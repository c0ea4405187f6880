import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LocalServer } from '../../infra/local/local-server.ts';

/** Starts a server in a process of its own, whose module tells its URL by message and ends with the channel. */
export const startServerProcess = async (module: URL, args: readonly string[]): Promise<LocalServer> => {
  const child = fork(fileURLToPath(module), args, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const [url] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error(`${module.pathname} ended before it was ready.`))),
  ])) as [string];
  return {
    url,
    close: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
};

/** To be called in such a process once the server listens. */
export const serveUntilDisconnected = ({ url }: LocalServer): void => {
  // Ctrl-C reaches the whole process group; the parent decides when this ends, and its own end closes the channel too.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => process.exit(0));
  process.send?.(url);
};
