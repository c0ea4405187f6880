import type { ExportApi } from '../../../../shared/client/export-api.ts';
import { manifestFacts, type ManifestFacts } from './manifest-facts.ts';
import { readPackageManifest } from './package-manifest.ts';

/** Looks into a finished package without fetching the whole of it. @throws ManifestUnreadable and what the API throws */
export const readFactsOf = async (
  api: ExportApi,
  exportId: string,
  format: 'zip' | 'json',
): Promise<ManifestFacts> => {
  const { downloadUrl, packageSize } = await api.downloadLink(exportId);
  const readRange = async (from: number, to: number): Promise<Uint8Array> => {
    const headers = { range: `bytes=${from}-${to - 1}` };
    const response = await fetch(downloadUrl, { headers, credentials: 'omit' });
    if (response.status !== 206) throw new Error(`The storage answered ${response.status}.`);
    return new Uint8Array(await response.arrayBuffer());
  };
  return manifestFacts(await readPackageManifest(format, packageSize, readRange));
};
