import { Command } from 'commander';
import { availableParallelism } from 'node:os';
import * as z from 'zod/mini';
import {
  CommandFailed,
  printLines,
  printNote,
  runCommand,
  stopSignal,
  WrongUse,
} from '../../infra/local/commands/command-line.ts';
import type { ResultRow } from '../bench/bench-case.ts';
import { inOwnFolder, machineLoad } from '../bench/in-own-folder.ts';
import { isMissed, resultLines } from '../bench/result-lines.ts';
import type { LoadRun, LoadScenario } from './load-scenario.ts';
import { LOAD_SCENARIOS, USUAL_SCENARIOS } from './load-scenarios.ts';

const command = new Command('npm run load --')
  .description(
    'Puts the service of this machine under load, each time in a folder of its own, and ends by itself.',
  )
  .argument('[scenario...]', `(default: ${USUAL_SCENARIOS.map(({ name }) => name).join(', ')})`)
  .option('--users <n>', 'how many users')
  .option('--seconds <n>', 'for how long')
  .option('--rate <n>', 'requests a second')
  .option('--points <n>', 'how often the service is killed')
  .option('--seed <n>', 'of the points at which it is killed')
  .addHelpText(
    'after',
    `
Scenarios:
${LOAD_SCENARIOS.map(({ name, about }) => `  ${name.padEnd(8)} ${about}`).join('\n')}

Ends with 0 when all limits are kept and with 1 when one is missed. Servers listen on loopback only. Results depend on what else
the machine does: its load is told beside them.`,
  );

const wholeNumber = z.pipe(
  z.string().check(z.regex(/^[1-9]\d{0,8}$/, 'Numbers must be whole, and at least 1.')),
  z.transform((digits: string) => Number(digits)),
);
const loadOptions = z.object({
  users: z.optional(wholeNumber),
  seconds: z.optional(wholeNumber),
  rate: z.optional(wholeNumber),
  points: z.optional(wholeNumber),
  seed: z.optional(wholeNumber),
});

const given = (): z.infer<typeof loadOptions> => {
  const options = loadOptions.safeParse(command.opts());
  if (options.success) return options.data;
  throw new WrongUse(options.error.issues.map(({ message }) => message).join(' '));
};

const chosen = (names: readonly string[]): readonly LoadScenario[] => {
  if (names.length === 0) return USUAL_SCENARIOS;
  return names.map((name) => {
    const found = LOAD_SCENARIOS.find((known) => known.name === name);
    if (found === undefined) throw new WrongUse(`There is no scenario "${name}".`);
    return found;
  });
};

const measured = ({ name, measure }: LoadScenario, run: Omit<LoadRun, 'folder'>): Promise<ResultRow[]> =>
  inOwnFolder({ command: 'load', name, signal: run.signal }, async (folder) => {
    const rows = await measure({ ...run, folder });
    return rows.map((row) => ({ ...row, name: `${name}: ${row.name}` }));
  });

await runCommand(command, async () => {
  const run = { given: given(), signal: stopSignal(), note: printNote };
  const before = machineLoad();
  const rows: ResultRow[] = [];
  for (const scenario of chosen(command.args)) rows.push(...(await measured(scenario, run)));
  printLines(
    `${availableParallelism()} CPUs, load ${before.toFixed(1)} before and ${machineLoad().toFixed(1)} after`,
    ...resultLines(rows),
  );
  const missed = rows.filter(isMissed).length;
  if (missed > 0) throw new CommandFailed(`${missed} of the limits ${missed === 1 ? 'is' : 'are'} missed.`);
});
