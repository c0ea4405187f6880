import type { Piece, StoredBytes } from '../ports.ts';

/** What the parts of one multipart upload may be; all but the counts in bytes. */
export interface PartLimits {
  /** Of any part but the last. */
  readonly smallest: number;
  /** Of a part that is sent: at least `smallest`. */
  readonly sent: number;
  /** Of a copied part, at the beginning: at least twice `smallest`. */
  readonly copied: number;
  /** Of any copied part. */
  readonly largest: number;
  /** A copied part may be as large as what precedes it, divided by this, where that is more than `copied`. */
  readonly growth: number;
  readonly count: number;
}

const MEBIBYTE = 1024 ** 2;

/**
 * Amazon S3 takes 10,000 parts of 5 MiB to 5 GiB, only the last may be smaller, and objects of up to 48.8 TiB (Amazon S3
 * User Guide, "Amazon S3 multipart upload limits"). It copies parts side by side, so copies start at 512 MiB; from 64 GiB
 * on each is 1/128 of what precedes it, from 640 GiB on 5 GiB. So `n` bytes of one stored object take
 *
 * - up to 64 GiB: 128 parts;
 * - 640 GiB: about 295 more (128 × ln 10);
 * - beyond: one for every 5 GiB. 5 TB end at part 1,228, and 50 TB at part 9,610.
 *
 * Each piece adds two at the most (what fills up the piece before it, and what is left of the last copy), and what is sent
 * one for every 8 MiB. 50 TB may therefore come in 190 pieces, 5 TB in 4,300; 10,000 parts of nothing but bytes at hand are
 * 80 GB, more than a function can send in its 15 minutes.
 */
export const S3_PART_LIMITS: PartLimits = {
  smallest: 5 * MEBIBYTE,
  sent: 8 * MEBIBYTE,
  copied: 512 * MEBIBYTE,
  largest: 5 * 1024 * MEBIBYTE,
  growth: 128,
  count: 10_000,
};

interface Part {
  /** From 1 on, without gaps. */
  readonly number: number;
  /** Bytes. */
  readonly length: number;
}

/** A part that the storage copies by itself. */
export interface CopiedPart extends Part {
  readonly range: StoredBytes;
}

/** A part that has to be put together and sent. */
export interface SentPart extends Part {
  readonly pieces: readonly Piece[];
}

export type PlannedPart = CopiedPart | SentPart;

const partOfPiece = (piece: Piece, start: number, length: number): Piece =>
  piece instanceof Uint8Array ? piece.subarray(start, start + length) : partOfRange(piece, start, length);

const partOfRange = ({ source, start }: StoredBytes, skipped: number, length: number): StoredBytes => ({
  source,
  start: start + skipped,
  length,
});

const assertInside = ({ source, start, length }: StoredBytes): void => {
  if (start >= 0 && length >= 0 && start + length <= source.size) return;
  throw new RangeError('A piece to be joined reaches beyond its object.');
};

/** The next copy of a range: as much as allowed, but never so much that less than half of it would be left over. */
const nextCopy = (left: number, allowed: number): number => {
  if (left <= allowed) return left;
  return left < 2 * allowed ? Math.ceil(left / 2) : allowed;
};

class PartPlanner {
  readonly #limits: PartLimits;
  #planned = { parts: 0, bytes: 0 };
  #gathered: Piece[] = [];
  #gatheredBytes = 0;

  constructor(limits: PartLimits) {
    this.#limits = limits;
  }

  *add(piece: Piece): Generator<PlannedPart> {
    if (piece instanceof Uint8Array) {
      yield* this.#gather(piece);
      return;
    }
    assertInside(piece);
    const missing = this.#gatheredBytes === 0 ? 0 : this.#limits.smallest - this.#gatheredBytes;
    const filling = Math.max(0, missing);
    if (piece.length - filling < this.#limits.smallest) {
      yield* this.#gather(piece);
      return;
    }
    yield* this.#gather(partOfRange(piece, 0, filling));
    if (this.#gatheredBytes > 0) yield this.#sent();
    yield* this.#copied(partOfRange(piece, filling, piece.length - filling));
  }

  /** The last part, which is empty when there was nothing to join: an upload cannot end without a part. */
  *end(): Generator<PlannedPart> {
    if (this.#gatheredBytes > 0 || this.#planned.parts === 0) yield this.#sent();
  }

  *#gather(piece: Piece): Generator<PlannedPart> {
    for (let start = 0; start < piece.length;) {
      const taken = Math.min(piece.length - start, this.#limits.sent - this.#gatheredBytes);
      this.#gathered.push(partOfPiece(piece, start, taken));
      this.#gatheredBytes += taken;
      start += taken;
      if (this.#gatheredBytes === this.#limits.sent) yield this.#sent();
    }
  }

  *#copied(range: StoredBytes): Generator<PlannedPart> {
    const { copied, largest, growth } = this.#limits;
    for (let start = 0; start < range.length;) {
      const allowed = Math.min(largest, Math.max(copied, Math.floor(this.#planned.bytes / growth)));
      const length = nextCopy(range.length - start, allowed);
      yield { ...this.#part(length), range: partOfRange(range, start, length) };
      start += length;
    }
  }

  #sent(): SentPart {
    const part = { ...this.#part(this.#gatheredBytes), pieces: this.#gathered };
    this.#gathered = [];
    this.#gatheredBytes = 0;
    return part;
  }

  #part(length: number): Part {
    const number = this.#planned.parts + 1;
    if (number > this.#limits.count) {
      throw new RangeError(`An object cannot be joined of more than ${this.#limits.count} parts.`);
    }
    this.#planned = { parts: number, bytes: this.#planned.bytes + length };
    return { number, length };
  }
}

/**
 * The parts of a multipart upload that joins these pieces. Ranges are copied; bytes at hand, and of the ranges what must fill
 * up a part that would be too small, are gathered into parts to be sent. It looks ahead by no more than a part that is sent.
 */
export async function* planParts(
  pieces: AsyncIterable<Piece> | Iterable<Piece>,
  limits: PartLimits,
): AsyncGenerator<PlannedPart> {
  const planner = new PartPlanner(limits);
  for await (const piece of pieces) yield* planner.add(piece);
  yield* planner.end();
}
