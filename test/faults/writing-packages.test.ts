import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { bucketContents } from '../support/bucket-contents.ts';
import { expectSameHousehold, PATIENCE_SECONDS } from '../support/exported-household.ts';
import { awsJsonError, s3Error, type Fault, type ProxiedRequest } from '../support/fault-proxy.ts';
import { endOf, expectStoredFiles, exportAll, type Exported } from './export-outcome.ts';
import { FaultWorld, type WorldUser } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

const MIB = 1024 * 1024;
/** Packed, it takes two parts of an upload. */
const LARGE_FILE_BYTES = 7 * MIB;
const DAY_MS = 24 * 60 * 60 * 1000;
/** The SDK sends a request so often; once more, and the step fails and is tried again. */
const TRIES_OF_THE_SDK = 5;
/** Long enough for a machine that is busy, short enough to wait for. */
const PACKER_SECONDS = 15;

type Asks = (request: ProxiedRequest) => boolean;

const asks =
  (method: string, url: RegExp): Asks =>
  (request) =>
    request.method === method && url.test(request.path);

const INTERNAL_ERROR = s3Error('InternalError', 500);
/** S3 answers a completion before it has ended, and may only then find that it fails. */
const ERROR_IN_200 = s3Error('InternalError', 200);

const SEGMENT_PART = asks('PUT', /\/segments\/.*[?&]partNumber=2&/);
const PACKAGE_PART = asks('PUT', /\/packages\/.*[?&]partNumber=1&/);
const SEGMENT_COMPLETION = asks('POST', /\/segments\/.*\?uploadId=/);
const PACKAGE_COMPLETION = asks('POST', /\/packages\/.*\?uploadId=/);

/** The write that makes a job's status this one. */
const writesStatus =
  (status: 'completed' | 'failed'): Asks =>
  ({ headers, body }) =>
    String(headers['x-amz-target']).endsWith('.UpdateItem') && body.includes(`":status":{"S":"${status}"}`);

jest.setTimeout(PATIENCE_SECONDS * 1000);

describe('writing packages', () => {
  let world: FaultWorld;
  let user: WorldUser;
  let undisturbed: Exported;
  beforeAll(async () => {
    world = await FaultWorld.start({
      variables: { SEGMENT_ENTRIES: '3' },
      timeoutSeconds: (name) => (name === 'package-segment' ? PACKER_SECONDS : undefined),
    });
    user = await world.aUser({ files: 1, fileBytes: LARGE_FILE_BYTES });
    await putWhatDoesNotShrink();
    undisturbed = await exportAll(world, user);
  });
  afterAll(() => world.end());
  afterEach(() => {
    world.calm();
    // The next row's sweeps remove this one's packages, which are large.
    world.pass(DAY_MS);
  });

  const putWhatDoesNotShrink = (): Promise<unknown> =>
    world.system.clients.s3.send(
      new PutObjectCommand({
        Bucket: world.system.settings.fileBucket,
        Key: user.fileKeys[0] ?? '',
        Body: randomBytes(LARGE_FILE_BYTES),
      }),
    );

  /** The first so many requests meet with the fault. */
  const strikeFirst = (times: number, which: Asks, fault: Fault): (() => number) => {
    let struck = 0;
    world.strike('s3', (request) => {
      if (struck === times || !which(request)) return undefined;
      struck += 1;
      return fault;
    });
    return () => struck;
  };

  it.each<[string, number, Asks, Fault]>([
    ['a part of a segment fails', TRIES_OF_THE_SDK + 1, SEGMENT_PART, INTERNAL_ERROR],
    ['a part of the package fails', TRIES_OF_THE_SDK + 1, PACKAGE_PART, INTERNAL_ERROR],
    [
      'a segment’s completion answers 200 with an error',
      TRIES_OF_THE_SDK + 1,
      SEGMENT_COMPLETION,
      ERROR_IN_200,
    ],
    [
      'the package’s completion answers 200 with an error',
      TRIES_OF_THE_SDK + 1,
      PACKAGE_COMPLETION,
      ERROR_IN_200,
    ],
    ['a segment is completed and the answer is lost', 1, SEGMENT_COMPLETION, 'lose-answer'],
    ['the package is completed and the answer is lost', 1, PACKAGE_COMPLETION, 'lose-answer'],
  ])('row 19: makes one right package when %s', async (_, times, which, fault) => {
    const struck = strikeFirst(times, which, fault);
    const exported = await exportAll(world, user);
    expect(struck()).toBe(times);
    await expectSameHousehold(exported.bytes, undisturbed.bytes);
    await expectInvariants(world);
  });

  it.each<[string, string, Asks]>([
    ['a packer is', 'package-segment', SEGMENT_PART],
    ['the joiner is', 'join-package', PACKAGE_PART],
  ])('row 20: leaves no upload when %s killed in the middle of one', async (_, functionName, which) => {
    let killed = false;
    world.strike('s3', (request) => {
      if (killed || !which(request)) return undefined;
      killed = true;
      world.system.functions.killRunning(functionName);
      return 'reset';
    });
    const exported = await exportAll(world, user);
    const history = await world.history(exported.exportId);
    expect([killed, history.includes('"error":"Runtime.ExitError"')]).toEqual([true, true]);
    await expectSameHousehold(exported.bytes, undisturbed.bytes);
    await expectInvariants(world);
  });

  it('row 20: ends a packer before its time is over, upload and all, and packs once more', async () => {
    let stalled = false;
    world.strike('s3', ({ method, path }) => {
      if (stalled || method !== 'GET' || !path.includes(user.fileKeys[0] ?? '')) return undefined;
      stalled = true;
      return { stallAt: LARGE_FILE_BYTES - MIB };
    });
    let openUploads: string[] = [];
    let packers = 0;
    world.hook = {
      beforeInvoke: async (name) => {
        if (name !== 'package-segment' || !stalled) return;
        packers += 1;
        const { packagesBucket } = world.system.settings;
        ({ openUploads } = await bucketContents(world.system.clients.s3, packagesBucket, 'interim/'));
      },
    };
    const exported = await exportAll(world, user);
    const history = await world.history(exported.exportId);
    expect([stalled, history.includes('"error":"OutOfTime"')]).toEqual([true, true]);
    expect([packers > 0, openUploads]).toEqual([true, []]);
    await expectStoredFiles(world, exported);
    await expectSameHousehold(exported.bytes, undisturbed.bytes);
    await expectInvariants(world);
  });

  describe('row 25: a package that is there before its job can be told of it', () => {
    /** Refuses to write these statuses until the world is calm. */
    const refuseStatuses = (...statuses: ('completed' | 'failed')[]): (() => number) => {
      let refused = 0;
      world.strike('dynamodb', (request) => {
        if (!statuses.some((status) => writesStatus(status)(request))) return undefined;
        refused += 1;
        return awsJsonError('InternalServerError', 500);
      });
      return () => refused;
    };

    it('row 25: is removed, and its export failed, when its status cannot be written', async () => {
      const refused = refuseStatuses('completed');
      const exportId = await user.api.start();
      expect((await endOf(user, exportId)).body).toMatchObject({
        status: 'failed',
        errorCategory: 'unavailable',
      });
      expect(refused()).toBeGreaterThan(TRIES_OF_THE_SDK);
      await expectInvariants(world);
    });

    it('row 25: is removed by the sweeper when its export cannot even be failed', async () => {
      const refused = refuseStatuses('completed', 'failed');
      const exportId = await user.api.start();
      await world.quiet();
      expect(refused()).toBeGreaterThan(2 * TRIES_OF_THE_SDK);
      expect(await world.row(exportId)).toMatchObject({ status: 'processing' });
      const types = (await world.events(exportId)).map((event) => event['detail-type']);
      expect(types).toEqual(['export.initiated']);
      await expectInvariants(world);
      expect((await world.row(exportId))?.status).toBe('failed');
    });

    it('row 25: is handed out once, when its status was written and the answer lost', async () => {
      let lost = false;
      world.strike('dynamodb', (request) => {
        if (lost || !writesStatus('completed')(request)) return undefined;
        lost = true;
        return 'lose-answer';
      });
      await exportAll(world, user);
      expect(lost).toBe(true);
      await expectInvariants(world);
    });
  });
});
