import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import {
  LOCAL_ACCOUNT_ID,
  LOCAL_CREDENTIALS,
  LOCAL_REGION,
  type LocalCredentials,
} from '../local-identity.ts';
import { PortRefused, type LocalServer } from '../local-server.ts';

const PROCESS_FILE = fileURLToPath(new URL('dynamodb-process.ts', import.meta.url));
const STOP_GRACE_MS = 10_000;

const startMessage = z.union([
  z.object({ url: z.string() }),
  z.object({ failure: z.string(), portRefused: z.boolean() }),
]);

export interface DynamoDbServerOptions {
  readonly dataDir: string;
  readonly port: number;
  /** Those of the local system when absent. */
  readonly credentials?: LocalCredentials;
}

export interface DynamoDbServer extends LocalServer {
  /** Id of the process the database lives in. */
  readonly processId: number;
}

const start = ({ dataDir, port, credentials = LOCAL_CREDENTIALS }: DynamoDbServerOptions): ChildProcess =>
  fork(PROCESS_FILE, [dataDir, String(port)], {
    env: {
      AWS_ACCOUNT_ID: LOCAL_ACCOUNT_ID,
      AWS_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      TZ: 'UTC',
    },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

const urlOf = async (child: ChildProcess): Promise<string> => {
  const ended = once(child, 'exit').then(() => {
    throw new Error('The local DynamoDB ended before it was ready.');
  });
  const received: unknown[] = await Promise.race([once(child, 'message'), ended]);
  const started = startMessage.parse(received[0]);
  if ('failure' in started) {
    throw started.portRefused ? new PortRefused(started.failure) : new Error(started.failure);
  }
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
 * It checks signatures against the credentials and refuses what it cannot do. Port 0 lets the system choose.
 * Rejects when the port is taken or another process has the data open.
 */
export const startDynamoDbServer = async (options: DynamoDbServerOptions): Promise<DynamoDbServer> => {
  const child = start(options);
  try {
    const url = await urlOf(child);
    if (child.pid === undefined) throw new Error('The local DynamoDB has no process id.');
    return { url, processId: child.pid, close: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
};
