import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  checkpointKey,
  downloadName,
  exportOfKey,
  filePath,
  interimPrefix,
  INTERIM_PREFIX,
  packageKey,
  packagePrefix,
  PACKAGES_PREFIX,
  planKey,
  safeFileName,
  SECTION_PATHS,
  sectionKey,
  segmentKey,
  segmentReportKey,
  tallyKey,
} from '../../../../shared/domain/package-layout.ts';
import { SECTIONS } from '../../../../shared/domain/sections.ts';

const AWKWARD_USERS = [
  'a/b',
  '..',
  '.',
  'ü',
  '',
  'a',
  'a%2Fb',
  '%2E%2E',
  'a b',
  'a+b',
  'auth0|5f',
  '😀',
  'A',
];

describe('the keys of an export', () => {
  it.each(AWKWARD_USERS.map((user) => [user]))('stay within the one folder of user %j', (userId) => {
    const run = { userId, exportId: 'export-1' };
    const keys = [
      sectionKey(run, 'accounts', 'attempt-1'),
      tallyKey(run, 'transactions', 'attempt-1'),
      packageKey(run, 'attempt-1', 'zip'),
    ];
    expect(keys.map((key) => key.split('/').length)).toEqual([5, 5, 4]);
    expect(keys.flatMap((key) => key.split('/')).filter((segment) => /^\.+$/.test(segment))).toEqual([]);
    expect(keys[0]).toBe(`${interimPrefix(userId, 'export-1')}accounts/attempt-1.json`);
    expect(keys[1]).toBe(`${interimPrefix(userId, 'export-1')}transactions/attempt-1.tally.json`);
    expect(keys[2]).toBe(`${packagePrefix(userId, 'export-1')}attempt-1.zip`);
  });

  it('all tell whose they are, and lie where one purge finds them', () => {
    const run = { userId: 'user-1', exportId: 'export-1' };
    const interim = [
      sectionKey(run, 'accounts', 'attempt-1'),
      tallyKey(run, 'transactions', 'attempt-1'),
      planKey(run, 'attempt-1'),
      segmentKey(run, 12, 'attempt-1'),
      segmentReportKey(run, 12, 'attempt-1'),
      checkpointKey(run, 'attempt-1'),
    ];
    const { userId, exportId } = run;
    for (const key of interim)
      expect(exportOfKey(key)).toEqual({ exportId, prefix: interimPrefix(userId, exportId) });
    expect(exportOfKey(packageKey(run, 'attempt-1', 'zip'))).toEqual({
      ...{ exportId, prefix: packagePrefix(userId, exportId) },
    });
    expect(new Set(interim).size).toBe(interim.length);
  });

  it('are different for different users, and no prefix is the beginning of another', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
        fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
        (one, other) => {
          fc.pre(one !== other);
          expect(interimPrefix(one, 'x').startsWith(interimPrefix(other, 'x'))).toBe(false);
        },
      ),
    );
    const prefixes = AWKWARD_USERS.map((user) => packagePrefix(user, 'export-1'));
    expect(new Set(prefixes).size).toBe(AWKWARD_USERS.length);
  });

  it('tell interim objects from packages, and one attempt from another', () => {
    const run = { userId: 'u', exportId: 'e' };
    expect(interimPrefix('u', 'e').startsWith(INTERIM_PREFIX)).toBe(true);
    expect(packagePrefix('u', 'e').startsWith(PACKAGES_PREFIX)).toBe(true);
    expect(INTERIM_PREFIX).not.toBe(PACKAGES_PREFIX);
    expect(sectionKey(run, 'accounts', '1')).not.toBe(sectionKey(run, 'accounts', '2'));
    expect(packageKey(run, '1', 'zip')).not.toBe(packageKey(run, '2', 'zip'));
    expect(packageKey(run, '1', 'zip')).not.toBe(packageKey(run, '1', 'json'));
    expect(tallyKey(run, 'accounts', '1')).not.toBe(sectionKey(run, 'accounts', '1'));
  });

  it('do not let one export reach into another whose id begins alike', () => {
    expect(interimPrefix('u', '12').startsWith(interimPrefix('u', '1'))).toBe(false);
  });
});

describe('the package', () => {
  it('has one path a section', () => {
    expect(SECTIONS.map((section) => SECTION_PATHS[section])).toEqual([
      'data/accounts.json',
      'data/transactions.json',
      'data/categories.json',
      'data/file_maps.json',
      'data/transaction_files.json',
      'data/analytics.json',
    ]);
  });

  it('is saved under the UTC day of its request', () => {
    const requestedAt = Date.UTC(2026, 0, 2, 23, 59, 59);
    expect(downloadName(requestedAt, 'zip')).toBe('household-export-2026-01-02.zip');
    expect(downloadName(requestedAt, 'json')).toBe('household-export-2026-01-02.json');
  });
});

const HOSTILE = [
  '../../x',
  'a/../b',
  '/abs',
  'C:\\x',
  'nul\u0000byte',
  'new\nline',
  'gpj.\u202Eexe.csv',
  '\u061Cmarked.csv',
  '😀.csv',
  'CON',
  'con.csv',
  'LPT1.txt',
  'com¹',
  'trailing.',
  'trailing ',
  ' leading',
  '.',
  '..',
  '...',
  '',
  ' ',
  'lone \ud800 surrogate',
  `${'long'.repeat(17_500)}.csv`,
  'ｃｏｎ',
  'aux .txt',
];

const anyFileName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme-composite', maxLength: 300 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(...HOSTILE),
  fc
    .tuple(fc.constantFrom('con', 'PRN', 'aux', 'NUL', 'com7', 'lpt³'), fc.string({ maxLength: 200 }))
    .map(([device, rest]) => `${device}.${rest.repeat(20)}`),
);

const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)([ .]|$)/i;

describe('the name of a statement file in the package', () => {
  it('is the user’s own where every file system takes that', () => {
    for (const name of ['statement.csv', 'März 2026.pdf', 'קובץ.qif', '😀.ofx', 'a.b.c', '.hidden'])
      expect(safeFileName(name)).toBe(name);
  });

  it('keeps the extension of a name that is too long', () => {
    expect(safeFileName(`${'ä'.repeat(300)}.xlsx`)).toMatch(/^ä{67}\.xlsx$/);
    expect(safeFileName(`con.${'a'.repeat(300)}.csv`)).toBe(`_con.${'a'.repeat(131)}.csv`);
  });

  it('is never empty, never reserved, never long, and always the same', () => {
    fc.assert(
      fc.property(anyFileName, (fileName) => {
        const safe = safeFileName(fileName);
        expect(safe).not.toBe('');
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(140);
        expect(safe).not.toMatch(RESERVED);
        expect(safe).not.toMatch(/^ |[ .]$/);
        expect(safeFileName(fileName)).toBe(safe);
        expect(safeFileName(safe)).toBe(safe);
      }),
      { numRuns: 1000 },
    );
  });

  it('is well-formed NFC without characters that some system or reader cannot take', () => {
    fc.assert(
      fc.property(anyFileName, (fileName) => {
        const safe = safeFileName(fileName);
        expect(safe.isWellFormed()).toBe(true);
        expect(safe.normalize('NFC')).toBe(safe);
        expect(safe).not.toMatch(/[\u0000-\u001f\u007f-\u009f<>:"/\\|?*]/);
        expect(safe).not.toMatch(/\p{Bidi_Control}|\p{Line_Separator}|\p{Paragraph_Separator}/u);
        expect(safe).not.toMatch(/[\u00ad\u180e\u200b\u2060\ufeff\uffff]|\p{Noncharacter_Code_Point}/u);
      }),
      { numRuns: 1000 },
    );
  });

  it('fits every file system also in the form in which macOS stores it', () => {
    fc.assert(
      fc.property(anyFileName, (fileName) => {
        expect(safeFileName(fileName).normalize('NFD').length).toBeLessThanOrEqual(255);
      }),
      { numRuns: 1000 },
    );
    expect(safeFileName('\u0390'.repeat(300)).normalize('NFD')).toHaveLength(210);
  });

  it('keeps the joiners of emoji and scripts, and no other invisible character', () => {
    const [family, persian] = ['👨‍👩‍👧.csv', 'می\u200cخواهم.pdf'];
    expect([family, persian].map(safeFileName)).toEqual([family, persian]);
    expect(safeFileName('in\u00advi\u200bsi\u2060ble\u{E0041}.csv')).toBe('in_vi_si_ble_.csv');
  });

  it.each([['CONIN$'], ['conout$.txt'], ['NUL .csv'], ['Com1.tar.gz']])(
    'is no device of Windows for %j',
    (fileName) => {
      expect(safeFileName(fileName)).toBe(`_${fileName}`);
    },
  );

  it('never is the name of a folder above', () => {
    for (const name of HOSTILE) expect(['.', '..']).not.toContain(safeFileName(name));
  });
});

describe('the path of a statement file in the package', () => {
  const anyFileId = fc.oneof(
    fc.uuid(),
    fc.uuid().map((id) => id.toUpperCase()),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.constantFrom(
      'a',
      'A',
      'ä',
      'a\u0308',
      'Ä',
      '',
      '.',
      '..',
      'con',
      'CON',
      'x/y',
      'x',
      'a-',
      '-a',
      'ﬁ',
      'fi',
    ),
  );

  it('is unique without regard to case and Unicode form, whatever the names', () => {
    const folded = (path: string) => path.normalize('NFKC').toLowerCase().toUpperCase().normalize('NFKC');
    fc.assert(
      fc.property(anyFileId, anyFileId, anyFileName, (one, other, fileName) => {
        fc.pre(one !== other);
        expect(folded(filePath(one, fileName))).not.toBe(folded(filePath(other, fileName)));
      }),
      { numRuns: 500 },
    );
  });

  it('always has three segments, none of which leads out', () => {
    fc.assert(
      fc.property(anyFileId, anyFileName, (fileId, fileName) => {
        const segments = filePath(fileId, fileName).split('/');
        expect(segments).toHaveLength(3);
        expect(segments[0]).toBe('files');
        expect(segments[1]).toMatch(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/);
        expect(segments[1]).not.toMatch(RESERVED);
      }),
    );
  });

  it('leaves room for a folder of the user’s own within the 260 characters of Windows', () => {
    fc.assert(
      fc.property(anyFileId, anyFileName, (fileId, fileName) => {
        expect(Buffer.byteLength(filePath(fileId, fileName))).toBeLessThanOrEqual(183);
      }),
    );
    expect(filePath('a'.repeat(36), 'b'.repeat(999))).toHaveLength(183);
    expect(filePath('a'.repeat(37), 'b'.repeat(999))).toHaveLength(182);
  });

  it('cannot be taken by an id that looks like the folder of another', () => {
    const [, folder = ''] = filePath('Ä/b', 'a.csv').split('/');
    expect(folder).toMatch(/^id-[0-9a-f]{32}$/);
    expect(filePath(folder, 'a.csv')).not.toContain(folder);
  });

  it('names the folder after the record where the application made its id', () => {
    const id = '0b0f6f3a-9d0a-4c56-8f0e-2f1c8a3f5b11';
    expect(filePath(id, 'a.csv')).toBe(`files/${id}/a.csv`);
  });
});
