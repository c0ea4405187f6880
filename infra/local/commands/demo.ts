import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import * as z from 'zod/mini';
import { functionLogFile } from '../function-log.ts';
import { localSettings, type LocalSettings } from '../local-settings.ts';
import { startLocalSystem, type LocalSystem } from '../local-system.ts';
import { SAMPLE_USER_ID } from '../sample-household/household-plans.ts';
import { CommandFailed, printLines, printNote, runCommand, sentenceOf, stopSignal } from './command-line.ts';
import { claimDataFolder, RUNNING_SERVICE_FILE } from './data-folder.ts';
import { createExportClient } from './export-client.ts';
import { exportToFile } from './export-to-file.ts';
import { checkDestination } from './package-download.ts';
import { durationText } from './quantities.ts';

const DEMO_FOLDER = '.local/demo';

const command = new Command('npm run demo --')
  .description(
    'Starts everything, exports the sample household, saves its package and checks every byte of it.',
  )
  .option('--out <file>', 'where to save the package (default: under its own name in the current folder)')
  .addHelpText(
    'after',
    `
A file that --out names is replaced; without --out nothing is.
The servers listen on free ports of this machine. Data lies in ${DEMO_FOLDER}, which is emptied first,
or in LOCAL_DATA_DIR, which is used as it is.`,
  );

const demoOptions = z.object({ out: z.optional(z.string()) });

/** Any ports will do, and a service that runs on the usual ones goes on undisturbed. */
const demoSettings = (): LocalSettings => {
  const settings = localSettings(process.env);
  return {
    ...settings,
    dataDir: process.env['LOCAL_DATA_DIR'] ? settings.dataDir : resolve(DEMO_FOLDER),
    ports: { api: 0, dynamodb: 0, s3: 0, stepfunctions: 0, eventbridge: 0 },
  };
};

const emptyExcept = async (folder: string, kept: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (name !== kept) await rm(join(folder, name), { recursive: true, force: true });
  }
};

const exportSample = async (
  system: LocalSystem,
  out: string | undefined,
  signal: AbortSignal,
): Promise<void> => {
  const client = createExportClient({
    url: system.apiUrl,
    token: await system.issueToken(SAMPLE_USER_ID),
    signal,
    onWait: printNote,
  });
  const body = { exportType: 'complete', includeAnalytics: true, description: 'Demonstration' } as const;
  await exportToFile(client, await client.start(body, randomUUID()), { out, signal });
};

/** Runs the export while everything is up, and stops everything whatever comes of it. */
const demonstrate = async (settings: LocalSettings, out: string | undefined): Promise<void> => {
  const signal = stopSignal();
  const startedAt = performance.now();
  printLines(`Starting the service and writing the sample household to ${settings.dataDir} …`);
  const system = await startLocalSystem({ settings, sample: true });
  try {
    printLines(`Ready after ${durationText(performance.now() - startedAt)}.`);
    signal.throwIfAborted();
    await exportSample(system, out, signal);
  } catch (error) {
    if (signal.aborted) throw new CommandFailed('Stopped before the export was done.');
    throw new CommandFailed(`${sentenceOf(error)} Logs: ${functionLogFile(settings.dataDir)}`);
  } finally {
    await system.close();
  }
};

await runCommand(command, async () => {
  const { out } = demoOptions.parse(command.opts());
  await checkDestination(out);
  const settings = demoSettings();
  const claim = await claimDataFolder(settings.dataDir);
  try {
    if (settings.dataDir === resolve(DEMO_FOLDER)) await emptyExcept(settings.dataDir, RUNNING_SERVICE_FILE);
    await demonstrate(settings, out);
  } finally {
    await claim.release();
  }
});
