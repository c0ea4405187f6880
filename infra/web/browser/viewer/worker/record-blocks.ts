/** Lines that were read together; `bytes` are packed where `packed` says so. */
interface Block {
  readonly firstRow: number;
  bytes: Uint8Array<ArrayBuffer>;
  packed: boolean;
}

/** So much is kept as it is, which is all of a usual household; the rest is packed to a seventh. */
const PLAIN_BYTES = 96 * 1024 * 1024;
const BLOCKS_AT_HAND = 8;

const through = async (
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(transform)).arrayBuffer());

/** Keeps the lines of a section, so that any one can be had again without reading the package. */
export class RecordBlocks {
  readonly #blocks: Block[] = [];
  readonly #plainLimit: number;
  #plainBytes = 0;
  #nextToPack = 0;
  /** By block, the one used last at the end. */
  readonly #atHand = new Map<number, Promise<readonly string[]>>();

  /** @param plainLimit bytes kept as they are */
  constructor(plainLimit = PLAIN_BYTES) {
    this.#plainLimit = plainLimit;
  }

  /** Takes whole lines, of which the first is that of row `firstRow`; resolves when there is room for more. */
  async add(firstRow: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#blocks.push({ firstRow, bytes, packed: false });
    this.#plainBytes += bytes.length;
    while (this.#plainBytes > this.#plainLimit && this.#nextToPack < this.#blocks.length) {
      const block = this.#blocks[this.#nextToPack];
      this.#nextToPack += 1;
      if (block === undefined) return;
      const plain = block.bytes.length;
      block.bytes = await through(block.bytes, new CompressionStream('deflate-raw'));
      block.packed = true;
      this.#plainBytes -= plain;
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
    const lines = this.#atHand.get(at) ?? this.#unpacked(block);
    this.#atHand.delete(at);
    this.#atHand.set(at, lines);
    const [oldest] = this.#atHand.keys();
    if (this.#atHand.size > BLOCKS_AT_HAND && oldest !== undefined) this.#atHand.delete(oldest);
    return lines;
  }

  async #unpacked({ bytes, packed }: Block): Promise<readonly string[]> {
    const plain = packed ? await through(bytes, new DecompressionStream('deflate-raw')) : bytes;
    return new TextDecoder().decode(plain).split('\n');
  }
}
