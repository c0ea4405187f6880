import { ListMultipartUploadsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createJoinPackage } from '../../../functions/join-package/join-package.ts';
import { createPackageExport } from '../../../functions/package-export/package-export.ts';
import { createPackageSegment } from '../../../functions/package-segment/package-segment.ts';
import { createPlanPackage } from '../../../functions/plan-package/plan-package.ts';
import { createVerifyPackage } from '../../../functions/verify-package/verify-package.ts';
import type { ResumePolicy } from '../../../shared/aws/resumed-body.ts';
import { S3ArtifactStore } from '../../../shared/aws/s3-artifact-store.ts';
import { S3StatementFiles } from '../../../shared/aws/s3-statement-files.ts';
import { OutOfTime } from '../../../shared/domain/errors.ts';
import { packageKey } from '../../../shared/domain/package-layout.ts';
import type { HouseholdSource } from '../../../shared/ports.ts';
import { createCollectSection } from '../../../shared/use-cases/collect-section.ts';
import type { StepAttempt } from '../../../shared/workflow/contracts.ts';
import { A_USER, anExportRun, NOON } from '../../support/export-builders.ts';
import { FaultProxy, s3Error, type Fault, type ProxiedRequest } from '../../support/fault-proxy.ts';
import { collectedHousehold, VIEWER } from '../../support/packaged-household.ts';
import { readZip } from '../../support/read-zip.ts';
import { RecordingLog, SettableClock } from '../../support/recording-ports.ts';
import { distinctBytes, S3UnderTest } from '../../support/s3-under-test.ts';

const MEBIBYTE = 1024 ** 2;
const FILES = 'statement-files';
const POLICY: ResumePolicy = { silenceMs: 20_000, attempts: 3, firstPauseMs: 1, longestPauseMs: 2 };
/** They deflate to nothing less, so that each makes parts of an upload. */
const FIRST = distinctBytes(10 * MEBIBYTE, 1);
const SECOND = distinctBytes(10 * MEBIBYTE, 2);
const STORED = [FIRST, SECOND].map((bytes, at) => ({ bytes, key: `${A_USER}/f${at}/statement.pdf` }));

let s3: S3UnderTest;
let proxy: FaultProxy;
beforeAll(async () => {
  s3 = await S3UnderTest.start({ buckets: [FILES] });
  proxy = await FaultProxy.start(s3.url);
  for (const { key, bytes } of STORED) {
    await s3.client.send(new PutObjectCommand({ Bucket: FILES, Key: key, Body: bytes }));
  }
});
beforeEach(() => proxy.reset());
afterAll(async () => {
  await proxy.close();
  await s3.dispose();
});

/** An export whose sections lie collected in a bucket, all of it asked for through the proxy. */
const setUp = async () => {
  const bucket = await s3.newBucket();
  const client = s3.newClient({ endpoint: proxy.url });
  const artifacts = new S3ArtifactStore(client, bucket, { policy: POLICY });
  const records = STORED.map(({ key: s3Key, bytes }, at) => {
    return { fileId: `f${at}`, fileName: 'statement.pdf', fileSize: bytes.length, s3Key };
  });
  const household = await collectedHousehold({ records: { transactionFiles: records }, files: new Map() });
  for (const [key, bytes] of household.artifacts.objects) {
    await artifacts.write(key, [bytes], 'application/json');
  }
  const [job] = household.jobs.all();
  const run = anExportRun({ exportId: job?.exportId ?? '' });
  const ports = {
    jobs: household.jobs,
    artifacts,
    files: new S3StatementFiles(client, FILES, POLICY),
    clock: new SettableClock(NOON),
    applicationVersion: '7.1',
    viewer: () => Promise.resolve(VIEWER),
  };
  const plan = async (bytes: number) => {
    const planPackage = createPlanPackage({ ...ports, limits: { bytes, entries: Infinity } });
    const collected = household.collected.filter((result) => result.requested);
    return planPackage({ run, collected }, { attemptId: 'plan' });
  };
  return { bucket, run, ports, plan };
};

const left = async (bucket: string) => {
  const { Uploads = [] } = await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  const { Contents = [] } = await s3.client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return { uploads: Uploads.length, keys: Contents.map(({ Key = '' }) => Key) };
};

/** Whether the step that is running has left a trace in the bucket beside what was there before. */
const expectNoTrace = async (bucket: string, before: { readonly keys: readonly string[] }): Promise<void> => {
  expect(await left(bucket)).toEqual({ uploads: 0, keys: before.keys });
};

const isSecondFile = ({ path }: ProxiedRequest): boolean => path.includes('/f1/statement.pdf');

/** The faults happen to one request of a kind after the other. */
const faultsOf = (isMeant: (request: ProxiedRequest) => boolean, ...faults: Fault[]): void => {
  proxy.faultOf = (request) => (isMeant(request) ? faults.shift() : undefined);
};

/** An attempt whose time is up soon after a request of a kind, which never gets all of its answer. */
const outOfTimeAt = (isMeant: (request: ProxiedRequest) => boolean): StepAttempt => {
  const limit = new AbortController();
  proxy.faultOf = (request) => {
    if (!isMeant(request)) return undefined;
    setTimeout(() => limit.abort(new OutOfTime('Enough.')), 50);
    return { stallAt: 1_000 };
  };
  return { attemptId: 'late', signal: limit.signal };
};

describe('packing a statement file', () => {
  it('that breaks off packs it whole all the same', async () => {
    const { bucket, run, ports, plan } = await setUp();
    const { planKey } = await plan(Infinity);
    faultsOf(isSecondFile, { cutAt: 4_000_000 }, { cutAt: 70 }, { cutAt: 3_000_000 });
    const attempt = { attemptId: 'attempt-1' };
    const { s3Key, sha256 } = await createPackageExport(ports)({ run, planKey }, attempt);
    const entries = await readZip(await buffer(await ports.artifacts.read(s3Key)));
    expect(entries.get('files/f1/statement.pdf')?.equals(SECOND)).toBe(true);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await left(bucket)).uploads).toBe(0);
  });

  it.each([
    [
      'that was changed on its way',
      () => faultsOf(isSecondFile, { alter: (answer) => ({ ...answer, body: FIRST }) }),
    ],
    [
      'that was changed in the rest of it',
      () =>
        faultsOf(
          isSecondFile,
          { cutAt: 4_000_000 },
          { alter: ({ body, ...rest }) => ({ ...rest, body: body.fill(0, 9, 10) }) },
        ),
    ],
    [
      'that was replaced while it was packed',
      () => faultsOf(isSecondFile, { cutAt: 4_000_000 }, s3Error('PreconditionFailed', 412)),
    ],
    [
      'that was removed while it was packed',
      () => faultsOf(isSecondFile, { cutAt: 4_000_000 }, s3Error('NoSuchKey', 404)),
    ],
    [
      'that is cut for good',
      () => (proxy.faultOf = (request) => (isSecondFile(request) ? { cutAt: 0 } : undefined)),
    ],
  ])('%s is a reason to try again, and leaves nothing', async (_, injectFault) => {
    const { bucket, run, ports, plan } = await setUp();
    const { planKey } = await plan(Infinity);
    const before = await left(bucket);
    injectFault();
    const packing = createPackageExport(ports)({ run, planKey }, { attemptId: 'attempt-1' });
    await expect(packing).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    await expectNoTrace(bucket, before);
  });
});

describe('a step whose time is up', () => {
  it('as a packager, leaves neither object nor upload', async () => {
    const { bucket, run, ports, plan } = await setUp();
    const { planKey } = await plan(Infinity);
    const before = await left(bucket);
    const packing = createPackageExport(ports)({ run, planKey }, outOfTimeAt(isSecondFile));
    await expect(packing).rejects.toBeInstanceOf(OutOfTime);
    expect(proxy.requests.some(({ path }) => path.includes('partNumber=1'))).toBe(true);
    await expectNoTrace(bucket, before);
  });

  it('as a packager of one segment, leaves neither object nor upload', async () => {
    const { bucket, run, ports, plan } = await setUp();
    const { planKey } = await plan(15 * MEBIBYTE);
    const before = await left(bucket);
    const packSegment = createPackageSegment(ports);
    const packing = packSegment({ run, planKey, segment: 0 }, outOfTimeAt(isSecondFile));
    await expect(packing).rejects.toBeInstanceOf(OutOfTime);
    await expectNoTrace(bucket, before);
  });

  it('as a joiner, leaves neither object nor upload of the package', async () => {
    const { bucket, run, ports, plan } = await setUp();
    const { planKey, segments: planned } = await plan(5 * MEBIBYTE);
    const packSegment = createPackageSegment(ports);
    const segments = [];
    for (const segment of planned) {
      segments.push(await packSegment({ run, planKey, segment }, { attemptId: 'in-time' }));
    }
    const attempt = outOfTimeAt(({ headers }) => 'x-amz-copy-source' in headers);
    const joining = createJoinPackage(ports)({ run, planKey, segments }, attempt);
    await expect(joining).rejects.toBeInstanceOf(OutOfTime);
    const { uploads, keys } = await left(bucket);
    expect(uploads).toBe(0);
    expect(keys).not.toContain(packageKey(run, 'late', 'zip'));
  });

  it('as a collector, leaves neither object nor upload', async () => {
    const { bucket, run, ports } = await setUp();
    const before = await left(bucket);
    const limit = new AbortController();
    const hanging = Promise.withResolvers<never>();
    async function* pages() {
      const json = JSON.stringify({ text: distinctBytes(5 * MEBIBYTE).toString('base64') });
      for (const primaryKey of ['1', '2', '3']) yield [{ json, primaryKey, sortKey: primaryKey }];
      setTimeout(() => limit.abort(new OutOfTime('Enough.')), 50);
      await hanging.promise;
    }
    const source = { pages } as Partial<HouseholdSource> as HouseholdSource;
    const collect = createCollectSection('accounts', { ...ports, source });
    const collecting = collect(
      { ...run, sections: ['accounts'] },
      { attemptId: 'late', signal: limit.signal },
    );
    await expect(collecting).rejects.toBeInstanceOf(OutOfTime);
    expect(proxy.requests.some(({ path }) => path.includes('partNumber=1'))).toBe(true);
    await expectNoTrace(bucket, before);
  });

  it('as a verifier, passes no verdict: the package stays', async () => {
    const { bucket, run, ports, plan } = await setUp();
    const { planKey } = await plan(Infinity);
    const summary = await createPackageExport(ports)({ run, planKey }, { attemptId: 'in-time' });
    const before = await left(bucket);
    const log = new RecordingLog();
    const verify = createVerifyPackage({ ...ports, log, bytesPerCall: Infinity });
    const isRead = ({ method, headers }: ProxiedRequest): boolean =>
      method === 'GET' && headers.range?.startsWith('bytes=8') === true;
    await expect(verify({ run, package: summary }, outOfTimeAt(isRead))).rejects.toBeInstanceOf(OutOfTime);
    expect(log.lines).toEqual([]);
    await expectNoTrace(bucket, before);
  });
});
