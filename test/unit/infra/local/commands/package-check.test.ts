import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FinishedExport } from '../../../../../infra/local/commands/follow-export.ts';
import { checkPackage } from '../../../../../infra/local/commands/package-check.ts';
import { verificationReport } from '../../../../../infra/local/commands/verification-report.ts';
import { builtZip } from '../../../../support/built-package.ts';

const finished = (bytes: Uint8Array): FinishedExport => ({
  exportFormat: 'zip',
  packageSize: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

describe('the check of a saved package', () => {
  let folder: string;
  let file: string;
  let bytes: Buffer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'package-check-'));
    file = join(folder, 'good.zip');
    bytes = await builtZip();
    await writeFile(file, bytes);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('lets a package pass that proves itself and is the one the service told of', async () => {
    const { sha256, manifest } = await checkPackage(file, finished(bytes));
    expect(sha256).toBe(finished(bytes).sha256);
    expect(manifest.completeness).toBe('partial');
  });

  it('refuses a whole package that is not the one the service told of', async () => {
    const other = { ...finished(bytes), sha256: '0'.repeat(64) };
    await expect(checkPackage(file, other)).rejects.toThrow(/must not be trusted.*Export again/);
  });

  it('lets a package pass that proves itself where the service has no hash of it', async () => {
    const { sha256 } = await checkPackage(file, { ...finished(bytes), sha256: null });
    expect(sha256).toBe(finished(bytes).sha256);
    const other = await builtZip({ manifest: (told) => ({ ...told, completeness: 'complete' }) });
    const path = join(folder, 'contradicting.zip');
    await writeFile(path, other);
    await expect(checkPackage(path, { ...finished(other), sha256: null })).rejects.toThrow(
      'must not be trusted',
    );
  });

  it('refuses a package in which one bit was turned over', async () => {
    const spoilt = Buffer.from(await readFile(file));
    spoilt.writeUInt8(spoilt.readUInt8(200) ^ 1, 200);
    const path = join(folder, 'spoilt.zip');
    await writeFile(path, spoilt);
    await expect(checkPackage(path, finished(spoilt))).rejects.toMatchObject({ name: 'CommandFailed' });
  });

  it('reports what is in it and what is not, without what could steer a terminal', async () => {
    const verified = await checkPackage(file, finished(bytes));
    const [omission] = verified.manifest.omissions;
    if (omission !== undefined) omission.reason = 'It is \u001b[31mgone\u202e.';
    const report = verificationReport(file, verified).join('\n');
    expect(report).toContain('It is  [31mgone .');
    expect(report).toContain(finished(bytes).sha256);
    expect(report).not.toMatch(/[\u001b\u202e]/u);
  });
});
