import {
  checksumsText,
  type Manifest,
  type Omission,
  type PackageEntry,
} from '../../shared/domain/manifest.ts';
import {
  ACCOUNTS_CSV_PATH,
  CHECKSUMS_PATH,
  MANIFEST_PATH,
  README_PATH,
  SECTION_PATHS,
  TRANSACTIONS_CSV_PATH,
} from '../../shared/domain/package-layout.ts';
import type { ZipArchive } from '../../shared/packaging/zip-archive.ts';
import { csvTables } from './csv-tables.ts';
import { packageManifest } from './package-manifest.ts';
import { packageReadme, type ReadmeTable } from './package-readme.ts';
import { sectionNamed, type PackageSource } from './package-source.ts';
import { packFiles, type AddEntry } from './packed-files.ts';
import { tracedRecords } from './traced-records.ts';
import { WarningList } from './warning-list.ts';

const JSON_TYPE = 'application/json';

/** Adds the files, then their records, which tell where each of them is. Gives what had to be left out. */
const addFiles = async (source: PackageSource, warnings: WarningList, add: AddEntry): Promise<Omission[]> => {
  const section = sectionNamed(source, 'transactionFiles');
  if (section === undefined) return [];
  const packed = await packFiles(source, section, { add, warnings });
  const records = tracedRecords(source.interim.records(section), packed, source);
  await add(SECTION_PATHS.transactionFiles, records, JSON_TYPE);
  await source.pieceAdded();
  return packed.flatMap(({ outcome }) => ('code' in outcome ? [outcome] : []));
};

/** Adds the tables, where they are wanted, of those sections that have one. */
const addTables = async (source: PackageSource, add: AddEntry): Promise<ReadmeTable[]> => {
  if (!source.job.parameters.includeCsv) return [];
  const tables = csvTables(source.survey);
  const added: ReadmeTable[] = [];
  for (const { section, path, meaning } of [
    { section: 'accounts', path: ACCOUNTS_CSV_PATH, meaning: 'your accounts, for spreadsheets' },
    { section: 'transactions', path: TRANSACTIONS_CSV_PATH, meaning: 'your transactions, for spreadsheets' },
  ] as const) {
    const collected = sectionNamed(source, section);
    if (collected === undefined) continue;
    const { columns, text } = tables[section];
    await add(path, text(source.interim.records(collected)), 'text/csv');
    added.push({ path, meaning, columns });
    await source.pieceAdded();
  }
  return added;
};

/**
 * Fills a ZIP. The manifest comes last but one because it tells the hash of everything before it, and the checksums last
 * because they vouch for the manifest too.
 * @throws InterimCorrupted when a section is not what its collector wrote
 */
export const fillZipPackage = async (archive: ZipArchive, source: PackageSource): Promise<Manifest> => {
  const entries: PackageEntry[] = [];
  const warnings = new WarningList();
  const add: AddEntry = async (path, content, mediaType) => {
    const entry = { ...(await archive.add(path, content)), mediaType };
    entries.push(entry);
    return entry;
  };

  for (const section of source.sections) {
    if (section.section === 'transactionFiles') continue;
    await add(SECTION_PATHS[section.section], source.interim.bytes(section), JSON_TYPE);
    await source.pieceAdded();
  }
  const omissions = await addFiles(source, warnings, add);
  const tables = await addTables(source, add);
  const sections = source.sections.map(({ section }) => section);
  await add(README_PATH, packageReadme({ sections, tables, omitted: omissions.length }), 'text/plain');

  const manifest = packageManifest(source, { entries: [...entries], omissions, warnings });
  await add(MANIFEST_PATH, `${JSON.stringify(manifest, null, 2)}\n`, JSON_TYPE);
  await archive.add(CHECKSUMS_PATH, checksumsText(entries));
  return manifest;
};
