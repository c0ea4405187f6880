/** Something stored whose parts can be read in any order. */
export interface RandomAccessSource {
  /** Bytes. */
  readonly size: number;
  /** Exactly `length` bytes, all of which must lie inside. */
  read(start: number, length: number): Promise<Uint8Array>;
}
