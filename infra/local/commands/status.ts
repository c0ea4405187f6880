import { Command, Option } from 'commander';
import * as z from 'zod/mini';
import { LOCAL_WORKFLOW_ARN } from '../export-workflow.ts';
import { printLines, runCommand, WrongUse } from './command-line.ts';
import { executionList } from './execution-list.ts';
import { executionStates } from './execution-states.ts';
import { operatorAccess } from './operator-access.ts';

const command = new Command('npm run status --')
  .description(
    'Shows the newest exports, or the states that one export went through, as an operator looks at them.',
  )
  .argument('[exportId]', 'the export to look into')
  .addOption(new Option('--limit <number>', 'how many exports to list, 1 to 1000').default('20'))
  .option('--state-machine <arn>', 'the workflow to look at', LOCAL_WORKFLOW_ARN)
  .addHelpText(
    'after',
    `
Looks at the local service on LOCAL_DATA_DIR (.local unless given), or at AWS_ENDPOINT_URL_SFN and
AWS_ENDPOINT_URL_DYNAMODB with the AWS credentials of the environment.`,
  );

const statusOptions = z.object({ limit: z.string(), stateMachine: z.string() });

const limitOf = (text: string): number => {
  const limit = Number(text);
  if (/^\d{1,4}$/.test(text) && limit >= 1 && limit <= 1000) return limit;
  throw new WrongUse(`--limit must be a whole number from 1 to 1000, but is "${text}".`);
};

await runCommand(command, async () => {
  const { limit, stateMachine } = statusOptions.parse(command.opts());
  const wanted = limitOf(limit);
  const access = await operatorAccess();
  const [exportId] = command.args;
  const lines =
    exportId === undefined
      ? executionList(access, stateMachine, wanted)
      : executionStates(access, stateMachine, exportId);
  printLines(...(await lines));
});
