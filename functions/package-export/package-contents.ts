import type { Readable } from 'node:stream';
import { InterimCorrupted } from '../../shared/domain/errors.ts';
import {
  checksumsText,
  completenessOf,
  manifestOf,
  omittedFile,
  type ManifestFacts,
  type Omission,
  type PackageEntry,
  type PackageSummary,
} from '../../shared/domain/manifest.ts';
import {
  CHECKSUMS_PATH,
  filePath,
  MANIFEST_PATH,
  SECTION_PATHS,
} from '../../shared/domain/package-layout.ts';
import type { ZipArchive } from '../../shared/packaging/zip-archive.ts';
import type { StatementFile } from '../../shared/ports.ts';
import type { SectionCollected } from '../../shared/workflow/contracts.ts';
import { mediaTypeOf } from './media-type.ts';
import type { StatementFileRecord } from './statement-file-records.ts';

type Filled = Pick<PackageSummary, 'completeness' | 'counts' | 'warnings'>;

/** Fills one archive and keeps the books of it: entries with their hashes, counts, and what had to be left out. */
export interface PackageContents {
  /** @throws InterimCorrupted when the section's bytes are not those that were collected */
  addSection(section: SectionCollected, content: Readable): Promise<void>;
  addFile(record: StatementFileRecord, file: StatementFile): Promise<void>;
  /** Adds manifest and checksums; nothing may follow. */
  finish(facts: Omit<ManifestFacts, 'entries' | 'counts' | 'omissions'>): Promise<Filled>;
}

const tally = (codes: readonly string[]): { code: string; count: number }[] =>
  [...new Set(codes)].sort().map((code) => ({ code, count: codes.filter((other) => other === code).length }));

export const createPackageContents = (
  archive: ZipArchive,
  entryAdded: () => Promise<void>,
): PackageContents => {
  const entries: PackageEntry[] = [];
  const omissions: Omission[] = [];
  const counts: PackageSummary['counts'] = {};

  const add = async (path: string, content: Readable | string, mediaType: string): Promise<PackageEntry> => {
    const entry = { ...(await archive.add(path, content)), mediaType };
    entries.push(entry);
    return entry;
  };

  return {
    async addSection({ section, count, bytes, sha256 }, content) {
      const entry = await add(SECTION_PATHS[section], content, 'application/json');
      if (entry.sha256 !== sha256 || entry.bytes !== bytes) {
        throw new InterimCorrupted(`The collected section ${section} is not what its collector wrote.`);
      }
      counts[section] = { expected: count, included: count, omitted: 0 };
      await entryAdded();
    },
    async addFile({ fileId, fileName }, file) {
      const path = filePath(fileId, fileName ?? '');
      if (file.found) await add(path, file.body, mediaTypeOf(path));
      else omissions.push(omittedFile(fileId, path, file.code));
      await entryAdded();
    },
    async finish(facts) {
      const files = counts.transactionFiles;
      if (files !== undefined) {
        counts.transactionFiles = {
          expected: files.expected,
          included: files.expected - omissions.length,
          omitted: omissions.length,
        };
      }
      const manifest = manifestOf({ ...facts, entries: [...entries], counts, omissions });
      await add(MANIFEST_PATH, `${JSON.stringify(manifest, null, 2)}\n`, 'application/json');
      await archive.add(CHECKSUMS_PATH, checksumsText(entries));
      return {
        completeness: completenessOf(omissions),
        counts,
        warnings: tally(omissions.map(({ code }) => code)),
      };
    },
  };
};
