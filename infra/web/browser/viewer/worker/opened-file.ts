import * as z from 'zod/mini';
import { EXPORT_FORMAT_VERSION } from '../../../../../shared/domain/manifest.ts';
import { MANIFEST_PATH } from '../../../../../shared/domain/package-paths.ts';
import type { Refusal } from '../protocol.ts';
import { NoZip, ZipFile } from './zip-file.ts';

const JSON_PACKAGE = '{"manifest":';
const ZIP_BEGINS = 'PK';

/** What a file is that is no ZIP, by how it begins. */
const refusalOfNoZip = async (file: Blob): Promise<Refusal> => {
  const beginning = await file.slice(0, JSON_PACKAGE.length).text();
  if (beginning === JSON_PACKAGE) return { kind: 'json-package' };
  return { kind: beginning.startsWith(ZIP_BEGINS) ? 'damaged-zip' : 'not-a-zip' };
};

const versioned = z.object({ exportFormatVersion: z.string() });

/** A version of the format that is not this one; undefined where it is, or where none can be read. */
const otherVersion = async (zip: ZipFile): Promise<string | undefined> => {
  try {
    const manifest: unknown = JSON.parse(await (await zip.bytesOf(MANIFEST_PATH)).text());
    const { success, data } = versioned.safeParse(manifest);
    return success && data.exportFormatVersion !== EXPORT_FORMAT_VERSION
      ? data.exportFormatVersion
      : undefined;
  } catch {
    // What is wrong with it is told by who reads the package.
    return undefined;
  }
};

/** Opens a package, or tells why the file is none that can be shown. */
export const openedFile = async (file: Blob): Promise<ZipFile | Refusal> => {
  try {
    const zip = await ZipFile.open(file);
    if (!zip.has(MANIFEST_PATH)) return { kind: 'no-export' };
    const version = await otherVersion(zip);
    return version === undefined ? zip : { kind: 'other-version', version };
  } catch (error) {
    if (error instanceof NoZip) return refusalOfNoZip(file);
    throw error;
  }
};
