import { PackageCorrupted, PackageCountsWrong, PackageTotalsWrong } from '../domain/errors.ts';

/** What can be wrong with a package's structure and bytes. Stable: programs may depend on them. */
export type Corruption =
  /** The package's size or SHA-256 is not the one that its maker told. */
  | 'PACKAGE_BYTES'
  /** It is no ZIP, is cut short, or something follows its end. */
  | 'NOT_A_ZIP'
  /** It is no JSON package, or is cut short. */
  | 'NOT_A_DOCUMENT'
  /** The ZIP's central directory or end records are not what follows from the entries. */
  | 'ZIP_DIRECTORY'
  /** Bytes that belong to nothing, or that two things claim. */
  | 'ZIP_GAP'
  /** An entry's local header differs from the directory. */
  | 'ENTRY_HEADER'
  /** An entry's bytes cannot be unpacked, or have another size or CRC-32. */
  | 'ENTRY_BYTES'
  /** What the ZIP says behind an entry's bytes differs from the directory. */
  | 'ENTRY_DESCRIPTOR'
  | 'ENTRY_HASH'
  | 'ENTRY_MISSING'
  | 'ENTRY_UNEXPECTED'
  /** Two entries have one name, or names that some computers take for one. */
  | 'ENTRY_TWICE'
  /** `checksums.sha256` is not the list that it must be. */
  | 'CHECKSUM_LIST'
  | 'MANIFEST_UNREADABLE'
  /** Two statements of the manifest cannot both be true. */
  | 'MANIFEST_CONTRADICTION'
  /** A section is not an array with one record a line. */
  | 'SECTION_TEXT'
  /** Transactions are not in the order of date and id. */
  | 'RECORD_ORDER'
  /** A section has two records with one id. */
  | 'RECORD_TWICE'
  /** A record belongs to another user. */
  | 'RECORD_OWNER'
  /** A record is none of those that the manifest's filters select. */
  | 'RECORD_FILTER'
  /** A file record and the package's files or omissions do not fit. */
  | 'FILE_REFERENCE'
  /** The package is that of another export. */
  | 'OTHER_EXPORT';

export type WrongCount =
  | 'SECTION_COUNT'
  | 'OMISSION_COUNT'
  | 'SUMMARY_COUNT'
  /** A file record's `transactionCount` is not how many transactions name the file. */
  | 'FILE_TRANSACTION_COUNT';

export type WrongTotal = 'CONTROL_TOTAL' | 'MONTH_TOTAL';

/** The error for a fact, which is one plain sentence without amounts, descriptions or file names. */
export const corrupted = (reason: Corruption, fact: string, cause?: unknown): PackageCorrupted =>
  new PackageCorrupted(reason, fact, cause === undefined ? undefined : { cause });

export const countWrong = (reason: WrongCount, fact: string): PackageCountsWrong =>
  new PackageCountsWrong(reason, fact);

export const totalWrong = (reason: WrongTotal, fact: string): PackageTotalsWrong =>
  new PackageTotalsWrong(reason, fact);

/** Whether an error is the verdict on a package, and not a failure to read it. */
export const isVerdict = (
  error: unknown,
): error is PackageCorrupted | PackageCountsWrong | PackageTotalsWrong =>
  error instanceof PackageCorrupted ||
  error instanceof PackageCountsWrong ||
  error instanceof PackageTotalsWrong;

/** An entry's path as a message may show it: the folder tells which file it is, its name is the user's own. */
export const shownPath = (path: string): string => path.replace(/^(files\/[^/]*\/).*$/su, '$1…');
