import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { hasCode } from '../error-code.ts';
import { EMBEDDED_SERVICES } from '../local-settings.ts';
import type { LocalSystem } from '../local-system.ts';
import { inDataFolder, makeFolder } from '../usable-folder.ts';
import { CommandFailed } from './command-line.ts';

const runningService = z.object({
  pid: z.int(),
  /** Base URL; with those of the services absent until all of them listen. */
  api: z.optional(z.string()),
  endpoints: z.optional(z.record(z.enum(EMBEDDED_SERVICES), z.string())),
});
type RunningService = z.infer<typeof runningService>;

/** Says which process works with a data folder, and where its servers listen. It lies in the folder while that process runs. */
export const RUNNING_SERVICE_FILE = 'running-service.json';
const recordFile = (dataDir: string): string => join(dataDir, RUNNING_SERVICE_FILE);

/** The record as text; undefined when there is none. */
const recordText = async (dataDir: string): Promise<string | undefined> => {
  try {
    return await readFile(recordFile(dataDir), 'utf8');
  } catch (error) {
    // Where the folder's path leads through a file, there is no folder and so no service.
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
};

const parseRecord = (text: string): RunningService | undefined => {
  try {
    return runningService.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is alive too.
    return hasCode(error, 'EPERM');
  }
};

const answers = async (url: string): Promise<boolean> => {
  try {
    await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
};

/** A killed process leaves its record behind, and its id may be another program's by now. */
const isRunning = async ({ pid, api }: RunningService): Promise<boolean> =>
  pid !== process.pid && isAlive(pid) && (api === undefined || (await answers(api)));

export interface FoundService {
  /** Base URL. */
  readonly api: string;
  readonly endpoints: LocalSystem['endpoints'];
}

/** The service that runs on a data folder; undefined when none does, or none is ready. */
export const findRunningService = async (dataDir: string): Promise<FoundService | undefined> => {
  const text = await recordText(dataDir);
  const record = text === undefined ? undefined : parseRecord(text);
  if (record?.api === undefined || record.endpoints === undefined) return undefined;
  return (await isRunning(record)) ? { api: record.api, endpoints: record.endpoints } : undefined;
};

export interface DataFolderClaim {
  /** Lets other commands find the service. */
  announce(system: LocalSystem): Promise<void>;
  release(): Promise<void>;
}

const writeClaim = async (dataDir: string): Promise<boolean> => {
  try {
    const file = await open(recordFile(dataDir), 'wx');
    await file.writeFile(`${JSON.stringify({ pid: process.pid })}\n`);
    await file.close();
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
};

const refuseIfClaimed = async (dataDir: string): Promise<void> => {
  const record = parseRecord((await recordText(dataDir)) ?? '');
  if (record === undefined || !(await isRunning(record))) return;
  throw new CommandFailed(
    `A service runs on ${dataDir} already (process ${record.pid}). ` +
      'Stop it first, or set LOCAL_DATA_DIR to another folder.',
  );
};

/**
 * Takes a data folder for this process alone, so that two services never write to one folder.
 * @throws CommandFailed when another process has it, InvalidSetting when it cannot be written to
 */
export const claimDataFolder = async (dataDir: string): Promise<DataFolderClaim> => {
  const isOurs = await inDataFolder(dataDir, async () => {
    await makeFolder(dataDir);
    return writeClaim(dataDir);
  });
  if (!isOurs) {
    await refuseIfClaimed(dataDir);
    await rm(recordFile(dataDir), { force: true });
    if (!(await writeClaim(dataDir))) {
      throw new CommandFailed(`Another service is starting on ${dataDir}. Wait for it, or stop it.`);
    }
  }
  return {
    async announce({ apiUrl, endpoints }) {
      const record: RunningService = { pid: process.pid, api: apiUrl, endpoints };
      const next = `${recordFile(dataDir)}.next`;
      await writeFile(next, `${JSON.stringify(record, null, 2)}\n`);
      await rename(next, recordFile(dataDir));
    },
    release: () => rm(recordFile(dataDir), { force: true }),
  };
};
