import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareUtf8 } from '../domain/compare-utf8.ts';
import { mergeSorted } from '../domain/merge-sorted.ts';
import type { SourceRecord } from '../ports.ts';
import { linesOf } from './lines.ts';
import { ParsedRecord } from './parsed-record.ts';

/** Bytes of JSON that records with one sort key may take in memory before they are sorted on disk. */
const TIE_BUDGET = 16 * 1024 * 1024;

/** Characters of JSON of each run on disk that are in memory while runs are merged. */
const PAGE_FROM_DISK = 64 * 1024;

const LINE_FEED = Buffer.from('\n');

const byPrimaryKey = (a: SourceRecord, b: SourceRecord): number => compareUtf8(a.primaryKey, b.primaryKey);

async function* inMemory(records: readonly SourceRecord[]): AsyncGenerator<readonly SourceRecord[]> {
  yield await Promise.resolve(records);
}

/** Records with equal sort keys: held in memory, or in sorted runs on disk where they are too many. */
class Ties {
  readonly sortKey: string;
  readonly #runs: string[] = [];
  #folder: string | undefined;
  #held: SourceRecord[] = [];
  #size = 0;

  constructor(sortKey: string) {
    this.sortKey = sortKey;
  }

  get size(): number {
    return this.#size;
  }

  get spilled(): boolean {
    return this.#runs.length > 0;
  }

  add(record: SourceRecord): void {
    this.#held.push(record);
    this.#size += record.json.length;
  }

  /** What is held in memory, in order. */
  held(): readonly SourceRecord[] {
    return this.#held.length > 1 ? this.#held.sort(byPrimaryKey) : this.#held;
  }

  async spill(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'ties-'));
    const path = join(this.#folder, `${this.#runs.length}.jsonl`);
    await writeFile(
      path,
      this.held().map(({ primaryKey, json }) =>
        Buffer.concat([Buffer.from(`${JSON.stringify(primaryKey)}\n`), json, LINE_FEED]),
      ),
    );
    this.#runs.push(path);
    this.#held = [];
    this.#size = 0;
  }

  /** Everything in order, in batches, from memory and disk. */
  merged(): AsyncGenerator<readonly SourceRecord[]> {
    return mergeSorted([inMemory(this.held()), ...this.#runs.map((path) => this.#read(path))], byPrimaryKey);
  }

  async dispose(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async *#read(path: string): AsyncGenerator<readonly SourceRecord[]> {
    let page: SourceRecord[] = [];
    let size = 0;
    let primaryKey: string | undefined;
    for await (const line of linesOf(createReadStream(path))) {
      if (primaryKey === undefined) {
        primaryKey = String(JSON.parse(line));
        continue;
      }
      page.push(new ParsedRecord({ primaryKey, sortKey: this.sortKey, text: line }));
      primaryKey = undefined;
      size += line.length;
      if (size >= PAGE_FROM_DISK) {
        yield page;
        page = [];
        size = 0;
      }
    }
    yield page;
  }
}

/**
 * A user's records in the package's order: index sort key, then primary key (data contract). The index gives the first
 * half; items that tie on its key come in no promised order and may straddle pages, so they are held until their key
 * has passed. An index without a sort key is one tie from beginning to end, which is why ties can go to disk.
 */
export async function* inRecordOrder(
  pages: AsyncIterable<readonly SourceRecord[]>,
  tieBudget = TIE_BUDGET,
): AsyncGenerator<readonly SourceRecord[]> {
  let ties: Ties | undefined;
  let ready: SourceRecord[] = [];
  try {
    for await (const page of pages) {
      for (const record of page) {
        if (ties?.sortKey !== record.sortKey) {
          if (ties?.spilled === true) {
            yield ready;
            ready = [];
            yield* ties.merged();
            await ties.dispose();
          } else {
            // One by one: a call takes only so many arguments, and a sort key can have more records.
            for (const held of ties?.held() ?? []) ready.push(held);
          }
          ties = new Ties(record.sortKey);
        }
        ties.add(record);
        if (ties.size > tieBudget) await ties.spill();
      }
      yield ready;
      ready = [];
    }
    if (ties !== undefined) yield* ties.merged();
  } finally {
    await ties?.dispose();
  }
}
