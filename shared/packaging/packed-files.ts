import { createHash } from 'node:crypto';
import { InterimCorrupted } from '../domain/errors.ts';
import { omittedFile, type PackageEntry } from '../domain/manifest.ts';
import { mediaTypeOf } from '../domain/media-type.ts';
import { filePath } from '../domain/package-layout.ts';
import type { ArtifactStore, StatementFiles } from '../ports.ts';
import { linesOf } from '../use-cases/lines.ts';
import { recordsIn } from './interim-sections.ts';
import { openedAhead, type FileAtTurn } from './opened-ahead.ts';
import type { FileRange } from './package-plan.ts';
import type { PackedFile } from './segment-report.ts';
import { statementFileRecords, type StatementFileRecord } from './statement-file-records.ts';
import type { WarningList } from './warning-list.ts';
import type { EntryContent } from './zip-archive.ts';

/** Puts one entry into the package and into its manifest. */
export type AddEntry = (path: string, content: EntryContent, mediaType: string) => Promise<PackageEntry>;

const BLOCK_BYTES = 1024 * 1024;

/** The records of a range of the collected section. @throws InterimCorrupted after the last one when they are not those planned */
export async function* recordsOfRange(
  artifacts: Pick<ArtifactStore, 'open'>,
  key: string,
  { start, end, sha256 }: FileRange,
): AsyncGenerator<string> {
  const source = await artifacts.open(key);
  async function* blocks(): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    for (let at = start; at < end; at += BLOCK_BYTES) {
      const block = await source.read(at, Math.min(BLOCK_BYTES, end - at));
      hash.update(block);
      yield block;
    }
    if (hash.digest('hex') !== sha256) {
      throw new InterimCorrupted('The collected file records are not those that were planned.');
    }
  }
  yield* recordsIn(linesOf(blocks()));
}

interface Packing {
  readonly userId: string;
  readonly files: StatementFiles;
  readonly add: AddEntry;
  readonly warnings: WarningList;
  /** To be called after each file. @throws ExportClosed */
  readonly pieceAdded: () => Promise<void>;
}

/**
 * Packs the bytes of every file record, in the records' order; what cannot be had is an omission, and a body of another
 * length than its record says is a warning.
 */
export const packFiles = async (
  records: AsyncIterable<string>,
  { userId, files, add, warnings, pieceAdded }: Packing,
): Promise<PackedFile[]> => {
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
    statementFileRecords(records),
    ({ s3Key }) => files.open(userId, s3Key),
    ({ fileSize = 0 }) => fileSize,
  );
  for await (const [record, file] of filesInOrder) {
    packed.push({ fileId: record.fileId, outcome: await pack(record, file) });
    await pieceAdded();
  }
  return packed;
};
