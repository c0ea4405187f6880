import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { expectSameHousehold, PATIENCE_SECONDS } from '../support/exported-household.ts';
import { s3Error, type Fault, type ProxiedAnswer, type ProxiedRequest } from '../support/fault-proxy.ts';
import { endOf, expectStoredFiles, exportAll, tracedFiles, type Exported } from './export-outcome.ts';
import { FaultWorld, type WorldUser } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

const isRead = ({ method }: ProxiedRequest): boolean => method === 'GET';
const reads = (request: ProxiedRequest, key: string): boolean =>
  isRead(request) && request.path.startsWith(`/${key}`);

/** The same answer with one byte changed in its middle. */
const corrupted = (answer: ProxiedAnswer): ProxiedAnswer => {
  const body = Buffer.from(answer.body);
  const middle = Math.floor(body.length / 2);
  body.writeUInt8(body.readUInt8(middle) ^ 1, middle);
  return { ...answer, body };
};

/** More than one request is tried for, so that steps are tried again too. */
const SLOW_DOWNS = 15;

const CUT: Fault = { cutAt: 100 };
const CORRUPTED: Fault = { alter: corrupted };

jest.setTimeout(PATIENCE_SECONDS * 1000);

describe('reading from storage', () => {
  let world: FaultWorld;
  /** Whose exports are to be what they are without any fault. */
  let user: WorldUser;
  let undisturbed: Exported;
  beforeAll(async () => {
    world = await FaultWorld.start();
    user = await world.aUser();
    undisturbed = await exportAll(world, user);
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  /** Of a bucket whose objects are read, with their keys in full. */
  const files = (path: string): boolean => path.startsWith(`/${world.system.settings.fileBucket}/`);
  const interim = (path: string): boolean => path.includes('/interim/') && !path.includes('list-type');
  const packages = (path: string): boolean => path.includes('/packages/') && !path.includes('list-type');

  /** Strikes the first read of some objects: fewer than a step is tried for. */
  const strikeFirstReads = (where: (path: string) => boolean, fault: Fault): Set<string> => {
    const struck = new Set<string>();
    world.strike('s3', (request) => {
      const object = request.path.split('?')[0] ?? '';
      if (!isRead(request) || !where(request.path) || struck.has(object) || struck.size === 3)
        return undefined;
      struck.add(object);
      return fault;
    });
    return struck;
  };

  describe('row 16: a file that changes while it is read', () => {
    /** Breaks a file's first read in its middle, and does something before it is asked for again. */
    const changeInTheMiddle = (key: string, change: () => Promise<unknown>): (() => number) => {
      let asked = 0;
      world.strike('s3', async (request) => {
        if (!reads(request, `${world.system.settings.fileBucket}/${key}`)) return undefined;
        asked += 1;
        if (asked === 1) return CUT;
        if (asked === 2) await change();
        return undefined;
      });
      return () => asked;
    };

    it('row 16: is packed as it then is, never half and half', async () => {
      const owner = await world.aUser();
      const Key = owner.fileKeys[1] ?? '';
      const Body = `${owner.mark} replaced\n`.repeat(500);
      const asked = changeInTheMiddle(Key, () =>
        world.system.clients.s3.send(
          new PutObjectCommand({ Bucket: world.system.settings.fileBucket, Key, Body }),
        ),
      );
      const exported = await exportAll(world, owner);
      expect(asked()).toBeGreaterThanOrEqual(3);
      const path = tracedFiles(exported).find(({ s3Key }) => s3Key === Key)?.packageEntry.path ?? '';
      expect(String(exported.entries.get(path))).toBe(Body);
      await expectStoredFiles(world, exported);
      await expectInvariants(world);
    });

    it('row 16: is told as missing when it is removed', async () => {
      const owner = await world.aUser();
      const Key = owner.fileKeys[1] ?? '';
      const asked = changeInTheMiddle(Key, () =>
        world.system.clients.s3.send(
          new DeleteObjectCommand({ Bucket: world.system.settings.fileBucket, Key }),
        ),
      );
      const exported = await exportAll(world, owner);
      expect(asked()).toBeGreaterThanOrEqual(3);
      const { manifest } = exported;
      expect(manifest.omissions.map(({ code }) => code)).toEqual(['MISSING_OBJECT']);
      expect(manifest.counts.transactionFiles).toEqual({ expected: 3, included: 2, omitted: 1 });
      await expectStoredFiles(world, exported);
      await expectInvariants(world);
    });
  });

  it.each<[string, Fault, (path: string) => boolean]>([
    ['a statement file is cut in mid-body', CUT, files],
    ['a statement file is corrupted on its way', CORRUPTED, files],
    ['a statement file’s connection is reset', 'reset', files],
    ['an interim object is cut in mid-body', CUT, interim],
    ['an interim object is corrupted on its way', CORRUPTED, interim],
    ['an interim object’s connection is reset', 'lose-answer', interim],
    ['the package is cut in mid-body for its verifier', CUT, packages],
  ])('row 17: packs what is stored when the first read of %s', async (_, fault, where) => {
    const struck = strikeFirstReads(where, fault);
    const exported = await exportAll(world, user);
    expect(struck.size).toBeGreaterThan(0);
    await expectSameHousehold(exported.bytes, undisturbed.bytes);
    await expectStoredFiles(world, exported);
    await expectInvariants(world);
  });

  it('row 17: fails a package that comes to its verifier with another byte, and keeps nothing of it', async () => {
    const struck = strikeFirstReads(packages, CORRUPTED);
    const exportId = await user.api.start();
    expect((await endOf(user, exportId)).body).toMatchObject({
      status: 'failed',
      errorCategory: 'integrity',
      retryable: true,
    });
    expect(struck.size).toBeGreaterThan(0);
    await expectInvariants(world);
  });

  it('row 18: is right, if later, when storage asks to slow down and then answers slowly', async () => {
    let [refused, slow] = [0, 0];
    world.strike('s3', async () => {
      if (refused < SLOW_DOWNS) {
        refused += 1;
        return s3Error('SlowDown', 503);
      }
      slow += 1;
      await delay(100);
      return undefined;
    });
    const exported = await exportAll(world, user);
    expect([refused, slow > 20]).toEqual([SLOW_DOWNS, true]);
    await expectSameHousehold(exported.bytes, undisturbed.bytes);
    await expectInvariants(world);
  });
});
