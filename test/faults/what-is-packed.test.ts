import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECTION_PATHS } from '../../shared/domain/package-layout.ts';
import { SECTIONS, type Section } from '../../shared/domain/sections.ts';
import { ARCHIVE_TOOLS, filesBelow, type ArchiveTool } from '../support/archive-tools.ts';
import { PATIENCE_SECONDS, TINY_PIECES } from '../support/exported-household.ts';
import { expectStoredFiles, exportAll, tracedFiles, type Exported } from './export-outcome.ts';
import { FaultWorld } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

const MANY_FILES = 300;

/** As users, and programs that wish no good, may have called their files. */
const ODD_NAMES: readonly string[] = [
  '../../x',
  'a/../b',
  '/abs',
  'C:\\x',
  'nul\0byte.csv',
  'new\nline.csv',
  'left\u202Efdp.exe',
  '😀.csv',
  'caf\u00e9.csv',
  'cafe\u0301.csv',
  'May.csv',
  'MAY.CSV',
  'CON',
  'con.csv',
  'trailing.',
  'trailing ',
  '.',
  '..',
  `${'long'.repeat(17_500)}.csv`,
  '',
  'twice.csv',
  'twice.csv',
  'lone\ud800surrogate.csv',
  '-rf',
  '%2e%2e%2fx',
];

/** What no entry's name may hold: it would leave its folder, hide itself, or not be stored somewhere. */
const UNSAFE_NAME = /[\u0000-\u001f\u007f\u202a-\u202e<>:"/\\|?*]|[. ]$|^\.{1,2}$|^(?:con|nul)(?:\.|$)|^$/i;

/** Where CI runs, every tool must be there; elsewhere those that are there must agree. */
const TOOLS = ARCHIVE_TOOLS.filter(({ isThere }) => process.env['CI'] === 'true' || isThere());

/** What a tool unpacks. */
const unpacked = ({ test, unpack }: ArchiveTool, bytes: Buffer): Map<string, Buffer> => {
  const folder = mkdtempSync(join(tmpdir(), 'unpacked-'));
  try {
    const zip = join(folder, 'package.zip');
    writeFileSync(zip, bytes);
    test(zip);
    const into = join(folder, 'into');
    unpack(zip, into);
    return filesBelow(into);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const expectSameInEveryTool = ({ bytes, entries }: Exported): void => {
  for (const tool of TOOLS) {
    const files = unpacked(tool, bytes);
    expect([tool.name, [...files.keys()].sort()]).toEqual([tool.name, [...entries.keys()].sort()]);
    const differing = [...entries].filter(([path, content]) => files.get(path)?.equals(content) !== true);
    expect([tool.name, differing.map(([path]) => path)]).toEqual([tool.name, []]);
  }
};

jest.setTimeout(PATIENCE_SECONDS * 1000);

describe('what is packed', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start({ variables: TINY_PIECES });
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  it('row 21: has safe names of its own for files of any name, and tells the true ones', async () => {
    expect(TOOLS.length).toBeGreaterThan(0);
    const user = await world.aUser({ files: ODD_NAMES.length, fileNames: ODD_NAMES, fileBytes: 100 });
    const exported = await exportAll(world, user);
    const files = tracedFiles(exported);
    expect(files.map(({ fileName }) => fileName).sort()).toEqual([...ODD_NAMES].sort());
    const paths = files.map(({ packageEntry }) => packageEntry.path ?? '');
    expect(paths.map((path) => /^files\/[a-z0-9-]+\/([^/]+)$/.exec(path)?.[1] ?? path)).not.toContainEqual(
      expect.stringMatching(UNSAFE_NAME),
    );
    const folded = paths.map((path) => path.normalize('NFC').toLowerCase());
    expect(new Set(folded).size).toBe(ODD_NAMES.length);
    expect(Math.max(...paths.map((path) => Buffer.byteLength(path)))).toBeLessThan(200);
    await expectStoredFiles(world, exported);
    expectSameInEveryTool(exported);
    await expectInvariants(world);
  });

  it('row 22: holds every file of many, packed in many segments', async () => {
    const user = await world.aUser({ files: MANY_FILES, fileBytes: 200 });
    const segments = new Set<unknown>();
    world.hook = {
      beforeInvoke: (name, payload) => {
        if (name === 'package-segment') segments.add((payload as { segment: number }).segment);
        return Promise.resolve();
      },
    };
    const exported = await exportAll(world, user);
    expect(segments.size).toBeGreaterThanOrEqual(MANY_FILES / Number(TINY_PIECES.SEGMENT_ENTRIES));
    const files = tracedFiles(exported);
    expect(new Set(files.map(({ packageEntry }) => packageEntry.path)).size).toBe(MANY_FILES);
    expect(files.map(({ packageEntry }) => packageEntry.path)).not.toContain(null);
    await expectStoredFiles(world, exported);
    expectSameInEveryTool(exported);
    await expectInvariants(world);
  });

  it.each<[string, readonly Section[]]>([
    ['has no accounts', ['accounts']],
    ['has no transactions', ['transactions']],
    ['has no files', ['transactionFiles']],
    ['is unknown', SECTIONS],
  ])('row 23: is a valid package with empty lists when the user %s', async (_, without) => {
    const user = await world.aUser({ without });
    const exported = await exportAll(world, user);
    for (const section of SECTIONS) {
      const records = JSON.parse(String(exported.entries.get(SECTION_PATHS[section]))) as unknown[];
      const expected = without.includes(section) ? 0 : user.counts[section];
      expect([section, records.length]).toEqual([section, expected]);
      expect(exported.manifest.counts[section]).toEqual({ expected, included: expected, omitted: 0 });
    }
    expect(exported.manifest.completeness).toBe('complete');
    expectSameInEveryTool(exported);
    await expectInvariants(world);
  });
});
