import { Command, Option } from 'commander';
import * as z from 'zod/mini';
import { DynamoActiveExports } from '../../../shared/aws/dynamo-active-exports.ts';
import { DynamoJobStore } from '../../../shared/aws/dynamo-job-store.ts';
import { SfnWorkflow } from '../../../shared/aws/sfn-workflow.ts';
import { ExportNotFound, ExportNotRetryable } from '../../../shared/domain/errors.ts';
import type { ExportJob } from '../../../shared/domain/export-job.ts';
import type { Log } from '../../../shared/ports.ts';
import { createRetryExport } from '../../../shared/use-cases/retry-export.ts';
import type { OperatorAccess } from '../operators-view/execution-reader.ts';
import { printLines, printNote, runCommand, sentenceOf, WrongUse } from './command-line.ts';
import { OPERATED_SYSTEM, operatedSystem, operatedSystemOptions, operatorAccess } from './operator-access.ts';

const command = new Command('npm run retry --')
  .description(
    'Starts the request of a failed export again, as a new export of the same user that names the failed one as retryOf. ' +
      'Doing it twice starts one.',
  )
  .argument('<exportId>', 'the failed export')
  .addOption(new Option('--active-cap <number>', "how many of a user's exports may be active").default('2'))
  .addHelpText('after', OPERATED_SYSTEM);
for (const option of operatedSystemOptions()) command.addOption(option);

const retryOptions = z.extend(operatedSystem, { activeCap: z.string() });

const capOf = (text: string): number => {
  if (/^\d{1,2}$/.test(text) && Number(text) > 0) return Number(text);
  throw new WrongUse(`--active-cap must be a whole number from 1 to 99, but is "${text}".`);
};

/** What ends in an error is told by it; here is the rest. */
const log: Log = {
  about: () => undefined,
  info: printNote,
  warn: printNote,
  failure: (message, error) => printNote(`${message} (${sentenceOf(error)})`),
};

const retry = async (
  { sfn, dynamodb, stateMachineArn, jobsTable }: OperatorAccess,
  activeExportCap: number,
  exportId: string,
): Promise<ExportJob> => {
  const retryExport = createRetryExport({
    jobs: new DynamoJobStore(dynamodb, jobsTable),
    activeExports: new DynamoActiveExports(dynamodb, jobsTable),
    workflow: new SfnWorkflow(sfn, stateMachineArn),
    // An operator need not be permitted to publish: what is in the outbox goes with the export's end or the next sweep.
    publish: () => Promise.resolve(false),
    clock: { now: () => Date.now() },
    log,
    // CloudWatch takes them from the logs of functions, and this is none.
    metrics: { record: () => undefined },
    activeExportCap,
  });
  try {
    return await retryExport(exportId);
  } catch (error) {
    const isRefused = error instanceof ExportNotFound || error instanceof ExportNotRetryable;
    throw isRefused ? new WrongUse(error.message) : error;
  }
};

await runCommand(command, async () => {
  const { activeCap, ...system } = retryOptions.parse(command.opts());
  const cap = capOf(activeCap);
  const access = await operatorAccess(system);
  const [failedExportId = ''] = command.args;
  const { exportId, status } = await retry(access, cap, failedExportId);
  printLines(
    `Export ${exportId} retries ${failedExportId}; its status is ${status}.`,
    `npm run status -- ${exportId}, with the same options, shows how it goes.`,
  );
});
