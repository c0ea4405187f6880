import type { ExportRequest } from '../../shared/domain/export-request.ts';
import type { Manifest } from '../../shared/domain/manifest.ts';
import type { Section } from '../../shared/domain/sections.ts';
import { A_USER } from './export-builders.ts';
import {
  inPackageOrder,
  packagedHousehold,
  type Household,
  type StoredRecord,
} from './packaged-household.ts';
import { readZip } from './read-zip.ts';

/** A household's ZIP, with all that can be asked for, taken apart by readers that share nothing with its writer. */
export const openedPackage = async (household: Household, overrides: Partial<ExportRequest> = {}) => {
  const request = { includeAnalytics: true, includeCsv: true, ...overrides };
  const packaged = await packagedHousehold(household, request);
  const entries = await readZip(packaged.bytes);
  const text = (path: string): string => entries.get(path)?.toString('utf8') ?? '';
  const records = (path: string) => JSON.parse(text(path)) as StoredRecord[];
  return { ...packaged, entries, text, records, manifest: JSON.parse(text('manifest.json')) as Manifest };
};

/** A section's records in the order in which the package must hold them. */
export const recordsOf = (household: Household, section: Section): StoredRecord[] =>
  inPackageOrder(section, household.records[section]);

/** What must become of a file, told from its record and the bucket alone. */
export const fateOf = ({ s3Key }: StoredRecord, { files }: Household): Buffer | string => {
  if (typeof s3Key !== 'string' || s3Key === '') return 'NO_KEY';
  if (!s3Key.startsWith(`${A_USER}/`)) return 'FOREIGN_KEY';
  return files.get(s3Key) ?? 'MISSING_OBJECT';
};
