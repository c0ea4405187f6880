import { setTimeout as delay } from 'node:timers/promises';
import type { ExportFormat } from '../../../shared/domain/export-request.ts';
import { CommandFailed, printable } from './command-line.ts';
import type { ExportClient } from './export-client.ts';
import type { ExportStatus } from './export-status.ts';

/** A finished export: what its package must be. */
export interface FinishedExport {
  readonly exportFormat: ExportFormat;
  /** Bytes. */
  readonly packageSize: number;
  /** Hex; null when the service has none of a package of this size. */
  readonly sha256: string | null;
}

/** The finished export, or undefined while it runs. */
const finished = (told: ExportStatus): FinishedExport | undefined => {
  const { exportId, status, error, exportFormat, packageSize, sha256 } = told;
  switch (status) {
    case 'initiated':
    case 'processing':
      return undefined;
    case 'completed':
      if (packageSize !== null) return { exportFormat, packageSize, sha256 };
      throw new CommandFailed(
        `Export ${exportId} is completed, but the service does not say how large it is.`,
      );
    case 'failed':
      throw new CommandFailed(`The export failed: ${error ?? 'the service gives no reason.'}`);
    case 'expired':
      throw new CommandFailed('The time to download this export is over. Start a new one.');
    case 'deleting':
      throw new CommandFailed('This export is being deleted. Start a new one.');
    default:
      throw new CommandFailed(`The export has the status "${printable(status)}", which is unknown here.`);
  }
};

/** Asks for the status as often as the service wants to be asked, until the export has ended. @throws CommandFailed */
export const followExport = async (
  client: ExportClient,
  exportId: string,
  { signal, onStatus }: { signal: AbortSignal; onStatus: (status: ExportStatus) => void },
): Promise<FinishedExport> => {
  let knownEtag: string | undefined;
  for (;;) {
    const { status, etag, pollSeconds } = await client.status(exportId, knownEtag);
    knownEtag = etag;
    if (status !== undefined) {
      onStatus(status);
      const result = finished(status);
      if (result !== undefined) return result;
    }
    await delay(pollSeconds * 1000, undefined, { signal });
  }
};
