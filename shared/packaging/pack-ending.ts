import { checksumsText, type Manifest, type PackageEntry } from '../domain/manifest.ts';
import { mediaTypeOf } from '../domain/media-type.ts';
import {
  CHECKSUMS_PATH,
  MANIFEST_PATH,
  README_PATH,
  SECTION_PATHS,
  VIEWER_PATH,
} from '../domain/package-layout.ts';
import { sectionNamed } from './collected-section.ts';
import { csvTables, TABLE_FILES } from './csv-tables.ts';
import { packageManifest } from './package-manifest.ts';
import { packageReadme } from './package-readme.ts';
import type { HouseholdFacts, PackageSource } from './package-source.ts';
import type { AddEntry } from './packed-files.ts';
import type { SegmentReport } from './segment-report.ts';
import { tracedRecords } from './traced-records.ts';
import { WarningList } from './warning-list.ts';
import type { ArchivedEntry, ZipArchive } from './zip-archive.ts';

const JSON_TYPE = 'application/json';

/** What goes into the last entries of a ZIP. */
export interface Ending {
  readonly source: PackageSource;
  readonly facts: HouseholdFacts;
  /** Of the segments before, in their order. */
  readonly reports: readonly SegmentReport[];
  /** Of the household application. */
  readonly applicationVersion: string;
  /** The page that shows a package. */
  readonly viewer: Uint8Array;
}

export interface PackedEnding {
  readonly manifest: Manifest;
  /** In the order of packing. */
  readonly added: readonly ArchivedEntry[];
}

/**
 * Adds what can be told only when all else is packed: the file records, which tell where each file is; the manifest,
 * which tells the hash of everything before it; and the checksums, which vouch for the manifest too.
 * @throws InterimCorrupted when the file records are not what their collector wrote
 */
export const packEnding = async (
  archive: ZipArchive,
  { source, facts, reports, applicationVersion, viewer }: Ending,
): Promise<PackedEnding> => {
  const entries: PackageEntry[] = reports.flatMap((report) => report.entries);
  const added: PackedEnding['added'][number][] = [];
  const files = reports.flatMap((report) => report.files);
  const warnings = new WarningList();
  for (const report of reports) warnings.addAll(report.warnings);
  const add: AddEntry = async (path, content, mediaType) => {
    const entry = { ...(await archive.add(path, content)), mediaType };
    entries.push(entry);
    added.push(entry);
    return entry;
  };

  const fileRecords = sectionNamed(source.sections, 'transactionFiles');
  if (fileRecords !== undefined) {
    const records = tracedRecords(source.interim.records(fileRecords), files, facts.transactionsByFile);
    await add(SECTION_PATHS.transactionFiles, records, JSON_TYPE);
  }
  const tables = csvTables(facts.survey);
  const omissions = files.flatMap(({ outcome }) => ('code' in outcome ? [outcome] : []));
  const readme = packageReadme({
    sections: source.sections.map(({ section }) => section),
    tables: source.plan.segments
      .flatMap(({ tables }) => tables)
      .map((name) => ({ ...TABLE_FILES[name], columns: tables[name].columns })),
    omitted: omissions.length,
  });
  await add(README_PATH, readme, mediaTypeOf(README_PATH));
  await add(VIEWER_PATH, viewer, mediaTypeOf(VIEWER_PATH));

  const manifest = packageManifest(
    { source, facts, applicationVersion },
    { entries: [...entries], omissions, warnings },
  );
  await add(MANIFEST_PATH, `${JSON.stringify(manifest, null, 2)}\n`, JSON_TYPE);
  added.push(await archive.add(CHECKSUMS_PATH, checksumsText(entries)));
  return { manifest, added };
};
