import { omittedFile, type Omission, type PackageEntry } from '../../shared/domain/manifest.ts';
import { mediaTypeOf } from '../../shared/domain/media-type.ts';
import { filePath } from '../../shared/domain/package-layout.ts';
import type { EntryContent } from '../../shared/packaging/zip-archive.ts';
import type { SectionCollected } from '../../shared/workflow/contracts.ts';
import { openedAhead, type FileAtTurn } from './opened-ahead.ts';
import type { PackageSource } from './package-source.ts';
import { statementFileRecords, type StatementFileRecord } from './statement-file-records.ts';
import type { WarningList } from './warning-list.ts';

/** Puts one entry into the package and into its manifest. */
export type AddEntry = (path: string, content: EntryContent, mediaType: string) => Promise<PackageEntry>;

/** What became of a record's file: where its bytes are in the package, or why they are not. */
export interface PackedFile {
  readonly fileId: string;
  readonly outcome: PackageEntry | Omission;
}

/**
 * Packs the bytes of every file record, in the records' order; what cannot be had is an omission, and a body of another
 * length than its record says is a warning.
 */
export const packFiles = async (
  source: PackageSource,
  section: SectionCollected,
  { add, warnings }: { readonly add: AddEntry; readonly warnings: WarningList },
): Promise<PackedFile[]> => {
  const { userId } = source.job;

  const pack = async (record: StatementFileRecord, file: FileAtTurn): Promise<PackedFile['outcome']> => {
    const { fileId: id, fileName = '', fileSize } = record;
    const path = filePath(id, fileName);
    if (!file.found) {
      warnings.add(file.code, 'transactionFiles', { id });
      return omittedFile(id, path, file.code);
    }
    const entry = await add(path, file.content, mediaTypeOf(path));
    if (fileSize !== undefined && fileSize !== entry.bytes) {
      warnings.add('FILE_SIZE_DIFFERS', 'transactionFiles', { id, attribute: 'fileSize' });
    }
    return entry;
  };

  const packed: PackedFile[] = [];
  const filesInOrder = openedAhead(
    statementFileRecords(source.interim.records(section)),
    ({ s3Key }) => source.files.open(userId, s3Key),
    ({ fileSize = 0 }) => fileSize,
  );
  for await (const [record, file] of filesInOrder) {
    packed.push({ fileId: record.fileId, outcome: await pack(record, file) });
    await source.pieceAdded();
  }
  return packed;
};
