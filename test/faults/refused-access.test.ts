import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { awsJsonError, s3Error, type Fault, type ProxiedRequest } from '../support/fault-proxy.ts';
import { FaultWorld } from './fault-world.ts';
import { expectInvariants } from './invariants.ts';

interface Refusal {
  readonly of: string;
  /** From when this function is first invoked its requests are refused. */
  readonly functionName: string;
  readonly service: 'dynamodb' | 's3';
  readonly isStruck: (request: ProxiedRequest, world: FaultWorld) => boolean;
  readonly fault: Fault;
  /** As the service calls it. */
  readonly causeName: string;
}

const isQueryOf = ({ headers, body }: ProxiedRequest, table: string): boolean =>
  String(headers['x-amz-target']).endsWith('.Query') &&
  (JSON.parse(body.toString('utf8')) as { TableName: string }).TableName === table;

const isIn = ({ path }: ProxiedRequest, bucket: string): boolean => path.startsWith(`/${bucket}/`);

const REFUSALS: readonly Refusal[] = [
  {
    of: 'a table of the application',
    functionName: 'collect-accounts',
    service: 'dynamodb',
    isStruck: (request, { system }) => isQueryOf(request, system.settings.tables.ACCOUNTS_TABLE),
    fault: awsJsonError('AccessDeniedException'),
    causeName: 'AccessDeniedException',
  },
  {
    of: 'a table whose key is disabled',
    functionName: 'collect-categories',
    service: 'dynamodb',
    isStruck: (request, { system }) => isQueryOf(request, system.settings.tables.CATEGORIES_TABLE_NAME),
    fault: awsJsonError('KMSDisabledException'),
    causeName: 'KMSDisabledException',
  },
  {
    of: 'the bucket, for what is collected',
    functionName: 'collect-file-maps',
    service: 's3',
    isStruck: ({ method, path }) => method === 'PUT' && path.includes('/fileMaps/'),
    fault: s3Error('AccessDenied', 403),
    causeName: 'AccessDenied',
  },
  {
    of: 'a statement file whose key is disabled',
    functionName: 'package-export',
    service: 's3',
    isStruck: (request, { system }) => request.method === 'GET' && isIn(request, system.settings.fileBucket),
    fault: s3Error('KMS.DisabledException', 400),
    causeName: 'KMS.DisabledException',
  },
  {
    of: 'the bucket, for the package',
    functionName: 'package-export',
    service: 's3',
    isStruck: ({ method, path }) => ['PUT', 'POST'].includes(method) && path.includes('/packages/'),
    fault: s3Error('AccessDenied', 403),
    causeName: 'AccessDenied',
  },
];

/** So many requests can be under way before the first refusal is known: files are opened ahead of being packed. */
const OPENED_AHEAD = 3;

describe('access that is refused', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  });
  afterAll(() => world.end());
  afterEach(() => world.calm());

  it.each(REFUSALS)(
    'row 29: to $of ($causeName) fails an export at once, in plain words',
    async (refusal) => {
      const { functionName, service, isStruck, fault, causeName } = refusal;
      const { api } = await world.aUser({ files: OPENED_AHEAD });
      let [refused, invoked] = [0, 0];
      world.hook = {
        beforeInvoke: (name) => {
          if (name !== functionName) return Promise.resolve();
          invoked += 1;
          world.strike(service, (request) => {
            if (!isStruck(request, world)) return undefined;
            refused += 1;
            return fault;
          });
          return Promise.resolve();
        },
      };
      const logged = world.logText().length;
      const exportId = await api.start();
      const { body } = await api.ended(exportId);
      expect(body).toMatchObject({
        status: 'failed',
        errorCode: 'AccessRefused',
        errorCategory: 'refused',
        retryable: false,
        error: expect.stringMatching(/^The export was not allowed to read all of your data\./),
      });
      await world.quiet();
      // Neither the SDK nor the workflow tries again what cannot succeed.
      expect(invoked).toBe(1);
      expect(refused).toBeGreaterThan(0);
      expect(refused).toBeLessThanOrEqual(functionName === 'package-export' ? OPENED_AHEAD : 1);

      expect(JSON.stringify(body)).not.toMatch(/KMS|AccessDenied|arn:|bucket|table/i);
      expect(await world.history(exportId)).toContain('AccessRefused');
      expect(world.logText().slice(logged)).toMatch(
        new RegExp(`"errorName":"AccessRefused".*"causeName":"${causeName}"`),
      );
      await expectInvariants(world);
    },
  );

  it('row 29: to the table of jobs is told as our own fault, and leaves nothing', async () => {
    const { api } = await world.aUser();
    let refused = 0;
    world.strike('dynamodb', ({ headers, body }) => {
      const isJob =
        body.includes('"status"') && body.includes(world.system.settings.tables.EXPORT_JOBS_TABLE);
      if (!String(headers['x-amz-target']).endsWith('.PutItem') || !isJob) return undefined;
      refused += 1;
      return awsJsonError('AccessDeniedException');
    });
    const before = (await world.rows()).length;
    const { status, body } = await api.call('POST', '/export');
    expect([status, body['code']]).toEqual([500, undefined]);
    expect(JSON.stringify(body)).not.toMatch(/AccessDenied|refused|arn:|table/i);
    expect(refused).toBe(1);
    expect(world.logText()).toMatch(/"errorName":"AccessRefused".*"causeName":"AccessDeniedException"/);
    expect(await world.rows()).toHaveLength(before);
    world.calm();
    // Its place was given back.
    const started = await Promise.all([api.start(), api.start()]);
    for (const exportId of started) await api.ended(exportId);
    await expectInvariants(world);
  });
});
