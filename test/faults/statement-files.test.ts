import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { OmissionCode } from '../../shared/domain/manifest.ts';
import { addRecords } from './added-records.ts';
import { exportedWhole } from './completed-export.ts';
import { type Exported } from './export-outcome.ts';
import { FaultWorld, type WorldUser } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';
import { seedMarkedHousehold } from './marked-household.ts';

const fileIdOf = (s3Key: string): string => s3Key.split('/')[1] ?? '';

describe('statement files that cannot be had', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  const put = (Key: string, Body: string, StorageClass: 'STANDARD' | 'GLACIER' = 'STANDARD') =>
    world.system.clients.s3.send(
      new PutObjectCommand({ Bucket: world.system.settings.fileBucket, Key, Body, StorageClass }),
    );

  /** The codes of what is left out, by the file's id; the package must tell the same everywhere. */
  const omissionsIn = async ({ exportId, manifest, entries }: Exported, user: WorldUser) => {
    const { omissions, completeness, counts } = manifest;
    const expected = user.counts.transactionFiles;
    const omitted = omissions.length;
    expect(completeness).toBe(omitted === 0 ? 'complete' : 'partial');
    expect(counts.transactionFiles).toEqual({ expected, included: expected - omitted, omitted });
    expect(await world.row(exportId)).toMatchObject({ completeness });
    expect([...entries.keys()].filter((path) => path.startsWith('files/'))).toHaveLength(expected - omitted);
    for (const { expectedPath } of omissions) expect(entries.has(expectedPath)).toBe(false);
    return Object.fromEntries(omissions.map(({ id, code }) => [id, code]));
  };

  it('row 14: are named where they are missing or archived, and the others are there', async () => {
    const user = await world.aUser({ files: 5 });
    const [missing = '', archived = '', ...others] = user.fileKeys;
    const { clients, settings } = world.system;
    await clients.s3.send(new DeleteObjectCommand({ Bucket: settings.fileBucket, Key: missing }));
    await put(archived, user.mark, 'GLACIER');
    const done = await exportedWhole(world, user);
    expect(await omissionsIn(done, user)).toEqual({
      [fileIdOf(missing)]: 'MISSING_OBJECT',
      [fileIdOf(archived)]: 'ARCHIVED_OBJECT',
    });
    for (const key of others) {
      const path = [...done.entries.keys()].find((name) => name.startsWith(`files/${fileIdOf(key)}/`)) ?? '';
      expect(String(done.entries.get(path))).toContain(user.mark);
    }
    await expectInvariants(world);
  });

  it("row 15: are never read where they are not the user's own", async () => {
    const user = await world.aUser();
    const { clients, settings } = world.system;
    const { fileBucket } = settings;
    const other = await seedMarkedHousehold(clients, settings);
    const [theirs = ''] = other.fileKeys;
    const neighbour = `${user.userId}2/${randomUUID()}/may.csv`;
    await put(neighbour, other.mark);
    const keys: readonly (readonly [string | undefined, OmissionCode])[] = [
      [theirs, 'FOREIGN_KEY'],
      [neighbour, 'FOREIGN_KEY'],
      [`/${user.userId}/x.csv`, 'FOREIGN_KEY'],
      [`../${fileBucket}/${theirs}`, 'FOREIGN_KEY'],
      [`s3://another-bucket/${user.userId}/x.csv`, 'FOREIGN_KEY'],
      [`arn:aws:s3:::another-bucket/${user.userId}/x.csv`, 'FOREIGN_KEY'],
      [`https://another-bucket.s3.amazonaws.com/${user.userId}/x.csv`, 'FOREIGN_KEY'],
      ['', 'NO_KEY'],
      [undefined, 'NO_KEY'],
      // Keys are no paths: this one is the user's, and no object has it.
      [`${user.userId}/../${theirs}`, 'MISSING_OBJECT'],
    ];
    const records = keys.map(([s3Key]) => ({
      fileId: { S: randomUUID() },
      fileName: { S: 'may.csv' },
      ...(s3Key === undefined ? {} : { s3Key: { S: s3Key } }),
    }));
    await addRecords(world, user, 'transactionFiles', records);

    const asked: string[] = [];
    world.strike('s3', ({ method, path }) => {
      if (path.startsWith(`/${fileBucket}/`)) asked.push(`${method} ${path.replace(/\?.*$/, '')}`);
      return undefined;
    });
    const done = await exportedWhole(world, user);
    expect(await omissionsIn(done, user)).toEqual(
      Object.fromEntries(records.map(({ fileId }, at) => [fileId.S, keys[at]?.[1]])),
    );
    const all = Buffer.concat([...done.entries.values()]);
    expect([user, other].map(({ mark }) => all.includes(mark))).toEqual([true, false]);
    const own = [...user.fileKeys, `${user.userId}/../${theirs}`];
    expect(asked.sort()).toEqual(own.map((key) => `GET /${fileBucket}/${key}`).sort());
    await expectInvariants(world);
  });
});
