import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';

/**
 * An append-only file of JSON lines. A line is either whole or, when the process was killed while writing it,
 * the last one and dropped when the file is read next. Survives the end of the process, not the loss of power.
 */
export class Journal {
  readonly #file: number;
  #length: number;

  private constructor(file: number, length: number) {
    this.#file = file;
    this.#length = length;
  }

  /**
   * Replays the file into `replay`, then replaces it by the fewest lines that say the same, which `snapshot` gives.
   * Throws an Error that names the file and the line when a line in the middle cannot be read.
   */
  static async open(
    path: string,
    replay: (record: unknown) => void,
    snapshot: () => Iterable<unknown>,
  ): Promise<Journal> {
    // The flag makes an empty file when there is none.
    const lines = (await readFile(path, { encoding: 'utf8', flag: 'a+' })).split('\n');
    lines.slice(0, -1).forEach((line, index) => replayLine(line, replay, `${path}, line ${index + 1}`));
    const compacted = [...snapshot()].map((record) => `${JSON.stringify(record)}\n`).join('');
    await writeFile(`${path}.new`, compacted);
    await rename(`${path}.new`, path);
    return new Journal(openSync(path, 'a'), Buffer.byteLength(compacted));
  }

  /** Returns when the line is handed to the operating system; leaves no half of it behind when that fails. */
  append(record: unknown): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    try {
      for (let written = 0; written < line.length;) written += writeSync(this.#file, line, written);
    } catch (error) {
      ftruncateSync(this.#file, this.#length);
      throw error;
    }
    this.#length += line.length;
  }

  close(): void {
    closeSync(this.#file);
  }
}

const replayLine = (line: string, replay: (record: unknown) => void, where: string): void => {
  try {
    replay(JSON.parse(line));
  } catch (cause) {
    throw new Error(`The index of the local S3 server cannot be read: ${where}`, { cause });
  }
};
