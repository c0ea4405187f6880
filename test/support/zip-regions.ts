/** Where an entry's parts begin in a ZIP without ZIP64; found by reading the ZIP's own records. */
export interface EntryRegions {
  readonly path: string;
  readonly local: number;
  readonly data: number;
  readonly descriptor: number;
  readonly central: number;
  readonly packedBytes: number;
}

export interface ZipRegions {
  readonly entries: readonly EntryRegions[];
  readonly directory: number;
  readonly end: number;
}

const END_BYTES = 22;

/** The regions of a ZIP that ends with an end record without a comment. */
export const zipRegions = (zip: Buffer): ZipRegions => {
  const end = zip.length - END_BYTES;
  const directory = zip.readUInt32LE(end + 16);
  const entries: EntryRegions[] = [];
  for (let central = directory; central < end;) {
    const nameBytes = zip.readUInt16LE(central + 28);
    const packedBytes = zip.readUInt32LE(central + 20);
    const local = zip.readUInt32LE(central + 42);
    const data = local + 30 + nameBytes;
    entries.push({
      path: zip.toString('utf8', central + 46, central + 46 + nameBytes),
      ...{ local, data, descriptor: data + packedBytes, central, packedBytes },
    });
    central += 46 + nameBytes;
  }
  return { entries, directory, end };
};

export const regionsOf = (zip: Buffer, path: string): EntryRegions => {
  const entry = zipRegions(zip).entries.find((candidate) => candidate.path === path);
  if (entry === undefined) throw new Error(`The ZIP has no entry ${path}.`);
  return entry;
};

/** The same bytes with one bit turned; `bit` counts from the first byte's lowest. */
export const withFlippedBit = (bytes: Buffer, bit: number): Buffer => {
  const at = Math.floor(bit / 8);
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (bit % 8)), at);
  return flipped;
};

export const inserted = (bytes: Buffer, at: number, addition: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), addition, bytes.subarray(at)]);
