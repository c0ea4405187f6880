import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { SourceRecord } from '../../../../shared/ports.ts';
import { inRecordOrder } from '../../../../shared/use-cases/in-record-order.ts';
import { aRecord } from '../../../support/export-builders.ts';

/** Marks the records of this file, because other tests write into the same folder for temporary files. */
const MARK = `marked-${randomUUID()}`;

const isOurs = (folder: string): boolean => {
  try {
    return readFileSync(join(tmpdir(), folder, '0.jsonl'), 'utf8').includes(MARK);
  } catch {
    return false;
  }
};

/** Folders of sorted runs that this test has on disk. */
const tieFolders = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('ties-') && isOurs(name));

async function* pagesOf(pages: readonly (readonly SourceRecord[])[]) {
  for (const page of pages) {
    await Promise.resolve();
    yield page;
  }
}

const batchesOf = async (batches: AsyncIterable<readonly SourceRecord[]>) => {
  const all: (readonly SourceRecord[])[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
};

const collected = async (pages: readonly (readonly SourceRecord[])[], tieBudget?: number) =>
  (await batchesOf(inRecordOrder(pagesOf(pages), tieBudget))).flat();

const byUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Cuts records into pages of the given lengths, the last taking what is left. */
const cut = (records: readonly SourceRecord[], lengths: readonly number[]): SourceRecord[][] => {
  let at = 0;
  const pages = lengths.map((length) => records.slice(at, (at += length)));
  return [...pages, records.slice(at)];
};

/** Files that this process holds open although they are deleted, or soon will be. */
const openTieFiles = (): string[] =>
  (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd') : []).flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.includes('ties-') ? [target] : [];
    } catch {
      return [];
    }
  });

/** A source in which many records share a sort key: those of one key in any order, cut into pages anywhere. */
const source = fc
  .record({
    keys: fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), { maxLength: 60 }),
    groups: fc.integer({ min: 1, max: 6 }),
    text: fc.constantFrom('', 'line\u2028separator\u2029', 'quote " and \\ and \n', '😀'),
  })
  .chain(({ keys, groups, text }) => {
    const records = keys.map((key, at) =>
      aRecord(key, String(at % groups).padStart(2, '0'), { text: text + MARK }),
    );
    return fc.record({
      expected: fc.constant(
        records.toSorted((a, b) => byUtf8(a.sortKey, b.sortKey) || byUtf8(a.primaryKey, b.primaryKey)),
      ),
      shuffled: fc
        .shuffledSubarray(records, { minLength: records.length })
        .map((mixed) => mixed.toSorted((a, b) => byUtf8(a.sortKey, b.sortKey))),
      pageLengths: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 10 }),
      tieBudget: fc.constantFrom(0, 30, 100, 1_000_000),
    });
  });

describe('records in order', () => {
  it('are sorted by index order, then primary key: none lost, none doubled, in memory as on disk', async () => {
    await fc.assert(
      fc.asyncProperty(source, async ({ expected, shuffled, pageLengths, tieBudget }) => {
        expect(await collected(cut(shuffled, pageLengths), tieBudget)).toEqual(expected);
        expect(tieFolders()).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('of one page give the same as of many', async () => {
    const records = Array.from({ length: 50 }, (_, at) => aRecord(`key-${(at * 37) % 50}`, 'same'));
    const inOne = await collected([records], 200);
    expect(
      await collected(
        records.map((record) => [record]),
        200,
      ),
    ).toEqual(inOne);
    expect(await collected([[], ...cut(records, [0, 1, 0, 49]), []], 200)).toEqual(inOne);
  });

  it('are merged in batches when very many tie, complete and in order', async () => {
    const records = Array.from({ length: 3_500 }, (_, at) =>
      aRecord(String((at * 1_013) % 3_500).padStart(4, '0')),
    );
    const batches = await batchesOf(inRecordOrder(pagesOf([records]), 20_000));
    expect(batches.length).toBeGreaterThan(3);
    expect(batches.flat()).toEqual(records.toSorted((a, b) => byUtf8(a.primaryKey, b.primaryKey)));
  });

  it('may tie by the hundred thousand without being too many for one call', async () => {
    const tied = Array.from({ length: 200_000 }, (_, at) => aRecord(String(at), 'a'));
    const after = aRecord('last', 'b');
    let count = 0;
    for await (const batch of inRecordOrder(pagesOf([tied, [after]]))) count += batch.length;
    expect(count).toBe(200_001);
  });

  it('of nothing are nothing', async () => {
    expect(await collected([])).toEqual([]);
    expect(await collected([[], []])).toEqual([]);
  });

  const manyTies = Array.from({ length: 3_000 }, (_, at) =>
    aRecord(String(at), 'same', { text: MARK.repeat(5) }),
  );

  it('leave no file behind, open or closed, when the reader stops early', async () => {
    let spilled: string[] = [];
    for await (const batch of inRecordOrder(pagesOf([manyTies]), 50_000)) {
      spilled = tieFolders();
      if (batch.length > 0) break;
    }
    expect(spilled).toHaveLength(1);
    expect(tieFolders()).toEqual([]);
    expect(openTieFiles()).toEqual([]);
  });

  it('leave no file behind when the source fails, and say why', async () => {
    const failure = new Error('The source failed.');
    let spilled: string[] = [];
    async function* failingSource() {
      yield* pagesOf([manyTies]);
      spilled = tieFolders();
      throw failure;
    }
    await expect(batchesOf(inRecordOrder(failingSource(), 50_000))).rejects.toBe(failure);
    expect(spilled).toHaveLength(1);
    expect(tieFolders()).toEqual([]);
    expect(openTieFiles()).toEqual([]);
  });
});
