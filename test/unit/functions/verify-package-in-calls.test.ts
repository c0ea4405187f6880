import { beforeEach, describe, expect, it } from '@jest/globals';
import { createVerifyPackage } from '../../../functions/verify-package/verify-package.ts';
import type { PackageSummary } from '../../../shared/domain/manifest.ts';
import { checkpointKey, packageKey, SECTION_PATHS } from '../../../shared/domain/package-layout.ts';
import { verifyResult, type VerifyResult } from '../../../shared/workflow/contracts.ts';
import { builtZip, EXPORT_ID, type Spoiling } from '../../support/built-package.ts';
import {
  A_USER,
  aDeletingJob,
  anExportRun,
  aPackageSummary,
  aProcessingJob,
} from '../../support/export-builders.ts';
import { InMemoryArtifactStore } from '../../support/in-memory-artifact-store.ts';
import { InMemoryJobStore } from '../../support/in-memory-job-store.ts';
import { RecordingLog, SettableClock } from '../../support/recording-ports.ts';
import { counting, edited } from '../../support/spoilt-packages/spoiling-steps.ts';

const RUN = anExportRun({ exportId: EXPORT_ID, userId: A_USER, includeAnalytics: true });
const KEY = packageKey(RUN, 'attempt-1', 'zip');
const ENTRIES = 11;

describe('verifying a package in calls of one entry each', () => {
  let artifacts: InMemoryArtifactStore;
  let jobs: InMemoryJobStore;
  let attempts: number;

  beforeEach(() => {
    artifacts = new InMemoryArtifactStore();
    jobs = new InMemoryJobStore(aProcessingJob({ exportId: EXPORT_ID, userId: A_USER, progress: 85 }));
    attempts = 0;
  });

  type Settings = Partial<Parameters<typeof createVerifyPackage>[0]>;

  /** A call of the function as the workflow makes it, through text. */
  const call = async (
    summary: PackageSummary,
    before?: VerifyResult,
    settings: Settings = {},
  ): Promise<VerifyResult> => {
    attempts += 1;
    const ports = { artifacts, jobs, log: new RecordingLog(), clock: new SettableClock() };
    const verify = createVerifyPackage({ ...ports, bytesPerCall: 0, ...settings });
    const input = { run: RUN, package: summary, ...(before === undefined ? {} : { verified: before }) };
    const result = await verify(input, { attemptId: `attempt-${attempts}` });
    return verifyResult.parse(JSON.parse(JSON.stringify(result)));
  };

  const calls = async (summary: PackageSummary, count: number, settings: Settings = {}) => {
    const results: VerifyResult[] = [];
    while (results.length < count && results.at(-1)?.done !== true) {
      results.push(await call(summary, results.at(-1), settings));
    }
    return results;
  };

  /** What JoinPackage tells of a package that it has never read. */
  const stored = async (spoiling: Spoiling = {}): Promise<PackageSummary & { known: string }> => {
    const { bytes: packageSize, sha256: known } = await artifacts.write(KEY, [await builtZip(spoiling)]);
    const counts = { accounts: { expected: 2, included: 2, omitted: 0 } };
    return {
      ...aPackageSummary({ s3Key: KEY, packageSize, sha256: null, completeness: 'partial', counts }),
      known,
    };
  };

  it('comes to the same end as one call', async () => {
    const summary = await stored();
    const results = await calls(summary, 99);
    expect(results.map(({ done }) => done)).toEqual([
      ...Array.from({ length: ENTRIES - 1 }, () => false),
      true,
    ]);
    expect(results.at(-1)).toEqual(await call(summary, undefined, { bytesPerCall: Infinity }));
    expect(results.at(-1)).toMatchObject({ entries: ENTRIES, records: 11, sha256: summary.known });
  });

  it('tells of each call how much has been read so far, and where the next one finds what it knows', async () => {
    const results = await calls(await stored(), 3);
    expect(results.map(({ entries, sha256 }) => [entries, sha256])).toEqual([
      [1, null],
      [2, null],
      [3, null],
    ]);
    const keys = [1, 2, 3].map((attempt) => checkpointKey(RUN, `attempt-${attempt}`));
    expect(results.map((result) => result.checkpointKey)).toEqual(keys);
    expect(artifacts.keys()).toEqual([...keys, KEY].sort());
    expect(results[1]?.bytes).toBeGreaterThan(results[0]?.bytes ?? Infinity);
  });

  it('goes on from the same place when a call is tried again', async () => {
    const summary = await stored();
    const [, second] = await calls(summary, 2);
    const [third, again] = [await call(summary, second), await call(summary, second)];
    expect({ ...again, checkpointKey: '' }).toEqual({ ...third, checkpointKey: '' });
    expect(artifacts.text(again.checkpointKey ?? '')).toBe(artifacts.text(third.checkpointKey ?? ''));
    let result = again;
    while (!result.done) result = await call(summary, result);
    expect(result.sha256).toBe(summary.known);
  });

  it('lets the progress go on from where it was', async () => {
    const summary = await stored();
    const told: number[] = [];
    const recordProgress = jobs.recordProgress.bind(jobs);
    jobs.recordProgress = (exportId, progress, phase) => {
      told.push(progress);
      return recordProgress(exportId, progress, phase);
    };
    await calls(summary, 99);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect([told[0], new Set(told).size > 3, told.at(-1)]).toEqual([85, true, 99]);
    expect(jobs.all()[0]).toMatchObject({ progress: 99, currentPhase: 'verifying_package' });
  });

  it.each([
    ['at the end', { manifest: counting('accounts', 3, 3, 0) }, 'PackageCountsWrong', ENTRIES],
    ['on the way', { contents: edited(SECTION_PATHS.transactions, /\]\n$/, '') }, 'PackageCorrupted', 2],
  ] as const)('removes a package that is found to be wrong %s', async (_when, spoiling, name, last) => {
    const summary = await stored(spoiling);
    const before = await calls(summary, last - 1);
    await expect(call(summary, before.at(-1))).rejects.toMatchObject({ name });
    expect(artifacts.keys()).not.toContain(KEY);
  });

  it('removes a package that does not have the hash that its maker told', async () => {
    const summary = { ...(await stored()), sha256: '0'.repeat(64) };
    const before = await calls(summary, ENTRIES - 1);
    await expect(call(summary, before.at(-1))).rejects.toMatchObject({ reason: 'PACKAGE_BYTES' });
    expect(artifacts.keys()).not.toContain(KEY);
  });

  it('never goes on in another version of the package', async () => {
    const summary = await stored();
    const [first] = await calls(summary, 1);
    const other = await builtZip({ manifest: (told) => ({ ...told, housef3Version: 'tesT' }) });
    expect(other).toHaveLength(summary.packageSize);
    artifacts.objects.set(KEY, other);
    await expect(call(summary, first)).rejects.toMatchObject({ reason: 'PACKAGE_BYTES' });
    expect(artifacts.keys()).not.toContain(KEY);
  });

  it('refuses a package that is replaced while it is read, and is content with one that was deleted', async () => {
    const summary = await stored();
    const open = artifacts.open.bind(artifacts);
    artifacts.open = async (key) => {
      const opened = await open(key);
      artifacts.objects.set(KEY, Buffer.alloc(summary.packageSize));
      return opened;
    };
    await expect(call(summary)).rejects.toMatchObject({ name: 'PackageCorrupted', reason: 'PACKAGE_BYTES' });
    const again = await stored();
    jobs.recordProgress = () => {
      jobs.put(aDeletingJob({ exportId: EXPORT_ID, userId: A_USER }));
      return Promise.resolve();
    };
    await expect(call(again)).rejects.toMatchObject({ name: 'ExportClosed' });
  });

  it.each<[string, (text: string) => string]>([
    ['cut short', (text) => text.slice(0, text.lastIndexOf('["sha256"'))],
    ['without a line', (text) => text.replace(/\["entry".*\n/, '')],
    ['with another size of an entry', (text) => text.replace(/"bytes":\d/, '"bytes":9')],
    ['no text of lines', () => 'gone'],
    ['longer than it was', (text) => `${text}["entry",{}]\n`],
    ['empty', () => ''],
  ])('does not go on with a checkpoint that is %s', async (_what, damaged) => {
    const summary = await stored();
    const [first] = await calls(summary, 1);
    const key = first?.checkpointKey ?? '';
    const damage = damaged(artifacts.text(key));
    expect(damage).not.toBe(artifacts.text(key));
    artifacts.objects.set(key, Buffer.from(damage));
    await expect(call(summary, first)).rejects.toMatchObject({ name: 'InterimCorrupted' });
    expect(artifacts.keys()).toContain(KEY);
  });

  it('does not go on without a checkpoint', async () => {
    const summary = await stored();
    const [first] = await calls(summary, 1);
    artifacts.objects.delete(first?.checkpointKey ?? '');
    await expect(call(summary, first)).rejects.toMatchObject({ name: 'InterimCorrupted' });
    const nowhere = { done: false, version: '', bytes: 1, entries: 1, records: 0, sha256: null };
    await expect(call(summary, nowhere)).rejects.toMatchObject({ name: 'InvalidStepInput' });
  });

  it('stops when the export was closed between two calls', async () => {
    const summary = await stored();
    const [first] = await calls(summary, 1);
    jobs.put(aDeletingJob({ exportId: EXPORT_ID, userId: A_USER }));
    await expect(call(summary, first)).rejects.toMatchObject({ name: 'ExportClosed' });
  });

  it('answers no hash of a package that is too large for one', async () => {
    const summary = await stored();
    const results = await calls(summary, 99, { largestHashedBytes: summary.packageSize - 1 });
    expect(results.at(-1)).toMatchObject({ done: true, entries: ENTRIES, sha256: null });
  });
});
