import { once } from 'node:events';
import { Command } from 'commander';
import * as z from 'zod/mini';
import { LOCAL_WORKFLOW_ARN } from '../export-workflow.ts';
import { functionLogFile } from '../function-log.ts';
import { localSettings, type LocalSettings } from '../local-settings.ts';
import { startLocalSystem, type LocalSystem } from '../local-system.ts';
import { OPERATORS_PATH } from '../operators-view/operators-view.ts';
import { SAMPLE_USER_ID, SECOND_SAMPLE_USER_ID } from '../sample-household/household-plans.ts';
import { printLines, printNote, runCommand, stopSignal } from './command-line.ts';
import { claimDataFolder } from './data-folder.ts';
import { textTable } from './text-table.ts';

const command = new Command('npm start --')
  .description('Serves the export on this machine until it is stopped (Ctrl-C).')
  .option('--no-sample', 'start without the sample household')
  .option('--json', 'one line of JSON on standard output when ready, and nothing else (npm start --silent)')
  .addHelpText(
    'after',
    `
Variables: LOCAL_API_PORT, LOCAL_DYNAMODB_PORT, LOCAL_S3_PORT, LOCAL_SFN_PORT, LOCAL_EVENTBRIDGE_PORT (free ports unless
given), LOCAL_DATA_DIR (.local unless given), LOCAL_SWEEP_SECONDS (60 unless given). AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_SFN and
AWS_ENDPOINT_URL_EVENTBRIDGE each replace an embedded service by another AWS-compatible one.`,
  );

const startOptions = z.object({ sample: z.boolean(), json: z._default(z.boolean(), false) });

const readyJson = ({ apiUrl, endpoints, settings }: LocalSystem): string =>
  JSON.stringify({
    page: `${apiUrl}/`,
    api: apiUrl,
    dynamodb: endpoints.dynamodb,
    s3: endpoints.s3,
    stepfunctions: endpoints.stepfunctions,
    eventbridge: endpoints.eventbridge,
    dataDir: settings.dataDir,
    region: settings.region,
    accessKeyId: settings.credentials.accessKeyId,
    secretAccessKey: settings.credentials.secretAccessKey,
  });

const credentialLines = ({ settings }: LocalSystem): string[] =>
  Object.keys(settings.replaced).length > 0
    ? ['(with the credentials of your environment)']
    : [
        `export AWS_REGION=${settings.region} AWS_DEFAULT_REGION=${settings.region}`,
        `export AWS_ACCESS_KEY_ID=${settings.credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${settings.credentials.secretAccessKey}`,
      ];

const readyText = async (system: LocalSystem): Promise<string[]> => {
  const { apiUrl, endpoints, settings } = system;
  const token = await system.issueToken(SAMPLE_USER_ID);
  const places = textTable(
    [{ title: 'Page' }, { title: `${apiUrl}/` }],
    [
      ['API', apiUrl],
      ['DynamoDB', endpoints.dynamodb],
      ['S3', endpoints.s3],
      ['Step Functions', endpoints.stepfunctions],
      ['EventBridge', endpoints.eventbridge],
      ['Executions', `${apiUrl}${OPERATORS_PATH}`],
      ['Data', settings.dataDir],
      ['Logs', functionLogFile(settings.dataDir)],
    ],
  );
  return [
    'The household export is ready.',
    '',
    ...places,
    '',
    `A token for ${SAMPLE_USER_ID} (the second user is ${SECOND_SAMPLE_USER_ID}; npm run token -- USER makes more):`,
    token,
    '',
    'Start an export:',
    `curl -i -X POST ${apiUrl}/export -H 'Authorization: Bearer ${token}'`,
    '',
    'For AWS clients:',
    ...credentialLines(system),
    `aws --endpoint-url ${endpoints.stepfunctions} stepfunctions list-executions --state-machine-arn ${LOCAL_WORKFLOW_ARN}`,
    '',
    'In another terminal: npm run export, npm run status. Ctrl-C stops the service; data stay where they are.',
  ];
};

const serve = async (
  settings: LocalSettings,
  sample: boolean,
  ready: (system: LocalSystem) => Promise<void>,
) => {
  const stop = stopSignal();
  const system = await startLocalSystem({ settings, sample });
  try {
    await ready(system);
    if (!stop.aborted) await once(stop, 'abort');
    printNote('Stopping. An export that is running goes on after the next start.');
  } finally {
    await system.close();
  }
};

await runCommand(command, async () => {
  const { sample, json } = startOptions.parse(command.opts());
  const settings = localSettings(process.env);
  const claim = await claimDataFolder(settings.dataDir);
  try {
    if (!json) printLines('Starting …');
    await serve(settings, sample, async (system) => {
      await claim.announce(system);
      printLines(...(json ? [readyJson(system)] : await readyText(system)));
    });
  } finally {
    await claim.release();
  }
});
