import type { ArtifactStore } from '../ports.ts';
import { openZipArchive, type ZipArchive } from './zip-archive.ts';

export interface UploadedZip<Told> {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** What filling the ZIP has shown. */
  readonly told: Told;
}

/**
 * Fills a ZIP and uploads it at the same time; when one of the two fails, the other is ended before the error goes on.
 * `modifiedAt` (epoch ms) is the time of all entries.
 */
export const uploadZip = async <Told>(
  artifacts: Pick<ArtifactStore, 'write'>,
  key: string,
  modifiedAt: number,
  fill: (archive: ZipArchive) => Promise<Told>,
): Promise<UploadedZip<Told>> => {
  const archive = openZipArchive(modifiedAt);
  const uploading = artifacts.write(key, archive.output, 'application/zip');
  uploading.catch(archive.abort);
  try {
    const told = await fill(archive);
    await archive.finish();
    return { ...(await uploading), told };
  } catch (error) {
    archive.abort(error);
    // An upload that failed has closed the archive, which then knows no better reason; one that the archive ended has its.
    await uploading;
    throw error;
  }
};
