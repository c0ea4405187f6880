import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import * as z from 'zod/mini';
import { EXPORT_FORMATS, EXPORT_TYPES } from '../../../shared/domain/export-request.ts';
import { SAMPLE_USER_ID } from '../sample-household/household-plans.ts';
import { CommandFailed, printNote, runCommand, stopSignal, WrongUse } from './command-line.ts';
import { createExportClient, type ExportClient } from './export-client.ts';
import { exportToFile } from './export-to-file.ts';
import { checkDestination } from './package-download.ts';
import { chooseService } from './service-choice.ts';

const command = new Command('npm run export --')
  .description(
    'Exports a household over HTTP from the local service or a deployed one, saves the package and checks it.',
  )
  .addOption(new Option('--type <type>', 'what to export').choices(EXPORT_TYPES).default('complete'))
  .addOption(new Option('--format <format>', 'what to make of it').choices(EXPORT_FORMATS).default('zip'))
  .option('--analytics', 'include the analytics')
  .option('--csv', 'add accounts and transactions as tables for spreadsheets (ZIP only)')
  .option('--description <text>', 'a note that is kept with the export')
  .option('--out <file>', 'where to save the package (default: under its own name in the current folder)')
  .option('--url <url>', 'base URL of a deployed service (default: EXPORT_API_URL, else the local service)')
  .option('--token <token>', 'access token (default: EXPORT_TOKEN, else one of the local issuer)')
  .option('--user <id>', `user of the local service to export (default: ${SAMPLE_USER_ID})`)
  .option('--idempotency-key <key>', 'the same key and request start one export only')
  .addOption(
    new Option('--id <exportId>', 'go on with an export that was started before').conflicts([
      'analytics',
      'csv',
      'description',
      'idempotencyKey',
    ]),
  )
  .addHelpText(
    'after',
    `
A file that --out names is replaced; without --out nothing is.
A token is safer in EXPORT_TOKEN than behind --token, where other users of this machine can see it.`,
  );

const exportOptions = z.object({
  type: z.enum(EXPORT_TYPES),
  format: z.enum(EXPORT_FORMATS),
  analytics: z._default(z.boolean(), false),
  csv: z._default(z.boolean(), false),
  description: z.optional(z.string()),
  out: z.optional(z.string()),
  url: z.optional(z.string()),
  token: z.optional(z.string()),
  user: z.optional(z.string()),
  idempotencyKey: z.optional(
    z.string().check(z.regex(/^[\x21-\x7e]{1,255}$/, 'A key has 1 to 255 visible ASCII characters.')),
  ),
  id: z.optional(z.string()),
});
type ExportOptions = z.infer<typeof exportOptions>;

const readOptions = (): ExportOptions => {
  const options = exportOptions.safeParse(command.opts());
  if (options.success) return options.data;
  throw new WrongUse(options.error.issues.map(({ message }) => message).join(' '));
};

const startOrGoOn = (client: ExportClient, options: ExportOptions): string | Promise<string> => {
  const { id, type, format, analytics, csv, description, idempotencyKey = randomUUID() } = options;
  if (id !== undefined) return id;
  const body = {
    exportType: type,
    exportFormat: format,
    includeAnalytics: analytics,
    includeCsv: csv,
    ...(description === undefined ? {} : { description }),
  };
  return client.start(body, idempotencyKey);
};

/** The command that goes on where this one stopped. */
const commandToGoOn = (exportId: string, { url, user }: ExportOptions): string =>
  [
    `npm run export -- --id ${exportId}`,
    ...(url === undefined ? [] : [`--url ${url}`]),
    ...(user === undefined ? [] : [`--user ${user}`]),
  ].join(' ');

const stopped = (exportId: string | undefined, options: ExportOptions): CommandFailed =>
  new CommandFailed(
    exportId === undefined
      ? 'Stopped before the service said that an export has started.'
      : `Stopped. The export goes on in the service; to get its package: ${commandToGoOn(exportId, options)}`,
  );

await runCommand(command, async () => {
  const options = readOptions();
  await checkDestination(options.out);
  const service = await chooseService(options);
  const signal = stopSignal();
  const client = createExportClient({ ...service, signal, onWait: printNote });
  let exportId = options.id;
  try {
    exportId = await startOrGoOn(client, options);
    await exportToFile(client, exportId, { out: options.out, signal });
  } catch (error) {
    throw signal.aborted ? stopped(exportId, options) : error;
  }
});
