import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { interimPrefix } from '../../shared/domain/package-layout.ts';
import { bucketContents } from '../support/bucket-contents.ts';
import { objectBytes, TINY_PIECES } from '../support/exported-household.ts';
import { FaultWorld } from './fault-world.ts';
import type { HouseholdSize } from './marked-household.ts';
import { expectInvariants } from './invariants.ts';

type Spoil = (bytes: Buffer) => Buffer | undefined;

const flipInTheMiddle: Spoil = (bytes) => {
  const spoilt = Buffer.from(bytes);
  const middle = Math.floor(spoilt.length / 2);
  spoilt[middle] = (spoilt[middle] ?? 0) ^ 1;
  return spoilt;
};
const withoutItsEnd: Spoil = (bytes) => bytes.subarray(0, bytes.length - 1);
const gone: Spoil = () => undefined;
/** No JSON any more, in a way for which a parser quotes what stands there. */
const unparsable: Spoil = (bytes) => Buffer.from(bytes.toString('utf8').replace('{', '{ Zqsecret-98765.5 '));

interface Tampering {
  readonly what: string;
  /** The object is tampered with when this function is about to run. */
  readonly before: string;
  readonly object: RegExp;
  readonly spoil: Spoil;
  readonly how: string;
}

const IN_ONE_PIECE: readonly Tampering[] = [
  {
    what: 'accounts',
    before: 'plan-package',
    object: /\/accounts\/[^/]+\.json$/,
    spoil: flipInTheMiddle,
    how: 'one bit changed',
  },
  {
    what: 'file records',
    before: 'plan-package',
    object: /\/transactionFiles\/[^/]+\.json$/,
    spoil: withoutItsEnd,
    how: 'cut',
  },
  {
    what: 'transactions',
    before: 'package-export',
    object: /\/transactions\/[^/.]+\.json$/,
    spoil: flipInTheMiddle,
    how: 'one bit changed',
  },
  {
    what: 'analytics',
    before: 'package-export',
    object: /\/analytics\//,
    spoil: gone,
    how: 'removed',
  },
  {
    what: 'the plan',
    before: 'package-export',
    object: /\/plan\//,
    spoil: unparsable,
    how: 'made unreadable',
  },
  {
    what: 'the tally of the transactions',
    before: 'package-export',
    object: /\.tally\.json$/,
    spoil: unparsable,
    how: 'made unreadable',
  },
];

const IN_SEGMENTS: readonly Tampering[] = [
  {
    what: 'file records',
    before: 'package-segment',
    object: /\/transactionFiles\/[^/]+\.json$/,
    spoil: flipInTheMiddle,
    how: 'one bit changed',
  },
  {
    what: 'a segment',
    before: 'join-package',
    object: /\/segments\/1\/[^/]+\.zip$/,
    spoil: withoutItsEnd,
    how: 'cut',
  },
  {
    what: 'a segment',
    before: 'join-package',
    object: /\/segments\/1\/[^/]+\.zip$/,
    spoil: gone,
    how: 'removed',
  },
  {
    what: 'a segment’s report',
    before: 'join-package',
    object: /\/segments\/1\/[^/]+\.json$/,
    spoil: unparsable,
    how: 'made unreadable',
  },
];

/** Spoils the object before the first call of a function, and gives how many there were to spoil. */
const tamper = (world: FaultWorld, userId: string, { before, object, spoil }: Tampering): (() => number) => {
  const { s3 } = world.system.clients;
  const Bucket = world.system.settings.packagesBucket;
  let spoilt: number | undefined;
  const strike = async (exportId: string): Promise<void> => {
    const { keys } = await bucketContents(s3, Bucket, interimPrefix(userId, exportId));
    for (const Key of keys.filter((key) => object.test(key))) {
      const Body = spoil(await objectBytes(world.system, Key));
      await (Body === undefined
        ? s3.send(new DeleteObjectCommand({ Bucket, Key }))
        : s3.send(new PutObjectCommand({ Bucket, Key, Body })));
      spoilt = (spoilt ?? 0) + 1;
    }
  };
  let striking: Promise<void> | undefined;
  world.hook = {
    beforeInvoke: async (name, payload) => {
      if (name !== before) return;
      striking ??= strike((payload as { run: { exportId: string } }).run.exportId);
      await striking;
    },
  };
  return () => spoilt ?? 0;
};

const expectRefused = async (world: FaultWorld, size: HouseholdSize, tampering: Tampering): Promise<void> => {
  const { api, userId } = await world.aUser(size);
  const spoilt = tamper(world, userId, tampering);
  const exportId = await api.start({ includeAnalytics: true, includeCsv: true });
  const { body } = await api.ended(exportId);
  expect(spoilt()).toBe(1);
  expect(body).toMatchObject({
    status: 'failed',
    errorCode: 'InterimCorrupted',
    errorCategory: 'integrity',
    retryable: true,
    error: expect.stringMatching(/no package was made/),
  });
  await world.quiet();
  const history = await world.history(exportId);
  expect(history).toContain('InterimCorrupted');
  expect(history).not.toContain('Zqsecret');
  expect(world.logText()).not.toContain('Zqsecret');
  expect((await api.call('GET', `/export/${exportId}/download`)).status).toBe(409);
  await expectInvariants(world);
};

describe('what was collected, tampered with before it is packed', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  it.each(IN_ONE_PIECE)('row 30: $what ($how) before $before fails the export', async (tampering) => {
    await expectRefused(world, {}, tampering);
  });
});

describe('the segments of a large export, tampered with before they are joined', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start({ variables: TINY_PIECES });
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  it.each(IN_SEGMENTS)('row 30: $what ($how) before $before fails the export', async (tampering) => {
    await expectRefused(world, { files: 14 }, tampering);
  });

  it('row 30: bytes of a segment that were changed are not handed out', async () => {
    const { api, userId } = await world.aUser({ files: 14 });
    const spoilt = tamper(world, userId, {
      what: 'a segment',
      before: 'join-package',
      object: /\/segments\/1\/[^/]+\.zip$/,
      spoil: (bytes) => {
        const changed = Buffer.from(bytes);
        changed[200] = (changed[200] ?? 0) ^ 1;
        return changed;
      },
      how: 'one bit changed',
    });
    const exportId = await api.start({ includeAnalytics: true, includeCsv: true });
    const { body } = await api.ended(exportId);
    expect(spoilt()).toBe(1);
    // What only the bytes can tell is found when the package is read back.
    expect(body).toMatchObject({ status: 'failed', errorCategory: 'integrity' });
    await expectInvariants(world);
  });
});
