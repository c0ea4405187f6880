import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../local-identity.ts';
import type { LocalServer } from '../local-server.ts';

const PROCESS_FILE = fileURLToPath(new URL('dynamodb-process.ts', import.meta.url));
const STOP_GRACE_MS = 10_000;

const startMessage = z.union([z.object({ url: z.string() }), z.object({ failure: z.string() })]);

export interface DynamoDbServer extends LocalServer {
  /** Id of the process the database lives in. */
  readonly processId: number;
}

const start = (dataDir: string, port: number): ChildProcess =>
  fork(PROCESS_FILE, [dataDir, String(port)], {
    env: { AWS_ACCOUNT_ID: LOCAL_ACCOUNT_ID, AWS_REGION: LOCAL_REGION, TZ: 'UTC' },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

const urlOf = async (child: ChildProcess): Promise<string> => {
  const ended = once(child, 'exit').then(() => {
    throw new Error('The local DynamoDB ended before it was ready.');
  });
  const received: unknown[] = await Promise.race([once(child, 'message'), ended]);
  const started = startMessage.parse(received[0]);
  if ('failure' in started) throw new Error(started.failure);
  return started.url;
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  if (child.connected) child.disconnect();
  await ended;
  clearTimeout(killer);
};

/**
 * DynamoDB on this machine: dynalite in a process of its own, data kept under `dataDir`.
 * It checks signatures against the local credentials and refuses what it cannot do. Port 0 lets the system choose.
 * Rejects when the port is taken or another process has the data open.
 */
export const startDynamoDbServer = async (options: {
  readonly dataDir: string;
  readonly port: number;
}): Promise<DynamoDbServer> => {
  const child = start(options.dataDir, options.port);
  try {
    const url = await urlOf(child);
    if (child.pid === undefined) throw new Error('The local DynamoDB has no process id.');
    return { url, processId: child.pid, close: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
};
