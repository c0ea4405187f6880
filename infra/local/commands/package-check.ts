import { isVerdict } from '../../../shared/verification/broken-package.ts';
import { verifyPackage, type VerifiedPackage } from '../../../shared/verification/verify-package.ts';
import { CommandFailed } from './command-line.ts';
import { openFileSource } from './file-source.ts';
import type { FinishedExport } from './follow-export.ts';
import { createVerificationDisplay } from './verification-display.ts';

/**
 * Reads a saved package back from the disk and verifies it, and, where the service tells a hash, that it is the very one.
 * @throws CommandFailed with the first fact that is wrong
 */
export const checkPackage = async (
  file: string,
  { exportFormat: format, sha256 }: FinishedExport,
): Promise<VerifiedPackage> => {
  const source = await openFileSource(file);
  const display = createVerificationDisplay(source.size);
  try {
    return await verifyPackage(source, { format, sha256: sha256 ?? undefined, onProgress: display.show });
  } catch (error) {
    if (!isVerdict(error)) throw error;
    throw new CommandFailed(
      `${file} must not be trusted. ${error.message} (${error.name}, ${error.reason}) Export again.`,
      { cause: error },
    );
  } finally {
    display.stop();
    await source.close();
  }
};
