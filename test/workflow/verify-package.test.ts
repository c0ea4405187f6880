import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { interimPrefix, packagePrefix } from '../../shared/domain/package-layout.ts';
import { verifyPackage } from '../../shared/verification/verify-package.ts';
import { sourceOf } from '../support/built-package.ts';
import { bucketContents, NOTHING } from '../support/bucket-contents.ts';
import { ExportApi } from '../support/export-api.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';
import { seedSmallHousehold } from '../support/small-household.ts';
import { withFlippedBit } from '../support/zip-regions.ts';

const COMMAND = fileURLToPath(new URL('../../infra/local/commands/verify.ts', import.meta.url));

type Damage = (bytes: Buffer) => Buffer;

/** What happens to a user's package between its making and its verification. */
const damages = new Map<string, Damage>();
const verifications = new Map<string, number>();

describe('the verification of packages in the workflow', () => {
  let system: RunningSystem;
  let folder: string;

  const damagePackage = async (userId: string, key: string): Promise<void> => {
    verifications.set(userId, (verifications.get(userId) ?? 0) + 1);
    const damage = damages.get(userId);
    if (damage === undefined) return;
    const object = { Bucket: system.settings.packagesBucket, Key: key };
    const { Body } = await system.clients.s3.send(new GetObjectCommand(object));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    await system.clients.s3.send(new PutObjectCommand({ ...object, Body: damage(bytes) }));
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'verified-'));
    system = await startRunningSystem({
      invocationHook: {
        beforeInvoke: async (functionName, payload) => {
          if (functionName !== 'verify-package') return;
          const { run, package: made } = payload as { run: { userId: string }; package: { s3Key: string } };
          await damagePackage(run.userId, made.s3Key);
        },
      },
    });
  });
  afterAll(async () => {
    await system.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const exported = async (request: object, damage?: Damage) => {
    const userId = `user-${randomUUID()}`;
    if (damage !== undefined) damages.set(userId, damage);
    await seedSmallHousehold(system.clients, system.settings, userId);
    const api = new ExportApi(system.apiUrl, await system.issueToken(userId));
    const exportId = await api.start(request);
    const { body: status } = await api.ended(exportId);
    return { userId, api, exportId, status };
  };

  const downloaded = async (api: ExportApi, exportId: string): Promise<Buffer> => {
    const { body } = await api.call('GET', `/export/${exportId}/download`, {
      headers: { accept: 'application/json' },
    });
    return Buffer.from(await (await fetch(String(body['downloadUrl']))).arrayBuffer());
  };

  const runCommand = async (...args: readonly string[]) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', COMMAND, ...args]);
    const [output, errors, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>,
    ]);
    return { code, output, errors };
  };

  it.each([
    ['a complete ZIP', { includeAnalytics: true, includeCsv: true }, 'zip'],
    ['a complete JSON document', { exportFormat: 'json' }, 'json'],
    ['accounts only', { exportType: 'accounts_only' }, 'zip'],
    ['transactions only as JSON', { exportType: 'transactions_only', exportFormat: 'json' }, 'json'],
    ['a range of dates', { exportType: 'selective', dateRangeEnd: 1_600_000_000_000 }, 'zip'],
  ] as const)('lets %s pass, which a user can verify too', async (_what, request, format) => {
    const { api, exportId, userId, status } = await exported(request);
    expect(status).toMatchObject({ status: 'completed', progress: 100 });
    expect(verifications.get(userId)).toBe(1);

    const bytes = await downloaded(api, exportId);
    const verified = await verifyPackage(sourceOf(bytes), { format, sha256: String(status['sha256']) });
    expect(verified.manifest).toMatchObject({ exportId, userId, completeness: status['completeness'] });
    expect(verified.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it.each([
    ['a flipped bit', (bytes) => withFlippedBit(bytes, bytes.length * 4)],
    ['missing bytes', (bytes) => bytes.subarray(0, -10)],
    ['nothing in it', () => Buffer.alloc(0)],
  ] as const satisfies readonly (readonly [string, Damage])[])(
    'fails an export whose package has %s in the bucket, once, and removes it',
    async (_damage, damage) => {
      const { userId, exportId, status } = await exported({}, damage);
      expect(status).toMatchObject({ status: 'failed', errorCode: 'PackageCorrupted', downloadUrl: null });
      expect(status['error']).toMatch(/did not pass its check/);
      expect(verifications.get(userId)).toBe(1);
      const { s3 } = system.clients;
      const { packagesBucket } = system.settings;
      expect(await bucketContents(s3, packagesBucket, packagePrefix(userId, exportId))).toEqual(NOTHING);
      expect((await bucketContents(s3, packagesBucket, interimPrefix(userId, exportId))).openUploads).toEqual(
        [],
      );
    },
  );

  it('is what npm run verify does offline: 0 verified, 1 broken, 2 wrong use', async () => {
    const { api, exportId, userId, status } = await exported({});
    const bytes = await downloaded(api, exportId);
    const [good, bad] = [join(folder, 'good.zip'), join(folder, 'bad.zip')];
    writeFileSync(good, bytes);
    writeFileSync(bad, withFlippedBit(bytes, 40 * 8));

    const verified = await runCommand(good, '--sha256', String(status['sha256']));
    expect(verified).toMatchObject({ code: 0, errors: '' });
    for (const told of [exportId, userId, String(status['sha256']), 'nothing was left out', '-12.5']) {
      expect(verified.output).toContain(told);
    }

    const broken = await runCommand(bad);
    expect(broken).toMatchObject({ code: 1, output: '' });
    expect(broken.errors).toMatch(
      /^error: .*bad\.zip must not be trusted\. .*\(PackageCorrupted, [A-Z_]+\)\n$/,
    );
    expect(await runCommand(good, '--sha256', 'ab'.repeat(32))).toMatchObject({ code: 1 });

    expect(await runCommand(join(folder, 'absent.zip'))).toMatchObject({ code: 2, output: '' });
    expect(await runCommand(folder)).toMatchObject({ code: 2, output: '' });
    expect(await runCommand()).toMatchObject({ code: 2 });
  });
});
