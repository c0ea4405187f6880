import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  claimDataFolder,
  findRunningService,
  RUNNING_SERVICE_FILE,
} from '../../../../../infra/local/commands/data-folder.ts';
import { listenOnLoopback } from '../../../../../infra/local/local-server.ts';

const ENDPOINTS = {
  dynamodb: 'http://d',
  s3: 'http://s',
  stepfunctions: 'http://f',
  eventbridge: 'http://e',
};

describe('the claim on a data folder', () => {
  let dataDir: string;
  /** Another program that lives while a test runs. */
  let other: ChildProcess;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'data-folder-'));
    other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
    await once(other, 'spawn');
  });
  afterEach(async () => {
    await endOther();
    await rm(dataDir, { recursive: true });
  });

  const endOther = async (): Promise<void> => {
    if (other.exitCode !== null || other.signalCode !== null) return;
    other.kill();
    await once(other, 'exit');
  };

  const record = (content: unknown) =>
    writeFile(
      join(dataDir, RUNNING_SERVICE_FILE),
      typeof content === 'string' ? content : JSON.stringify(content),
    );

  it('refuses a folder another living process is starting on, and names the process', async () => {
    await record({ pid: other.pid });
    await expect(claimDataFolder(dataDir)).rejects.toThrow(`process ${String(other.pid)}`);
    await expect(findRunningService(dataDir)).resolves.toBeUndefined();
    await endOther();
    const claim = await claimDataFolder(dataDir);
    await claim.release();
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('takes over the folder of a dead service whose process id belongs to another program by now', async () => {
    const dead = await listenOnLoopback(createServer(), 0);
    await dead.close();
    await record({ pid: other.pid, api: dead.url, endpoints: ENDPOINTS });
    await (await claimDataFolder(dataDir)).release();
  });

  it('finds a service that answers, and refuses to start another on its folder', async () => {
    const api = await listenOnLoopback(
      createServer((_, response) => response.writeHead(404).end()),
      0,
    );
    await record({ pid: other.pid, api: api.url, endpoints: ENDPOINTS });
    await expect(findRunningService(dataDir)).resolves.toEqual({ api: api.url, endpoints: ENDPOINTS });
    await expect(claimDataFolder(dataDir)).rejects.toThrow('runs on');
    await api.close();
  });

  it('takes over a folder whose record cannot be read', async () => {
    await record('half a rec');
    await (await claimDataFolder(dataDir)).release();
    expect(await readdir(dataDir)).toEqual([]);
  });
});
