import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { localSettings, type EmbeddedService, type LocalSettings } from '../../infra/local/local-settings.ts';
import type { LocalClients } from '../../infra/local/local-system.ts';
import { localTokenIssuer } from '../../infra/local/local-token-issuer.ts';
import { ExportApi } from './export-api.ts';

const START_FILE = fileURLToPath(new URL('../../infra/local/commands/start.ts', import.meta.url));

/** What `npm start -- --json` prints when it is ready. */
type Announced = Readonly<Record<EmbeddedService | 'api', string>>;

/** `npm start` in a process of its own, on a folder that outlives it. */
export interface StartedService {
  readonly apiUrl: string;
  readonly endpoints: Readonly<Record<EmbeddedService, string>>;
  readonly settings: LocalSettings;
  readonly clients: LocalClients;
  issueToken(userId: string): Promise<string>;
  apiOf(userId: string): Promise<ExportApi>;
  /** SIGKILL, to the one process or to the functions and the database at the same moment. */
  kill(whom: 'service' | 'all its processes'): Promise<void>;
  close(): Promise<void>;
}

const announcedBy = async (child: ChildProcess): Promise<Announced> => {
  if (child.stdout === null) throw new Error('The service has no standard output.');
  const said: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`The service ended before it was ready. ${said.join('')}`);
  });
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string];
  return JSON.parse(line) as Announced;
};

const clientsOf = ({ region, credentials }: LocalSettings, announced: Announced): LocalClients => ({
  dynamodb: new DynamoDBClient({ region, credentials, endpoint: announced.dynamodb }),
  s3: new S3Client({ region, credentials, endpoint: announced.s3 }),
  sfn: new SFNClient({ region, credentials, endpoint: announced.stepfunctions }),
  eventbridge: new EventBridgeClient({ region, credentials, endpoint: announced.eventbridge }),
});

/** Starts the service, without the sample household, as a person does; `sweepSeconds` 0 for no sweeps. */
export const startService = async (dataDir: string, sweepSeconds: number): Promise<StartedService> => {
  const variables = { LOCAL_DATA_DIR: dataDir, LOCAL_SWEEP_SECONDS: String(sweepSeconds) };
  const flags = ['--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, START_FILE, '--no-sample', '--json'], {
    env: { PATH: process.env['PATH'], HOME: dataDir, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Leads a group of its own, so that all of it can be killed at once.
    detached: true,
  });
  const announced = await announcedBy(child);
  const settings = localSettings(variables);
  const clients = clientsOf(settings, announced);
  const ended = once(child, 'exit');
  const disconnect = () => Object.values(clients).forEach((client: { destroy(): void }) => client.destroy());
  const issuer = await localTokenIssuer(dataDir);
  const issueToken = (userId: string) => issuer.issueToken(userId);

  return {
    apiUrl: announced.api,
    endpoints: announced,
    settings,
    clients,
    issueToken,
    apiOf: async (userId) => new ExportApi(announced.api, await issueToken(userId)),
    kill: async (whom) => {
      const { pid } = child;
      if (pid === undefined) throw new Error('The service has no process.');
      process.kill(whom === 'service' ? pid : -pid, 'SIGKILL');
      await ended;
      disconnect();
    },
    close: async () => {
      disconnect();
      child.kill('SIGTERM');
      await ended;
    },
  };
};
