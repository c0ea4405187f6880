import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOSTILE_FILE_NAMES } from '../../../../infra/local/sample-household/hostile-file-names.ts';
import { nameBasedUuid } from '../../../../shared/domain/name-based-uuid.ts';
import { ARCHIVE_TOOLS, filesBelow, type ArchiveTool } from '../../../support/archive-tools.ts';
import { A_USER } from '../../../support/export-builders.ts';
import { packagedHousehold, type StoredRecord } from '../../../support/packaged-household.ts';

/** The fault matrix's row of file names, and those of the sample household. A stored name is any text, or none. */
const NAMES: readonly unknown[] = [
  ...Object.values(HOSTILE_FILE_NAMES).flat(),
  ...[
    '../../x',
    'a/../b',
    '/abs',
    'C:\\x',
    'nul\0byte',
    'new\nline',
    'cr\rlf\r\n',
    'gpj.\u202Eexe',
    '😀',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  ],
  ...[
    '\u00e9.csv',
    'e\u0301.csv',
    'twin.csv',
    'TWIN.csv',
    'CON',
    'con.txt',
    'LPT9.pdf',
    'CONIN$',
    'trailing.',
    '. .',
  ],
  ...[
    `${'n'.repeat(70_000)}.csv`,
    '',
    'same.csv',
    'same.csv',
    'lone \ud800',
    '\udc00',
    '-',
    '~',
    '*',
    '%00',
    '$HOME',
  ],
  ...[
    '\u0301combining first',
    '\uffff',
    '\u{10ffff}',
    '\u2028',
    'ｃｏｎ',
    'tab\t',
    '\u00a0',
    '\u200b',
    'a'.repeat(255),
  ],
  ...[undefined, null, 42, ['a.csv'], { name: 'a.csv' }],
];

/** Ids as the application makes them, and some that only a broken one would. */
const idOf = (at: number): string =>
  ['../up', 'UPPER', 'upper', 'con', 'é', 'e\u0301', ' '][at] ?? nameBasedUuid('file', String(at));

const contentOf = (at: number): Buffer => Buffer.from(`content of file ${at}\n`.repeat(at));

interface Traced extends StoredRecord {
  readonly packageEntry: { readonly path: string };
}

describe('a package with hostile file names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-names-'));
  const zip = join(folder, 'package.zip');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    const transactionFiles = NAMES.map((fileName, at) => {
      const key = { fileId: idOf(at), userId: A_USER, s3Key: `${A_USER}/${at}` };
      return fileName === undefined ? key : { ...key, fileName };
    });
    const files = new Map(NAMES.map((_, at) => [`${A_USER}/${at}`, contentOf(at)]));
    const { bytes } = await packagedHousehold({ records: { transactionFiles }, files }, { includeCsv: true });
    writeFileSync(zip, bytes);
  });

  const unpackedBy = (tool: ArchiveTool): string => {
    const unpacked = join(folder, tool.name);
    mkdirSync(unpacked);
    tool.unpack(zip, unpacked);
    return unpacked;
  };

  for (const tool of ARCHIVE_TOOLS) {
    // Where CI runs, every tool must be there; elsewhere those that are there must agree.
    const test = process.env['CI'] === 'true' || tool.isThere() ? it : it.skip;

    test(`is whole for ${tool.name}, with every file’s bytes under the path that its record names`, () => {
      expect(() => tool.test(zip)).not.toThrow();
      const unpacked = unpackedBy(tool);
      const contents = filesBelow(unpacked);
      const records = JSON.parse(contents.get('data/transaction_files.json')?.toString() ?? '') as Traced[];
      expect(records).toHaveLength(NAMES.length);
      for (const { s3Key, fileName, packageEntry } of records) {
        const at = Number(String(s3Key).replace(`${A_USER}/`, ''));
        expect(contents.get(packageEntry.path)?.equals(contentOf(at))).toBe(true);
        expect(JSON.stringify(fileName)).toBe(JSON.stringify(NAMES[at]));
      }
      const packed = [...contents.keys()].filter((path) => path.startsWith('files/'));
      expect(packed.sort()).toEqual(records.map(({ packageEntry }) => packageEntry.path).sort());
      execFileSync('sha256sum', ['--strict', '--quiet', '-c', 'checksums.sha256'], {
        cwd: unpacked,
        stdio: 'pipe',
      });
      rmSync(unpacked, { recursive: true });
    });
  }
});
