import { interimPrefix, packagePrefix, type ExportIdentity } from '../domain/package-layout.ts';
import type { ArtifactStore } from '../ports.ts';

/** Removes everything an export has written: interim objects, packages, and uploads that were never finished. */
export const purgeExport = async (
  artifacts: Pick<ArtifactStore, 'purge'>,
  { userId, exportId }: ExportIdentity,
): Promise<void> => {
  await artifacts.purge(interimPrefix(userId, exportId));
  await artifacts.purge(packagePrefix(userId, exportId));
};
