import { CreateMultipartUploadCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LambdaFunctionError } from '../../infra/local/lambda/lambda-runner.ts';
import { interimPrefix, packagePrefix } from '../../shared/domain/package-layout.ts';
import { bucketContents, NOTHING } from '../support/bucket-contents.ts';
import { PATIENCE_SECONDS } from '../support/exported-household.ts';
import { s3Error, type Fault, type ProxiedRequest } from '../support/fault-proxy.ts';
import { endOf } from './export-outcome.ts';
import { FaultWorld, type WorldUser } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

/** Beyond the time for which a function of a stopped execution may still be writing. */
const LATE_WRITER_MS = 17 * 60_000;

const INTERNAL_ERROR = s3Error('InternalError', 500);

const removesObjects = ({ method, path }: ProxiedRequest): boolean =>
  method === 'POST' && /\?delete\b/.test(path);

/** S3 keeps each object that it was to delete, and says so in an answer of 200. */
const keepsObjects = ({ body }: ProxiedRequest): Fault => {
  const keys = [...body.toString('utf8').matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key ?? '');
  const errors = keys.map((key) => `<Error><Key>${key}</Key><Code>InternalError</Code></Error>`);
  const text = `<?xml version="1.0"?><DeleteResult>${errors.join('')}</DeleteResult>`;
  return {
    answer: { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(text) },
  };
};

/** An export in a phase of its life, held there. */
interface Held {
  readonly exportId: string;
  readonly goOn: () => void;
}

jest.setTimeout(PATIENCE_SECONDS * 1000);

describe('deleting an export', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  const heldBefore =
    (functionName: string) =>
    async ({ api }: WorldUser): Promise<Held> => {
      const [reached, open] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
      world.hook = {
        beforeInvoke: async (name) => {
          if (name !== functionName) return;
          reached.resolve(undefined);
          await open.promise;
        },
      };
      const exportId = await api.start();
      await reached.promise;
      return { exportId, goOn: () => open.resolve(undefined) };
    };

  const ended = async (user: WorldUser): Promise<Held> => {
    const exportId = await user.api.start();
    await endOf(user, exportId);
    await world.quiet();
    return { exportId, goOn: () => undefined };
  };

  const failed = (user: WorldUser): Promise<Held> => {
    world.hook = {
      beforeInvoke: (name) =>
        name === 'collect-accounts'
          ? Promise.reject(new LambdaFunctionError({ errorType: 'AccessRefused', errorMessage: 'No.' }))
          : Promise.resolve(),
    };
    return ended(user);
  };

  /** What a function that was thought dead has written. */
  const leaveBehind = async ({ userId }: WorldUser, exportId: string): Promise<void> => {
    const { s3 } = world.system.clients;
    const Bucket = world.system.settings.packagesBucket;
    const Key = `${interimPrefix(userId, exportId)}accounts/late.json`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: '[]' }));
    const late = `${packagePrefix(userId, exportId)}late.zip`;
    await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: late }));
  };

  const contents = async ({ userId }: WorldUser, exportId: string) => {
    const { packagesBucket } = world.system.settings;
    const { s3 } = world.system.clients;
    return [
      await bucketContents(s3, packagesBucket, interimPrefix(userId, exportId)),
      await bucketContents(s3, packagesBucket, packagePrefix(userId, exportId)),
    ];
  };

  const strikeDeletions = (faultOf: (request: ProxiedRequest) => Fault): (() => number) => {
    let struck = 0;
    world.strike('s3', (request) => {
      if (!removesObjects(request)) return undefined;
      struck += 1;
      return faultOf(request);
    });
    return () => struck;
  };

  /** What two requests at once are answered. */
  const deletedTwice = async ({ api }: WorldUser, exportId: string): Promise<number[]> => {
    const answers = await Promise.all([1, 2].map(() => api.call('DELETE', `/export/${exportId}`)));
    return answers.map(({ status }) => status);
  };

  it.each<[string, string, (user: WorldUser) => Promise<Held>]>([
    ['initiated', 'initiated', heldBefore('begin-export')],
    ['collecting', 'processing', heldBefore('collect-accounts')],
    ['packing', 'processing', heldBefore('package-export')],
    ['verifying', 'processing', heldBefore('verify-package')],
    ['completed', 'completed', ended],
    ['failed', 'failed', failed],
  ])('row 26: answers 204 when nothing is left of one %s, not before', async (_, status, inPhase) => {
    const user = await world.aUser();
    const { exportId, goOn } = await inPhase(user);
    expect((await world.row(exportId))?.status).toBe(status);
    await leaveBehind(user, exportId);

    const struck = strikeDeletions(() => INTERNAL_ERROR);
    expect(await deletedTwice(user, exportId)).toEqual([202, 202]);
    expect((await user.api.call('GET', `/export/${exportId}/download`)).status).toBe(404);
    expect((await user.api.call('GET', '/export')).body['exports']).toEqual([]);
    goOn();
    await world.quiet();
    world.pass(LATE_WRITER_MS);
    strikeDeletions(keepsObjects);
    expect(await deletedTwice(user, exportId)).toEqual([202, 202]);
    expect(struck()).toBeGreaterThan(0);
    expect((await contents(user, exportId)).flatMap(({ keys }) => keys)).not.toEqual([]);

    world.calm();
    expect(await deletedTwice(user, exportId)).toContain(204);
    expect(await contents(user, exportId)).toEqual([NOTHING, NOTHING]);
    expect(await deletedTwice(user, exportId)).toEqual([404, 404]);
    expect((await user.api.status(exportId)).status).toBe(404);
    await expectInvariants(world);
  });

  it('row 26: erases by the sweeper what its user has asked for once, and S3 has kept', async () => {
    const user = await world.aUser();
    const { exportId } = await ended(user);
    const struck = strikeDeletions(keepsObjects);
    expect((await user.api.call('DELETE', `/export/${exportId}`)).status).toBe(202);
    await world.sweep();
    expect([struck() > 0, (await world.row(exportId))?.status]).toEqual([true, 'deleting']);
    await expectInvariants(world);
    expect((await world.row(exportId))?.status).toBe('deleted');
  });
});
