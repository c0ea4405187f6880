import { SECTION_PATHS } from '../../../shared/domain/package-layout.ts';
import { STATEMENT_PATH } from '../built-package.ts';
import { regionsOf, zipRegions, type EntryRegions } from '../zip-regions.ts';
import { corrupted, type Verdict } from './verdicts.ts';

export interface FlippedBit {
  readonly kind: string;
  /** Which bit of a good ZIP. */
  readonly at: (zip: Buffer) => number;
  readonly verdict: Verdict;
}

type Part = Exclude<keyof EntryRegions, 'path' | 'packedBytes'>;

const inEntry = (
  kind: string,
  [part, byte, bit]: readonly [Part, number, number],
  reason: string,
): FlippedBit => ({
  kind: `a flipped bit in ${kind}`,
  at: (zip) => (regionsOf(zip, STATEMENT_PATH)[part] + byte) * 8 + bit,
  verdict: corrupted(reason),
});

const inEnd = (kind: string, byte: number, reason: string): FlippedBit => ({
  kind: `a flipped bit in ${kind} of the end record`,
  at: (zip) => (zipRegions(zip).end + byte) * 8,
  verdict: corrupted(reason),
});

/** One bit in each region of a ZIP. */
export const FLIPPED_BITS: readonly FlippedBit[] = [
  inEntry('the signature of a local header', ['local', 0, 0], 'ENTRY_HEADER'),
  inEntry('the version of a local header', ['local', 4, 0], 'ENTRY_HEADER'),
  inEntry('the flags of a local header', ['local', 6, 3], 'ENTRY_HEADER'),
  inEntry('the method of a local header', ['local', 8, 3], 'ENTRY_HEADER'),
  inEntry('the time of a local header', ['local', 10, 5], 'ENTRY_HEADER'),
  inEntry('the empty CRC-32 of a local header', ['local', 14, 1], 'ENTRY_HEADER'),
  inEntry('the length of the extra field of a local header', ['local', 28, 0], 'ENTRY_HEADER'),
  inEntry('the name in a local header', ['local', 36, 5], 'ENTRY_HEADER'),
  inEntry('the packed bytes of a file', ['data', 5, 2], 'ENTRY_BYTES'),
  inEntry('the signature of a data descriptor', ['descriptor', 0, 0], 'ENTRY_DESCRIPTOR'),
  inEntry('the CRC-32 in a data descriptor', ['descriptor', 4, 0], 'ENTRY_DESCRIPTOR'),
  inEntry('the packed size in a data descriptor', ['descriptor', 8, 0], 'ENTRY_DESCRIPTOR'),
  inEntry('the size in a data descriptor', ['descriptor', 12, 0], 'ENTRY_DESCRIPTOR'),
  inEntry('the signature of a central header', ['central', 0, 0], 'ZIP_DIRECTORY'),
  inEntry('the maker in a central header', ['central', 5, 0], 'ZIP_DIRECTORY'),
  inEntry('the version in a central header', ['central', 6, 0], 'ZIP_DIRECTORY'),
  inEntry('the flags in a central header', ['central', 8, 3], 'ZIP_DIRECTORY'),
  inEntry('the method in a central header', ['central', 10, 0], 'ENTRY_HEADER'),
  inEntry('the time in a central header', ['central', 12, 0], 'ENTRY_HEADER'),
  inEntry('the CRC-32 in a central header', ['central', 16, 0], 'ENTRY_BYTES'),
  inEntry('the packed size in a central header', ['central', 20, 0], 'ENTRY_BYTES'),
  inEntry('the size in a central header', ['central', 24, 0], 'ENTRY_BYTES'),
  inEntry('the disk in a central header', ['central', 34, 0], 'ZIP_DIRECTORY'),
  inEntry('the attributes in a central header', ['central', 40, 4], 'ZIP_DIRECTORY'),
  inEntry('the offset in a central header', ['central', 42, 0], 'ZIP_GAP'),
  inEntry('the name in a central header', ['central', 52, 5], 'ENTRY_HEADER'),
  {
    kind: 'a flipped bit in the packed bytes of a section',
    at: (zip) => (regionsOf(zip, SECTION_PATHS.accounts).data + 60) * 8 + 2,
    verdict: corrupted('ENTRY_BYTES'),
  },
  inEnd('the signature', 0, 'NOT_A_ZIP'),
  inEnd('the disk', 6, 'ZIP_DIRECTORY'),
  inEnd('the count', 8, 'ZIP_DIRECTORY'),
  inEnd('the size of the directory', 12, 'ZIP_DIRECTORY'),
  inEnd('the offset of the directory', 16, 'ZIP_DIRECTORY'),
  inEnd('the length of the comment', 20, 'NOT_A_ZIP'),
];
