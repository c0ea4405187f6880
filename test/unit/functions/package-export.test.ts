import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createCollectTransactions } from '../../../functions/collect-transactions/collect-transactions.ts';
import { mediaTypeOf } from '../../../functions/package-export/media-type.ts';
import { createPackageExport } from '../../../functions/package-export/package-export.ts';
import { ServiceUnavailable } from '../../../shared/domain/errors.ts';
import { filePath, packageKey } from '../../../shared/domain/package-layout.ts';
import { SECTIONS, type Section } from '../../../shared/domain/sections.ts';
import type { SourceRecord, StatementFile, StatementFiles } from '../../../shared/ports.ts';
import { createCollectSection } from '../../../shared/use-cases/collect-section.ts';
import type { SectionResult } from '../../../shared/workflow/contracts.ts';
import {
  A_USER,
  aDeletingJob,
  anExportRun,
  aProcessingJob,
  aRecord,
  NOON,
} from '../../support/export-builders.ts';
import { InMemoryArtifactStore } from '../../support/in-memory-artifact-store.ts';
import { InMemoryHousehold } from '../../support/in-memory-household.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import { SettableClock } from '../../support/recording-ports.ts';
import { zipEntries } from '../../support/zip-entries.ts';

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

const aFile = (fileId: string, fields: object): SourceRecord => aRecord(fileId, '', { fileId, ...fields });

const HOUSEHOLD: Readonly<Partial<Record<Section, readonly (readonly SourceRecord[])[]>>> = {
  accounts: [[aRecord('a1', '1')]],
  transactions: [
    [aRecord('t1', String(Date.UTC(2026, 9, 31))), aRecord('t2', String(Date.UTC(2026, 10, 1)))],
    [aRecord('t3', String(Date.UTC(2026, 10, 2)))],
  ],
  categories: [[aRecord('c1', 'Essen')]],
  transactionFiles: [
    [
      aFile('f1', { fileName: 'März.csv', s3Key: 'user-1/f1/März.csv' }),
      aFile('f2', { fileName: '../../evil.pdf', s3Key: 'user-1/f2/gone.pdf' }),
      aFile('f3', { fileName: 7, s3Key: null }),
      aFile('f4', { s3Key: 'user-2/f4/foreign.csv' }),
    ],
  ],
};

/** Statement files by key; those that are not there are missing. */
class FilesInMemory implements StatementFiles {
  readonly contents = new Map<string, () => Readable>([
    ['user-1/f1/März.csv', () => Readable.from([Buffer.from('content')])],
  ]);

  open(userId: string, s3Key: string | undefined): Promise<StatementFile> {
    const content = s3Key === undefined ? undefined : this.contents.get(s3Key);
    if (content !== undefined) return Promise.resolve({ found: true, body: content() });
    const code =
      s3Key === undefined ? 'NO_KEY' : s3Key.startsWith(`${userId}/`) ? 'MISSING_OBJECT' : 'FOREIGN_KEY';
    return Promise.resolve({ found: false, code });
  }
}

const setUp = async (household = HOUSEHOLD, sections: readonly Section[] = SECTIONS.slice(0, 5)) => {
  const job = aProcessingJob();
  const [jobs, artifacts, clock] = [
    new InMemoryJobStore(job),
    new InMemoryArtifactStore(),
    new SettableClock(),
  ];
  const [source, files] = [new InMemoryHousehold(household), new FilesInMemory()];
  const run = anExportRun({ exportId: job.exportId, sections: [...sections] });
  const dependencies = { source, artifacts, jobs, clock };
  const collected: SectionResult[] = [];
  // The workflow gives them in the order of its branches, which nothing promises to be that of the package.
  for (const section of SECTIONS.toReversed()) {
    const collect =
      section === 'transactions'
        ? createCollectTransactions(dependencies)
        : createCollectSection(section, dependencies);
    collected.push(await collect(run, { attemptId: 'collected' }));
  }
  const pack = createPackageExport({ jobs, artifacts, files, clock, applicationVersion: '3.2.1' });
  const s3Key = packageKey({ userId: A_USER, exportId: job.exportId }, 'attempt-1', 'zip');
  return {
    ...{ job, jobs, artifacts, files, clock, collected, s3Key },
    pack: () => pack({ run, collected }, { attemptId: 'attempt-1' }),
    entries: () => zipEntries(artifacts.objects.get(s3Key) ?? Buffer.alloc(0)),
    erase: () => jobs.put(aDeletingJob({ exportId: job.exportId })),
  };
};

type Manifest = Record<string, unknown> & {
  readonly entries: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
};

describe('a package', () => {
  it('holds sections, files, manifest and checksums, and tells its size and hash', async () => {
    const { pack, entries, artifacts, s3Key } = await setUp();
    const summary = await pack();
    const bytes = artifacts.objects.get(s3Key) ?? Buffer.alloc(0);
    expect(summary).toEqual({
      s3Key,
      packageSize: bytes.length,
      sha256: sha256(bytes),
      completeness: 'partial',
      counts: {
        accounts: { expected: 1, included: 1, omitted: 0 },
        transactions: { expected: 3, included: 3, omitted: 0 },
        categories: { expected: 1, included: 1, omitted: 0 },
        fileMaps: { expected: 0, included: 0, omitted: 0 },
        transactionFiles: { expected: 4, included: 1, omitted: 3 },
      },
      warnings: [
        { code: 'FOREIGN_KEY', count: 1 },
        { code: 'MISSING_OBJECT', count: 1 },
        { code: 'NO_KEY', count: 1 },
      ],
    });
    expect((await entries()).map(({ path }) => path)).toEqual([
      'data/accounts.json',
      'data/transactions.json',
      'data/categories.json',
      'data/file_maps.json',
      'data/transaction_files.json',
      'files/f1/März.csv',
      'manifest.json',
      'checksums.sha256',
    ]);
  });

  it('has a manifest that is true of every other entry', async () => {
    const { pack, entries, job } = await setUp();
    await pack();
    const read = await entries();
    const content = (path: string) => read.find((entry) => entry.path === path)?.content ?? Buffer.alloc(0);
    const manifest = JSON.parse(content('manifest.json').toString()) as Manifest;
    const others = read.filter(({ path }) => !['manifest.json', 'checksums.sha256'].includes(path));
    expect(manifest.entries.map(({ path, bytes, sha256: hash }) => [path, bytes, hash])).toEqual(
      others.map((entry) => [entry.path, entry.content.length, sha256(entry.content)]),
    );
    expect(manifest).toMatchObject({
      exportId: job.exportId,
      userId: A_USER,
      housef3Version: '3.2.1',
      exportTimestamp: '2026-11-23T12:00:00.000Z',
      completeness: 'partial',
      omissions: [
        { id: 'f2', code: 'MISSING_OBJECT', expectedPath: filePath('f2', '../../evil.pdf') },
        { id: 'f3', code: 'NO_KEY', expectedPath: 'files/f3/unnamed' },
        { id: 'f4', code: 'FOREIGN_KEY', expectedPath: 'files/f4/unnamed' },
      ],
      transactionsByMonth: { '2026-10': 1, '2026-11': 2 },
    });
    const listed = read.filter(({ path }) => path !== 'checksums.sha256');
    expect(content('checksums.sha256').toString()).toBe(
      listed.map((entry) => `${sha256(entry.content)}  ${entry.path}\n`).join(''),
    );
  });

  it('is complete for a household that has nothing', async () => {
    const { pack, entries } = await setUp({});
    expect(await pack()).toMatchObject({ completeness: 'complete', warnings: [] });
    const read = await entries();
    expect(read.slice(0, 5).map(({ content }) => content.toString())).toEqual(Array<string>(5).fill('[]\n'));
  });

  it('holds only the sections that were asked for', async () => {
    const { pack, entries } = await setUp(HOUSEHOLD, ['accounts']);
    expect(await pack()).toMatchObject({ counts: { accounts: { expected: 1 } }, completeness: 'complete' });
    expect((await entries()).map(({ path }) => path)).toEqual([
      'data/accounts.json',
      'manifest.json',
      'checksums.sha256',
    ]);
  });

  it('is the same bytes when it is packed again', async () => {
    const { pack, artifacts, s3Key, clock } = await setUp();
    const first = await pack();
    const bytes = artifacts.objects.get(s3Key);
    clock.instant += 60_000;
    expect(await pack()).toEqual(first);
    expect(artifacts.objects.get(s3Key)?.equals(bytes ?? Buffer.alloc(0))).toBe(true);
    expect((await zipEntries(bytes ?? Buffer.alloc(0)))[0]?.modifiedAt).toBe(NOON);
  });

  it('lets the job know how far it is, and that it is built at the end', async () => {
    const { pack, jobs, job, files, clock } = await setUp();
    const seen: unknown[] = [];
    files.contents.set('user-1/f1/März.csv', () => {
      clock.instant += 5_000;
      return Readable.from(['content']);
    });
    const record = jobs.recordProgress.bind(jobs);
    jobs.recordProgress = (exportId, progress, phase) => {
      seen.push([progress, phase]);
      return record(exportId, progress, phase);
    };
    await pack();
    expect(seen.length).toBeGreaterThan(2);
    expect([seen.at(0), seen.at(-1)]).toEqual([
      [60, 'building_package'],
      [95, 'building_package'],
    ]);
    expect(await jobs.find(job.exportId)).toMatchObject({ progress: 95 });
  });
});

describe('a package that cannot be made', () => {
  it('fails when a section is not what was collected, and leaves no object', async () => {
    for (const change of [
      (text: string) => text.replace('a1', 'a2'),
      () => '[]\n',
      (text: string) => `${text}\n`,
    ]) {
      const { pack, artifacts, collected, s3Key } = await setUp();
      const accounts = collected.find(({ section }) => section === 'accounts');
      const key = accounts?.requested === true ? accounts.key : '';
      artifacts.objects.set(key, Buffer.from(change(artifacts.text(key))));
      await expect(pack()).rejects.toMatchObject({ name: 'InterimCorrupted' });
      expect(artifacts.keys()).not.toContain(s3Key);
    }
  });

  it('fails when a section is gone, and leaves no object', async () => {
    const { pack, artifacts, collected, s3Key } = await setUp();
    const categories = collected.find(({ section }) => section === 'categories');
    await artifacts.remove(categories?.requested === true ? categories.key : '');
    await expect(pack()).rejects.toMatchObject({ name: 'InterimCorrupted' });
    expect(artifacts.keys()).not.toContain(s3Key);
  });

  it('fails by the name of what failed when a file breaks off, and leaves no object', async () => {
    const { pack, artifacts, files, s3Key } = await setUp();
    const failure = new ServiceUnavailable('The storage broke off.');
    async function* breaking() {
      yield await Promise.resolve(Buffer.from('first'));
      throw failure;
    }
    files.contents.set('user-1/f1/März.csv', () => Readable.from(breaking()));
    await expect(pack()).rejects.toBe(failure);
    expect(artifacts.keys()).not.toContain(s3Key);
  });

  it('fails by the name of what failed when it cannot be stored', async () => {
    const { pack, artifacts } = await setUp();
    const failure = new ServiceUnavailable('The storage did not answer.');
    artifacts.write = () => Promise.reject(failure);
    await expect(pack()).rejects.toBe(failure);
  });

  it('is not begun when the export was closed', async () => {
    const { pack, erase, artifacts, s3Key } = await setUp();
    erase();
    await expect(pack()).rejects.toMatchObject({ name: 'ExportClosed' });
    expect(artifacts.keys()).not.toContain(s3Key);
  });

  it('is removed again when the export is closed while it is made', async () => {
    const { pack, erase, artifacts, files, s3Key } = await setUp();
    files.contents.set('user-1/f1/März.csv', () => {
      erase();
      return Readable.from(['content']);
    });
    await expect(pack()).rejects.toMatchObject({ name: 'ExportClosed' });
    expect(artifacts.keys()).not.toContain(s3Key);
  });
});

describe('collecting transactions', () => {
  it('leaves neither records nor tally when the export is closed before all is written', async () => {
    const job = aProcessingJob();
    const [jobs, artifacts, clock] = [
      new InMemoryJobStore(job),
      new InMemoryArtifactStore(),
      new SettableClock(),
    ];
    const collect = createCollectTransactions({
      source: new InMemoryHousehold(HOUSEHOLD),
      artifacts,
      jobs,
      clock,
    });
    const write = artifacts.write.bind(artifacts);
    for (const closedBefore of ['.json', '.tally.json']) {
      jobs.put(job);
      artifacts.write = async (key, content) => {
        if (key.endsWith(closedBefore)) jobs.put(aDeletingJob({ exportId: job.exportId }));
        return write(key, content);
      };
      const run = anExportRun({ exportId: job.exportId });
      await expect(collect(run, { attemptId: '1' })).rejects.toMatchObject({ name: 'ExportClosed' });
      expect([closedBefore, artifacts.keys()]).toEqual([closedBefore, []]);
    }
  });
});

describe('the media type of a file', () => {
  it.each([
    ['files/x/a.csv', 'text/csv'],
    ['files/x/A.CSV', 'text/csv'],
    ['files/x/a.tar.pdf', 'application/pdf'],
    ['files/x/unnamed', 'application/octet-stream'],
    ['files/x/a.constructor', 'application/octet-stream'],
    ['files/x/csv', 'application/octet-stream'],
  ])('of %s is %s', (path, type) => {
    expect(mediaTypeOf(path)).toBe(type);
  });
});
