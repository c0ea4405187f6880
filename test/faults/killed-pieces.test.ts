import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createCipheriv } from 'node:crypto';
import { expectSameHousehold, PATIENCE_SECONDS } from '../support/exported-household.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { addRecords } from './added-records.ts';
import { exportedWhole } from './completed-export.ts';
import { type Exported } from './export-outcome.ts';
import { FaultWorld, type WorldUser } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

const MIB = 1024 * 1024;
/** Four parts of an upload. */
const LARGE_FILE_BYTES = 22 * MIB;
/** Any packer that is not kept waiting is done long before, however busy the machine is: it needs two. */
const PACKER_SECONDS = 20;

/** Bytes that nothing can pack. */
const incompressible = (length: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(length));

/** The first of all files: those behind it begin another segment. */
const FIRST_FILE_ID = '00000000-0000-4000-8000-000000000000';

const hasLargeFile = async (world: FaultWorld, user: WorldUser): Promise<void> => {
  const { clients, settings } = world.system;
  const Key = `${user.userId}/${FIRST_FILE_ID}/scans.pdf`;
  const Body = incompressible(LARGE_FILE_BYTES);
  await clients.s3.send(new PutObjectCommand({ Bucket: settings.fileBucket, Key, Body }));
  const names = { fileId: { S: FIRST_FILE_ID }, fileName: { S: 'scans.pdf' }, s3Key: { S: Key } };
  const fileSize = { N: String(LARGE_FILE_BYTES) };
  await addRecords(world, user, 'transactionFiles', [{ ...names, fileSize }]);
};

jest.setTimeout(PATIENCE_SECONDS * 1000);

describe('a segment of a package whose packer is killed', () => {
  let world: FaultWorld;
  let user: WorldUser;
  let undisturbed: Exported;
  let packers = 0;

  const exportedAgain = async (): Promise<Exported & { readonly packers: number }> => {
    packers = 0;
    world.hook = {
      beforeInvoke: (name) => {
        if (name === 'package-segment') packers += 1;
        return Promise.resolve();
      },
    };
    return { ...(await exportedWhole(world, user)), packers };
  };

  /** Strikes the third part of the first upload that has one. */
  const strikeThirdPart = (fault: () => Fault | Promise<Fault>): void => {
    let struck = false;
    world.strike('s3', ({ method, path }) => {
      if (struck || method !== 'PUT' || !/\/segments\/.*[?&]partNumber=3&/.test(path)) return undefined;
      struck = true;
      return fault();
    });
  };

  let segments: number;
  beforeAll(async () => {
    world = await FaultWorld.start({
      variables: { SEGMENT_BYTES: String(8 * MIB) },
      timeoutSeconds: (name) => (name === 'package-segment' ? PACKER_SECONDS : undefined),
    });
    user = await world.aUser();
    await hasLargeFile(world, user);
    ({ packers: segments, ...undisturbed } = await exportedAgain());
    expect(segments).toBeGreaterThan(1);
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  it('row 10: has the same bytes when that was behind its third part', async () => {
    strikeThirdPart(() => {
      world.system.functions.killRunning('package-segment');
      return 'lose-answer';
    });
    const again = await exportedAgain();
    expect(again.packers).toBeGreaterThan(segments);
    expect(await world.history(again.exportId)).toContain('Runtime.ExitError');
    await expectSameHousehold(again.bytes, undisturbed.bytes);
    await expectInvariants(world);
  });

  it('row 10: has the same bytes when that was at its time limit, and its late part leaves nothing', async () => {
    const goOn = Promise.withResolvers<Fault>();
    strikeThirdPart(() => goOn.promise);
    const again = await exportedAgain();
    expect(again.packers).toBeGreaterThan(segments);
    expect(await world.history(again.exportId)).toContain('Sandbox.Timedout');
    await expectSameHousehold(again.bytes, undisturbed.bytes);
    goOn.resolve(undefined);
    await expectInvariants(world);
  });
});
