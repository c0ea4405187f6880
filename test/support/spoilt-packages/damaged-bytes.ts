import { SECTION_PATHS } from '../../../shared/domain/package-layout.ts';
import { inserted, regionsOf, zipRegions, type EntryRegions, type ZipRegions } from '../zip-regions.ts';
import { corrupted, type Verdict } from './verdicts.ts';

export interface DamagedBytes {
  readonly kind: string;
  readonly damage: (zip: Buffer) => Buffer;
  readonly verdict: Verdict;
}

const GAP = Buffer.from('gap');
/** Where fields of the records lie (APPNOTE 4.3). */
const DIRECTORY_OFFSET = 16;
const COMMENT_LENGTH = 20;
const HEADER_OFFSET = 42;
const CENTRAL_PACKED_BYTES = 20;
const DESCRIPTOR_PACKED_BYTES = 8;

const damaged = (kind: string, reason: string, damage: (zip: Buffer) => Buffer): DamagedBytes => ({
  kind,
  damage,
  verdict: corrupted(reason),
});

/** Puts bytes into a ZIP before its directory, whose offset follows; the rest is the caller's to put right. */
const widened = (
  zip: Buffer,
  place: (last: EntryRegions, regions: ZipRegions) => number,
  mend: (wider: Buffer, last: EntryRegions) => void = () => undefined,
): Buffer => {
  const regions = zipRegions(zip);
  const last = regions.entries.at(-1);
  if (last === undefined) throw new Error('The ZIP has no entries.');
  const wider = inserted(zip, place(last, regions), GAP);
  wider.writeUInt32LE(regions.directory + GAP.length, regions.end + GAP.length + DIRECTORY_OFFSET);
  mend(wider, last);
  return wider;
};

/** Changes to the bytes of a good ZIP. */
export const DAMAGED_BYTES: readonly DamagedBytes[] = [
  damaged('nothing at all', 'NOT_A_ZIP', () => Buffer.alloc(0)),
  damaged('another kind of file', 'NOT_A_ZIP', () => Buffer.from('<html>Service Unavailable</html>')),
  damaged('only zeros', 'NOT_A_ZIP', (zip) => Buffer.alloc(zip.length)),
  damaged('a missing last byte', 'NOT_A_ZIP', (zip) => zip.subarray(0, -1)),
  damaged('a cut in the directory', 'NOT_A_ZIP', (zip) => zip.subarray(0, zipRegions(zip).directory + 40)),
  damaged('a cut in an entry', 'NOT_A_ZIP', (zip) =>
    zip.subarray(0, regionsOf(zip, SECTION_PATHS.transactions).data + 10),
  ),
  damaged('missing first bytes', 'ZIP_DIRECTORY', (zip) => zip.subarray(10)),
  damaged('bytes behind the end', 'NOT_A_ZIP', (zip) => Buffer.concat([zip, GAP])),
  damaged('bytes before the beginning', 'ZIP_DIRECTORY', (zip) => Buffer.concat([GAP, zip])),
  damaged('bytes between entries and directory', 'ZIP_DIRECTORY', (zip) =>
    widened(zip, (_last, { directory }) => directory),
  ),
  damaged('bytes between two entries', 'ZIP_GAP', (zip) =>
    widened(
      zip,
      ({ local }) => local,
      (wider, { local, central }) =>
        wider.writeUInt32LE(local + GAP.length, central + GAP.length + HEADER_OFFSET),
    ),
  ),
  damaged('bytes behind packed ones that are counted as packed too', 'ENTRY_BYTES', (zip) =>
    widened(
      zip,
      ({ descriptor }) => descriptor,
      (wider, { descriptor, central, packedBytes }) => {
        const packed = packedBytes + GAP.length;
        wider.writeUInt32LE(packed, descriptor + GAP.length + DESCRIPTOR_PACKED_BYTES);
        wider.writeUInt32LE(packed, central + GAP.length + CENTRAL_PACKED_BYTES);
      },
    ),
  ),
  damaged('a comment', 'ZIP_DIRECTORY', (zip) => {
    const commented = Buffer.concat([zip, GAP]);
    commented.writeUInt16LE(GAP.length, zipRegions(zip).end + COMMENT_LENGTH);
    return commented;
  }),
];
