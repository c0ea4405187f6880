import { printLines } from './command-line.ts';
import type { ExportClient } from './export-client.ts';
import { followExport, type FinishedExport } from './follow-export.ts';
import { checkPackage } from './package-check.ts';
import { downloadPackage } from './package-download.ts';
import { createProgressDisplay } from './progress-display.ts';
import { durationText } from './quantities.ts';
import { verificationReport } from './verification-report.ts';

const NO_HASH =
  'The service has no SHA-256 of a package of this size to compare with; what is in it has proven itself.';

const followed = async (
  client: ExportClient,
  exportId: string,
  signal: AbortSignal,
): Promise<FinishedExport> => {
  const display = createProgressDisplay();
  try {
    return await followExport(client, exportId, { signal, onStatus: display.show });
  } finally {
    display.stop();
  }
};

/**
 * Waits for an export, saves its package, shows what is in it and checks it, all on standard output.
 * @throws CommandFailed also when the package is not what it claims to be
 */
export const exportToFile = async (
  client: ExportClient,
  exportId: string,
  options: { readonly out: string | undefined; readonly signal: AbortSignal },
): Promise<void> => {
  const startedAt = performance.now();
  printLines(`Export ${exportId}`);
  const finished = await followed(client, exportId, options.signal);
  const exportedAt = performance.now();
  const file = await downloadPackage(client, exportId, finished, options);
  const savedAt = performance.now();
  const verified = await checkPackage(file, finished);
  const checkedAt = performance.now();

  printLines('', ...verificationReport(file, verified));
  if (finished.sha256 === null) printLines(NO_HASH);
  printLines(
    `Took ${durationText(checkedAt - startedAt)}: export ${durationText(exportedAt - startedAt)}, ` +
      `download ${durationText(savedAt - exportedAt)}, check ${durationText(checkedAt - savedAt)}.`,
  );
};
