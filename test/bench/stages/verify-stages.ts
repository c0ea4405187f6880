import { openFileSource } from '../../../infra/local/commands/file-source.ts';
import { verifyPackage } from '../../../shared/verification/verify-package.ts';
import type { Stage } from '../stage.ts';

/** The product's verifier over a saved package: every byte, record, sum and hash. */
export const productVerify: Stage<{ file: string }> = ({ file }) =>
  Promise.resolve(async () => {
    const source = await openFileSource(file);
    try {
      const { entries, records } = await verifyPackage(source, { format: 'zip' });
      return {
        bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0),
        transactions: records.transactions ?? 0,
      };
    } finally {
      await source.close();
    }
  });
