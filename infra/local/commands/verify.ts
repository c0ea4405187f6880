import { Command } from 'commander';
import * as z from 'zod/mini';
import type { ExportFormat } from '../../../shared/domain/export-request.ts';
import { isVerdict } from '../../../shared/verification/broken-package.ts';
import { verifyPackage, type VerifiedPackage } from '../../../shared/verification/verify-package.ts';
import { CommandFailed, printLines, runCommand, WrongUse } from './command-line.ts';
import { openFileSource, type FileSource } from './file-source.ts';
import { createVerificationDisplay } from './verification-display.ts';
import { verificationReport } from './verification-report.ts';

const command = new Command('npm run verify --')
  .description('Checks a saved package, ZIP or JSON, without any service, and shows what is in it.')
  .argument('<package>', 'the file to check')
  .option('--sha256 <hex>', 'what the whole file must have, as the service states it')
  .addHelpText(
    'after',
    `
Ends with 0 when the package proves itself, 1 with the first thing that is wrong with it, and 2 when it cannot be read.
What is in the package is proven without --sha256; only with it also that the file is the very one that was made.`,
  );

const verifyOptions = z.object({
  sha256: z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/i, '--sha256 takes 64 hexadecimal digits.'))),
});

const expectedHash = (): string | undefined => {
  const options = verifyOptions.safeParse(command.opts());
  if (options.success) return options.data.sha256?.toLowerCase();
  throw new WrongUse(options.error.issues.map(({ message }) => message).join(' '));
};

/** A JSON package begins with a brace; anything else is held to be a ZIP, and refused when it is none. */
const formatOf = async (source: FileSource): Promise<ExportFormat> => {
  const [first] = await source.read(0, Math.min(1, source.size));
  return first === '{'.charCodeAt(0) ? 'json' : 'zip';
};

const verified = async (source: FileSource, sha256: string | undefined): Promise<VerifiedPackage> => {
  const display = createVerificationDisplay(source.size);
  try {
    return await verifyPackage(source, {
      format: await formatOf(source),
      sha256,
      onProgress: display.show,
    });
  } finally {
    display.stop();
  }
};

await runCommand(command, async () => {
  const sha256 = expectedHash();
  const [file = ''] = command.args;
  const source = await openFileSource(file);
  try {
    printLines(...verificationReport(file, await verified(source, sha256)));
  } catch (error) {
    if (!isVerdict(error)) throw error;
    throw new CommandFailed(`${file} must not be trusted. ${error.message} (${error.name}, ${error.reason})`);
  } finally {
    await source.close();
  }
});
