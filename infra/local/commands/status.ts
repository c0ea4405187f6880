import { Command, Option } from 'commander';
import * as z from 'zod/mini';
import { printLines, runCommand, WrongUse } from './command-line.ts';
import { executionList } from './execution-list.ts';
import { executionStates } from './execution-states.ts';
import { OPERATED_SYSTEM, operatedSystem, operatedSystemOptions, operatorAccess } from './operator-access.ts';

const command = new Command('npm run status --')
  .description(
    'Shows the newest exports, or the states that one export went through, as an operator looks at them.',
  )
  .argument('[exportId]', 'the export to look into')
  .addOption(new Option('--limit <number>', 'how many exports to list, 1 to 1000').default('20'))
  .addHelpText('after', OPERATED_SYSTEM);
for (const option of operatedSystemOptions()) command.addOption(option);

const statusOptions = z.extend(operatedSystem, { limit: z.string() });

const limitOf = (text: string): number => {
  const limit = Number(text);
  if (/^\d{1,4}$/.test(text) && limit >= 1 && limit <= 1000) return limit;
  throw new WrongUse(`--limit must be a whole number from 1 to 1000, but is "${text}".`);
};

await runCommand(command, async () => {
  const { limit, ...system } = statusOptions.parse(command.opts());
  const wanted = limitOf(limit);
  const access = await operatorAccess(system);
  const [exportId] = command.args;
  const lines = exportId === undefined ? executionList(access, wanted) : executionStates(access, exportId);
  printLines(...(await lines));
});
