import { omittedFile, type Manifest, type Omission } from '../domain/manifest.ts';
import { FILES_FOLDER } from '../domain/package-layout.ts';
import { corrupted, countWrong, shownPath } from './broken-package.ts';
import type { PackageContents, ReadEntry, TalliedTransactions } from './package-contents.ts';
import type { StatementFileReference } from './statement-file-reference.ts';

const wrong = (fact: string): Error => corrupted('FILE_REFERENCE', fact);

/** Takes the files and omissions out of their lists as records name them; what is left is named by none. */
class Unclaimed {
  readonly #files: Map<string, ReadEntry>;
  readonly #omissions: Map<string, Omission>;

  constructor(entries: readonly ReadEntry[], omissions: readonly Omission[]) {
    const files = entries.filter(({ path }) => path.startsWith(FILES_FOLDER));
    this.#files = new Map(files.map((entry) => [entry.path, entry]));
    this.#omissions = new Map(omissions.map((omission) => [omission.id, omission]));
    if (this.#omissions.size !== omissions.length) throw wrong('The manifest lists an omission twice.');
  }

  claim({ fileId, packageEntry, expectedPath }: StatementFileReference): void {
    if (packageEntry.path === null) {
      this.#claimOmission(omittedFile(fileId, expectedPath, packageEntry.omission));
      return;
    }
    const file = this.#files.get(packageEntry.path);
    if (file === undefined) throw wrong(`The record of file ${fileId} names no file that is its own.`);
    if (file.bytes !== packageEntry.bytes || file.sha256 !== packageEntry.sha256) {
      throw wrong(`The record of file ${fileId} states another size or SHA-256 than its bytes have.`);
    }
    this.#files.delete(packageEntry.path);
  }

  #claimOmission(expected: Omission): void {
    const listed = this.#omissions.get(expected.id);
    if (listed?.code !== expected.code) {
      throw wrong(`The record of file ${expected.id} names an omission that the manifest does not list.`);
    }
    if (JSON.stringify(listed) !== JSON.stringify(expected)) {
      throw wrong(`The omission of file ${expected.id} is not stated as it is for such a file.`);
    }
    this.#omissions.delete(expected.id);
  }

  checkNoneLeft(): void {
    const [file] = this.#files.keys();
    if (file !== undefined) throw wrong(`${shownPath(file)} belongs to no file record.`);
    const [omitted] = this.#omissions.keys();
    if (omitted !== undefined) throw wrong(`The omission of file ${omitted} belongs to no file record.`);
  }
}

/**
 * Whether every file record's bytes are in the package or are a listed omission, every file and omission belongs to one
 * record, and each record counts the transactions that name its file.
 * @throws PackageCorrupted
 * @throws PackageCountsWrong
 */
export const checkFiles = (
  { entries, fileReferences }: PackageContents,
  { byFile }: TalliedTransactions,
  { omissions }: Manifest,
): void => {
  const unclaimed = new Unclaimed(entries, omissions);
  const transactions = new Map(byFile.map(({ fileId, count }) => [fileId, count]));
  for (const reference of fileReferences) {
    unclaimed.claim(reference);
    const { fileId, packageEntry } = reference;
    if (packageEntry.transactionCount !== (transactions.get(fileId) ?? 0)) {
      throw countWrong(
        'FILE_TRANSACTION_COUNT',
        `The record of file ${fileId} does not count the transactions that name it.`,
      );
    }
  }
  unclaimed.checkNoneLeft();
};
