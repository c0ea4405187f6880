import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  checksumsText,
  completenessOf,
  manifestOf,
  OMISSION_CODES,
  omittedFile,
  type ManifestFacts,
} from '../../../../shared/domain/manifest.ts';
import { aCompleteRequest, NOON } from '../../../support/export-builders.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const anEntry = (path: string, content = path) => ({
  path,
  bytes: Buffer.byteLength(content),
  sha256: sha256(content),
  mediaType: 'text/plain',
});

const facts = (overrides: Partial<ManifestFacts> = {}): ManifestFacts => ({
  exportId: 'export-1',
  userId: 'user-1',
  request: aCompleteRequest(),
  requestedAt: NOON,
  startedAt: NOON + 1,
  applicationVersion: '3.2.1',
  entries: [anEntry('data/accounts.json')],
  counts: { accounts: { expected: 3, included: 3, omitted: 0 } },
  filters: {},
  omissions: [],
  warnings: [],
  controlTotals: [],
  transactionsByMonth: { '2026-11': 4 },
  ...overrides,
});

describe('a manifest', () => {
  it('has the fields that readers of the first format know', () => {
    expect(manifestOf(facts())).toMatchObject({
      exportFormatVersion: '1.0',
      exportTimestamp: '2026-11-23T12:00:00.000Z',
      startedAt: '2026-11-23T12:00:00.001Z',
      userId: 'user-1',
      housef3Version: '3.2.1',
      exportId: 'export-1',
      exportType: 'complete',
      includeAnalytics: false,
      checksums: { 'data/accounts.json': `sha256:${sha256('data/accounts.json')}` },
      transactionsByMonth: { '2026-11': 4 },
    });
  });

  it('counts nothing for sections that were not asked for', () => {
    expect(manifestOf(facts()).dataSummary).toEqual({
      accountsCount: 3,
      transactionsCount: 0,
      categoriesCount: 0,
      fileMapsCount: 0,
      transactionFilesCount: 0,
      analyticsCount: 0,
    });
  });

  it('is complete only when nothing was left out', () => {
    const omission = omittedFile('file-1', 'files/file-1/a.csv', 'MISSING_OBJECT');
    expect(completenessOf([])).toBe('complete');
    expect(manifestOf(facts({ omissions: [omission] }))).toMatchObject({
      completeness: 'partial',
      omissions: [{ section: 'transactionFiles', id: 'file-1', expectedPath: 'files/file-1/a.csv' }],
    });
  });

  it('gives each reason for leaving out a file in a sentence of its own', () => {
    const reasons = OMISSION_CODES.map((code) => omittedFile('f', 'p', code).reason);
    expect(new Set(reasons).size).toBe(OMISSION_CODES.length);
    for (const reason of reasons) expect(reason).toMatch(/^[A-Z].*\.$/);
  });

  it('is the same text for the same facts', () => {
    expect(JSON.stringify(manifestOf(facts()))).toBe(JSON.stringify(manifestOf(facts())));
  });
});

describe('the checksums file', () => {
  it('is what sha256sum reads, also for paths with spaces and other scripts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'checksums-'));
    try {
      const entries = ['data/accounts.json', 'files/a b/März 😀.csv', 'files/x/-.txt'].map((path) =>
        anEntry(path),
      );
      for (const { path } of entries) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), path);
      }
      const check = () =>
        execFileSync('sha256sum', ['--strict', '-c', '-'], {
          cwd: folder,
          input: checksumsText(entries),
          stdio: 'pipe',
        });
      expect(check().toString()).toBe(entries.map(({ path }) => `${path}: OK\n`).join(''));
      writeFileSync(join(folder, 'data/accounts.json'), 'other');
      expect(check).toThrow();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
