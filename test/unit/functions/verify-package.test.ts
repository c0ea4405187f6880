import { beforeEach, describe, expect, it } from '@jest/globals';
import { createVerifyPackage } from '../../../functions/verify-package/verify-package.ts';
import { ServiceUnavailable } from '../../../shared/domain/errors.ts';
import type { PackageSummary } from '../../../shared/domain/manifest.ts';
import { packageKey } from '../../../shared/domain/package-layout.ts';
import { builtJson, builtZip, EXPORT_ID, type Spoiling } from '../../support/built-package.ts';
import { A_USER, aDeletingJob, anExportRun, aProcessingJob } from '../../support/export-builders.ts';
import { InMemoryArtifactStore } from '../../support/in-memory-artifact-store.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import { RecordingLog, SettableClock } from '../../support/recording-ports.ts';

const RUN = anExportRun({ exportId: EXPORT_ID, userId: A_USER, includeAnalytics: true });

describe('verifying the package of an export', () => {
  let artifacts: InMemoryArtifactStore;
  let jobs: InMemoryJobStore;
  let log: RecordingLog;

  beforeEach(() => {
    artifacts = new InMemoryArtifactStore();
    jobs = new InMemoryJobStore(aProcessingJob({ exportId: EXPORT_ID, userId: A_USER, progress: 85 }));
    log = new RecordingLog();
  });

  const verify = (
    summary: PackageSummary,
    overrides: Partial<Parameters<typeof createVerifyPackage>[0]> = {},
  ) =>
    createVerifyPackage({
      ...{ artifacts, jobs, log, clock: new SettableClock(), bytesPerCall: Infinity },
      ...overrides,
    })({ run: RUN, package: summary }, { attemptId: 'attempt-1' });

  /** Stores a package as PackageExport does, with the summary it returns for a good one. */
  const stored = async (bytes: Buffer, format: 'zip' | 'json' = 'zip'): Promise<PackageSummary> => {
    const s3Key = packageKey(RUN, 'attempt-1', format);
    const { bytes: packageSize, sha256 } = await artifacts.write(s3Key, [bytes]);
    const whole = (expected: number) => ({ expected, included: expected, omitted: 0 });
    return {
      ...{ s3Key, packageSize, sha256 },
      completeness: format === 'zip' ? 'partial' : 'complete',
      counts: {
        ...{ accounts: whole(2), transactions: whole(5), categories: whole(0), fileMaps: whole(1) },
        transactionFiles: format === 'zip' ? { expected: 2, included: 1, omitted: 1 } : whole(2),
        analytics: whole(1),
      },
      warnings: [],
    };
  };

  const spoilt = async (spoiling: Spoiling) => stored(await builtZip(spoiling));

  it('lets a good ZIP pass and tells how much was read', async () => {
    const summary = await stored(await builtZip());
    expect(await verify(summary)).toEqual({
      done: true,
      version: (await artifacts.open(summary.s3Key)).version,
      bytes: summary.packageSize,
      entries: 11,
      records: 11,
      sha256: summary.sha256,
    });
    expect(artifacts.keys()).toEqual([summary.s3Key]);
    expect(await jobs.find(EXPORT_ID)).toMatchObject({ progress: 99, currentPhase: 'verifying_package' });
  });

  it('lets a good JSON package pass', async () => {
    jobs.put(aProcessingJob({ exportId: EXPORT_ID, userId: A_USER, exportFormat: 'json' }));
    expect(await verify(await stored(builtJson(), 'json'))).toMatchObject({ entries: 6, records: 11 });
  });

  it('computes the hash of a package that nobody has read yet', async () => {
    const { sha256, ...summary } = await stored(await builtZip());
    expect(await verify({ ...summary, sha256: null })).toMatchObject({ done: true, sha256 });
  });

  it.each([
    ['PackageCorrupted', 'FILE_REFERENCE', { contents: (all) => [{ path: 'files/x/y', text: '' }, ...all] }],
    ['PackageCountsWrong', 'SUMMARY_COUNT', { manifest: (told) => ({ ...told, dataSummary: {} }) }],
    ['PackageTotalsWrong', 'MONTH_TOTAL', { manifest: (told) => ({ ...told, transactionsByMonth: {} }) }],
  ] as const satisfies readonly (readonly [string, string, Spoiling])[])(
    'removes a package that is %s, says why, and fails with that error',
    async (name, reason, spoiling) => {
      await expect(verify(await spoilt(spoiling))).rejects.toMatchObject({ name, reason });
      expect(artifacts.keys()).toEqual([]);
      expect(log.lines).toEqual([expect.stringContaining(reason)]);
    },
  );

  it.each([
    ['size', 'PACKAGE_BYTES', { packageSize: 1 }],
    ['hash', 'PACKAGE_BYTES', { sha256: 'ab'.repeat(32) }],
    ['completeness', 'MANIFEST_CONTRADICTION', { completeness: 'complete' }],
    ['counts', 'SUMMARY_COUNT', { counts: { accounts: { expected: 3, included: 3, omitted: 0 } } }],
  ] as const)('removes a package of another %s than its maker told', async (_what, reason, told) => {
    const summary = { ...(await stored(await builtZip())), ...told };
    await expect(verify(summary)).rejects.toMatchObject({ reason });
    expect(artifacts.keys()).toEqual([]);
  });

  it("removes another export's package", async () => {
    const summary = await stored(await builtZip({ manifest: (told) => ({ ...told, exportId: 'export-2' }) }));
    await expect(verify(summary)).rejects.toMatchObject({ name: 'PackageCorrupted', reason: 'OTHER_EXPORT' });
  });

  it('keeps the package when it could not be read, so that it can be tried again', async () => {
    const summary = await stored(await builtZip());
    artifacts.open = () =>
      Promise.resolve({
        size: summary.packageSize,
        key: summary.s3Key,
        version: 'version-1',
        read: () => Promise.reject(new ServiceUnavailable('Broke off.')),
      });
    await expect(verify(summary)).rejects.toThrow(ServiceUnavailable);
    expect(artifacts.keys()).toEqual([summary.s3Key]);
    expect(log.lines).toEqual([]);
  });

  it('stops when the export was closed before it began, or while it reads', async () => {
    const summary = await stored(await builtZip());
    const closing = new SettableClock();
    artifacts.open = async (key) => {
      jobs.put(aDeletingJob({ exportId: EXPORT_ID, userId: A_USER }));
      closing.instant += 1000;
      return new InMemoryArtifactStore().open.call(artifacts, key);
    };
    await expect(verify(summary, { clock: closing })).rejects.toMatchObject({ name: 'ExportClosed' });
    await expect(verify(summary)).rejects.toMatchObject({ name: 'ExportClosed' });
  });
});
