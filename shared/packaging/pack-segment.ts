import type { PackageEntry } from '../domain/manifest.ts';
import { isCompressed } from '../domain/media-type.ts';
import { SECTION_PATHS } from '../domain/package-layout.ts';
import type { ArtifactStore, StatementFiles } from '../ports.ts';
import { sectionNamed, type CollectedSection } from './collected-section.ts';
import { csvTables, TABLE_FILES } from './csv-tables.ts';
import type { FileRange, PlannedSegment } from './package-plan.ts';
import type { PackageSource } from './package-source.ts';
import { packFiles, recordsOfRange, type AddEntry } from './packed-files.ts';
import type { PackedFile, SegmentReport } from './segment-report.ts';
import { WarningList } from './warning-list.ts';
import type { ZipArchive } from './zip-archive.ts';

/** What packing a segment takes beside what was collected. */
export interface SegmentPorts {
  readonly artifacts: Pick<ArtifactStore, 'open'>;
  readonly files: StatementFiles;
  /** To be called whenever one more entry is packed. @throws ExportClosed */
  readonly pieceAdded: () => Promise<void>;
}

/** Puts the entries of a segment into an archive. @throws InterimCorrupted when something is not what its collector wrote */
export const packSegment = async (
  archive: ZipArchive,
  source: PackageSource,
  segment: PlannedSegment,
  { artifacts, files, pieceAdded }: SegmentPorts,
): Promise<SegmentReport> => {
  const entries: PackageEntry[] = [];
  const warnings = new WarningList();
  const add: AddEntry = async (path, content, mediaType) => {
    const entry = { ...(await archive.add(path, content, isCompressed(mediaType))), mediaType };
    entries.push(entry);
    return entry;
  };
  const collected = (name: CollectedSection['section']): CollectedSection => {
    const section = sectionNamed(source.sections, name);
    if (section === undefined)
      throw new TypeError(`The plan names a section that was not collected: ${name}.`);
    return section;
  };
  const addFiles = (range: FileRange): Promise<PackedFile[]> => {
    const [records] = collected('transactionFiles').parts;
    if (records === undefined) throw new TypeError('The file records have no text.');
    const { userId } = source.job;
    return packFiles(recordsOfRange(artifacts, records.key, range), {
      userId,
      files,
      add,
      warnings,
      pieceAdded,
    });
  };

  for (const name of segment.sections) {
    await add(SECTION_PATHS[name], source.interim.bytes(collected(name)), 'application/json');
    await pieceAdded();
  }
  for (const name of segment.tables) {
    const table = csvTables(await source.survey())[name];
    await add(TABLE_FILES[name].path, table.text(source.interim.records(collected(name))), 'text/csv');
    await pieceAdded();
  }
  const packed = segment.files === undefined ? [] : await addFiles(segment.files);
  return { entries, files: packed, warnings: warnings.inOrder() };
};
