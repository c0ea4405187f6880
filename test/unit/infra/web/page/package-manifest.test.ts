import { describe, expect, it } from '@jest/globals';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { manifestFacts } from '../../../../../infra/web/browser/page/manifest-facts.ts';
import { monthBars, scaleTop } from '../../../../../infra/web/browser/page/month-bars.ts';
import {
  ManifestUnreadable,
  readPackageManifest,
  type ReadRange,
} from '../../../../../infra/web/browser/page/package-manifest.ts';
import { countOf, durationText, sizeText } from '../../../../../infra/web/browser/page/quantities.ts';

const MANIFEST = { transactionsByMonth: { '2026-01': 3, undated: 1 } };
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

interface Zipped {
  readonly zip64?: boolean;
  readonly level?: number;
  readonly files?: number;
}

const zipped = async ({ zip64 = false, level = 6, files = 3 }: Zipped): Promise<Uint8Array> => {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { zip64, level, useWebWorkers: false });
  for (let index = 0; index < files; index++) {
    await writer.add(`files/${index}/manifest.json`, new Uint8ArrayReader(text('{"not":"this"}')));
  }
  await writer.add('manifest.json', new Uint8ArrayReader(text(JSON.stringify(MANIFEST))));
  return writer.close();
};

/** Reads from memory, and remembers how many bytes were asked for. */
const reading = (bytes: Uint8Array): { readRange: ReadRange; asked: () => number } => {
  let asked = 0;
  return {
    asked: () => asked,
    readRange: (from, to) => {
      asked += to - from;
      return Promise.resolve(bytes.slice(from, to));
    },
  };
};

describe('a manifest read in pieces', () => {
  it.each<Zipped>([{}, { level: 0 }, { zip64: true }, { files: 0 }])(
    'is found in a ZIP of %j',
    async (how) => {
      const bytes = await zipped(how);
      const { readRange } = reading(bytes);
      expect(await readPackageManifest('zip', bytes.length, readRange)).toEqual(MANIFEST);
    },
  );

  it('is found behind a directory that is longer than what is read first', async () => {
    const bytes = await zipped({ files: 1500 });
    const { readRange, asked } = reading(bytes);
    expect(await readPackageManifest('zip', bytes.length, readRange)).toEqual(MANIFEST);
    expect(asked()).toBeLessThan(bytes.length);
  });

  it('is found at the beginning of a JSON package, however long it is', async () => {
    const long = { ...MANIFEST, entries: 'x'.repeat(300_000) };
    const bytes = text(
      `{"manifest":${JSON.stringify(long)},\n"data":{\n"accounts":[${'1,'.repeat(1_500_000)}1]}}\n`,
    );
    const { readRange, asked } = reading(bytes);
    expect(await readPackageManifest('json', bytes.length, readRange)).toEqual(long);
    expect(asked()).toBeLessThan(bytes.length);
  });

  it.each(['zip', 'json'] as const)('is not made up for what is no %s package', async (format) => {
    const bytes = text('nothing of the kind');
    const { readRange } = reading(bytes);
    await expect(readPackageManifest(format, bytes.length, readRange)).rejects.toThrow(ManifestUnreadable);
  });
});

describe('the facts of a manifest', () => {
  it('are those that can be shown, whatever else stands in it', () => {
    const facts = manifestFacts({
      transactionsByMonth: { '2026-02': 2, '2026-01': 3, undated: 4, nonsense: 5, '2026-03': 'many' },
      omissions: [{ expectedPath: 'files/a/b.csv', reason: 'Gone.' }, 'nonsense'],
    });
    expect(facts).toEqual({
      months: [
        ['2026-01', 3],
        ['2026-02', 2],
      ],
      undated: 4,
      missing: [{ path: 'files/a/b.csv', reason: 'Gone.' }],
    });
    expect(() => manifestFacts([])).toThrow();
  });
});

describe('the plot of months', () => {
  it('has a place for each month between the first and the last', () => {
    expect(
      monthBars([
        ['2025-11', 2],
        ['2026-02', 1],
      ]),
    ).toEqual([
      { month: '2025-11', count: 2 },
      { month: '2025-12', count: 0 },
      { month: '2026-01', count: 0 },
      { month: '2026-02', count: 1 },
    ]);
  });

  it('does not fill the centuries to a date that is off', () => {
    const bars = monthBars([
      ['0001-01', 1],
      ['2026-02', 1],
    ]);
    expect(bars).toHaveLength(2);
  });

  it('ends its scale at a round number', () => {
    expect([0, 1, 3, 7, 12, 450, 1000].map(scaleTop)).toEqual([1, 1, 5, 10, 20, 500, 1000]);
  });
});

describe('quantities', () => {
  it('are in units that people read', () => {
    expect([817, 1533, 3_200_000, 250_000_000].map(sizeText)).toEqual([
      '817 byte',
      '1.5 kB',
      '3.2 MB',
      '250 MB',
    ]);
    expect([30_000, 8 * 60_000, 5 * 3_600_000 + 60_000, 51 * 3_600_000].map(durationText)).toEqual([
      'less than a minute',
      '8 min',
      '5 h 1 min',
      '2 d 3 h',
    ]);
    expect([countOf(1, 'account'), countOf(12_034, 'account')]).toEqual(['1 account', '12,034 accounts']);
  });
});
