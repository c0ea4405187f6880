import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareUtf8 } from '../domain/compare-utf8.ts';
import type { SourceRecord } from '../ports.ts';
import { linesOf } from './lines.ts';

/** Characters of JSON that records with one sort key may take in memory before they are sorted on disk. */
const TIE_BUDGET = 16 * 1024 * 1024;

const byPrimaryKey = (a: SourceRecord, b: SourceRecord): number => compareUtf8(a.primaryKey, b.primaryKey);

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
      this.held().map(({ primaryKey, json }) => `${JSON.stringify(primaryKey)}\n${json}\n`),
    );
    this.#runs.push(path);
    this.#held = [];
    this.#size = 0;
  }

  /** Everything in order, in batches, from memory and disk. */
  merged(): AsyncGenerator<readonly SourceRecord[]> {
    return mergeRuns([this.held(), ...this.#runs.map((path) => this.#read(path))]);
  }

  async dispose(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async *#read(path: string): AsyncGenerator<SourceRecord> {
    let primaryKey: string | undefined;
    for await (const line of linesOf(createReadStream(path))) {
      if (primaryKey === undefined) primaryKey = String(JSON.parse(line));
      else {
        yield { primaryKey, sortKey: this.sortKey, json: line };
        primaryKey = undefined;
      }
    }
  }
}

type Run = AsyncIterable<SourceRecord> | Iterable<SourceRecord>;

async function* recordsOf(run: Run): AsyncGenerator<SourceRecord> {
  yield* run;
}

const MERGE_BATCH = 1000;

/** Runs are few (each holds a full budget of memory), so the least head is found by looking at all of them. */
async function* mergeRuns(runs: readonly Run[]): AsyncGenerator<readonly SourceRecord[]> {
  const open: { records: AsyncGenerator<SourceRecord>; head: SourceRecord }[] = [];
  try {
    for (const run of runs) {
      const records = recordsOf(run);
      const first = await records.next();
      if (first.done !== true) open.push({ records, head: first.value });
    }
    let batch: SourceRecord[] = [];
    while (open.length > 0) {
      const least = open.reduce((a, b) => (byPrimaryKey(b.head, a.head) < 0 ? b : a));
      batch.push(least.head);
      if (batch.length === MERGE_BATCH) {
        yield batch;
        batch = [];
      }
      const next = await least.records.next();
      if (next.done === true) open.splice(open.indexOf(least), 1);
      else least.head = next.value;
    }
    if (batch.length > 0) yield batch;
  } finally {
    // A reader may stop early: a file left open would keep its space on disk although it is removed.
    for (const { records } of open) await records.return(undefined);
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
