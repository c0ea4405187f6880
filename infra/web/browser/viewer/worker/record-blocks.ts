import type { LineBlock } from './record-lines.ts';

/** Lines that were read together, and where they lie in their section. */
interface Block {
  readonly firstRow: number;
  readonly offset: number;
  readonly length: number;
  /** Undefined once there was no room for them. */
  bytes: Uint8Array | undefined;
}

/** Reads part of the section anew. */
type Reread = (offset: number, length: number) => Promise<Uint8Array>;

/** Some 30,000 transactions: the latest, which are looked at first. */
const KEPT_BYTES = 16 * 1024 * 1024;
const BLOCKS_AT_HAND = 8;

/** Gives any line of a section again. The last ones are kept; for others the section is read anew up to them. */
export class RecordBlocks {
  readonly #blocks: Block[] = [];
  readonly #reread: Reread;
  readonly #keptLimit: number;
  #keptBytes = 0;
  #oldestKept = 0;
  /** By block, the one used last at the end. */
  readonly #atHand = new Map<number, Promise<readonly string[]>>();

  /** @param keptLimit bytes of lines that are kept */
  constructor(reread: Reread, keptLimit = KEPT_BYTES) {
    this.#reread = reread;
    this.#keptLimit = keptLimit;
  }

  /** Takes whole lines, of which the first is that of row `firstRow`. */
  add(firstRow: number, { offset, bytes }: LineBlock): void {
    this.#blocks.push({ firstRow, offset, length: bytes.length, bytes });
    this.#keptBytes += bytes.length;
    while (this.#keptBytes > this.#keptLimit) {
      const oldest = this.#blocks[this.#oldestKept];
      if (oldest === undefined) return;
      oldest.bytes = undefined;
      this.#keptBytes -= oldest.length;
      this.#oldestKept += 1;
    }
  }

  /** A row's line, without what separates it from the next; undefined where there is no such row. */
  async line(row: number): Promise<string | undefined> {
    const at = this.#blocks.findLastIndex(({ firstRow }) => firstRow <= row);
    const block = this.#blocks[at];
    if (block === undefined) return undefined;
    return (await this.#linesOf(at, block))[row - block.firstRow]?.replace(/,$/, '');
  }

  #linesOf(at: number, block: Block): Promise<readonly string[]> {
    const lines = this.#atHand.get(at) ?? this.#read(block);
    this.#atHand.delete(at);
    this.#atHand.set(at, lines);
    const [oldest] = this.#atHand.keys();
    if (this.#atHand.size > BLOCKS_AT_HAND && oldest !== undefined) this.#atHand.delete(oldest);
    return lines;
  }

  async #read({ offset, length, bytes }: Block): Promise<readonly string[]> {
    return new TextDecoder().decode(bytes ?? (await this.#reread(offset, length))).split('\n');
  }
}
