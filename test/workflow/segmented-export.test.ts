import { GetObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MOST_PARTS } from '../../functions/begin-export/transaction-parts.ts';
import { MOST_SEGMENTS } from '../../functions/plan-package/plan-package.ts';
import { LOCAL_WORKFLOW_ARN } from '../../infra/local/export-workflow.ts';
import type { LocalSystem } from '../../infra/local/local-system.ts';
import { SAMPLE_USER_ID } from '../../infra/local/sample-household/household-plans.ts';
import { createPseudoRandom } from '../../infra/local/sample-household/pseudo-random.ts';
import type { Manifest, PackageSummary } from '../../shared/domain/manifest.ts';
import { interimPrefix, packagePrefix } from '../../shared/domain/package-layout.ts';
import type { JoinInput, PackedSegment } from '../../shared/workflow/contracts.ts';
import { ARCHIVE_TOOLS } from '../support/archive-tools.ts';
import { bucketContents, NOTHING } from '../support/bucket-contents.ts';
import { ExportApi } from '../support/export-api.ts';
import type { ProxiedRequest } from '../support/fault-proxy.ts';
import { seedLargeSampleHousehold } from '../support/large-sample-household.ts';
import { readZip } from '../support/read-zip.ts';
import { startRunningSystem } from '../support/running-system.ts';
import { streamedZip } from '../support/streamed-zip.ts';
import { startSystemBehindProxy, type SystemBehindProxy } from '../support/system-behind-proxy.ts';

const TINY_PIECES = {
  TRANSACTIONS_PER_PART: '4000',
  SEGMENT_BYTES: String(1024 * 1024),
  SEGMENT_ENTRIES: '12',
  VERIFIED_BYTES_PER_CALL: String(1024 * 1024),
};

const WISHES = { includeAnalytics: true, includeCsv: true };

const executionArn = (exportId: string): string =>
  `${LOCAL_WORKFLOW_ARN.replace(':stateMachine:', ':execution:')}:${exportId}`;

/** The job is completed before its execution has ended, and a killed attempt may have left others running. */
const settled = async ({ clients, functions }: LocalSystem, exportId: string): Promise<void> => {
  for (;;) {
    const { status } = await clients.sfn.send(
      new DescribeExecutionCommand({ executionArn: executionArn(exportId) }),
    );
    if (status !== 'RUNNING' && functions.runningInvocations().length === 0) return;
    await delay(20);
  }
};

interface Finished {
  readonly exportId: string;
  readonly bytes: Buffer;
}

const objectBytes = async ({ clients, settings }: LocalSystem, Key: string): Promise<Buffer> => {
  const object = await clients.s3.send(new GetObjectCommand({ Bucket: settings.packagesBucket, Key }));
  return Buffer.from((await object.Body?.transformToByteArray()) ?? []);
};

/** Exports the sample household; when all is over the bucket must hold its package and nothing else. */
const exported = async (system: LocalSystem): Promise<Finished> => {
  const api = new ExportApi(system.apiUrl, await system.issueToken(SAMPLE_USER_ID));
  const exportId = await api.start(WISHES);
  const { body } = await api.ended(exportId);
  expect(body).toMatchObject({ status: 'completed', error: null });
  await settled(system, exportId);
  const contents = (prefix: string) =>
    bucketContents(system.clients.s3, system.settings.packagesBucket, prefix);
  expect(await contents(interimPrefix(SAMPLE_USER_ID, exportId))).toEqual(NOTHING);
  const { keys, openUploads } = await contents(packagePrefix(SAMPLE_USER_ID, exportId));
  expect({ packages: keys.length, openUploads }).toEqual({ packages: 1, openUploads: [] });
  return { exportId, bytes: await objectBytes(system, keys[0] ?? '') };
};

const historyOf = async ({ clients }: LocalSystem, exportId: string): Promise<HistoryEvent[]> => {
  const command = new GetExecutionHistoryCommand({ executionArn: executionArn(exportId), maxResults: 1000 });
  return (await clients.sfn.send(command)).events ?? [];
};

/** What two exports of the same household may differ in: which they are, and when. */
const withoutOccasion = (manifest: Buffer | undefined): object => {
  const { exportId, exportTimestamp, startedAt, ...rest } = JSON.parse(String(manifest)) as Manifest;
  expect([exportId, exportTimestamp, startedAt]).not.toContain(undefined);
  return rest;
};

/** The manifest's own line is the only one that an occasion changes. */
const withoutManifest = (checksums: Buffer | undefined): string =>
  String(checksums).replace(/^[0-9a-f]{64} ( |\*)manifest\.json$/m, '');

const expectSameHousehold = async (one: Buffer, other: Buffer): Promise<void> => {
  const [entries, others] = [await readZip(one), await readZip(other)];
  expect([...entries.keys()]).toEqual([...others.keys()]);
  const differing = [...entries].filter(([path, bytes]) => !others.get(path)?.equals(bytes));
  expect(differing.map(([path]) => path)).toEqual(['manifest.json', 'checksums.sha256']);
  expect(withoutOccasion(entries.get('manifest.json'))).toEqual(withoutOccasion(others.get('manifest.json')));
  expect(withoutManifest(entries.get('checksums.sha256'))).toBe(
    withoutManifest(others.get('checksums.sha256')),
  );
};

type Strikes = (request: ProxiedRequest, number: number) => boolean;

/** The moment at which a function's processes are killed, by what they ask of S3, and whether S3 still does it. */
interface KillPoint {
  readonly functionName: string;
  readonly strikes: Strikes;
  readonly done: boolean;
}

const asks =
  (method: string, url: RegExp): Strikes =>
  (request) =>
    request.method === method && url.test(request.path);

const copies: Strikes = ({ headers }) => headers['x-amz-copy-source'] !== undefined;

const before = (functionName: string, strikes: Strikes): KillPoint => ({
  functionName,
  strikes,
  done: false,
});
const after = (functionName: string, strikes: Strikes): KillPoint => ({ functionName, strikes, done: true });

const anywhere = createPseudoRandom('Where a function is killed');
const killedAnywhere = (functionName: string, requests: number): [string, KillPoint] => {
  const [at, done] = [anywhere.integer(1, requests), anywhere.chance(0.5)];
  const strikes: Strikes = (_, number) => number === at;
  return [`at its request ${at} to S3, ${done ? 'done' : 'not done'}`, { functionName, strikes, done }];
};

const SEGMENT = /\/segments\/\d+\/[^/]+\.zip\?/;
const SEGMENT_PART = /\/segments\/.*[?&]partNumber=2&/;
const SEGMENT_UPLOAD = /\/segments\/.*\?uploadId=/;
const PACKAGE_UPLOAD = /\/packages\/.*\?uploadId=/;

const KILL_POINTS: readonly (readonly [string, KillPoint])[] = [
  ['when it writes the plan', before('plan-package', asks('PUT', /\/plan\//))],
  ['when the plan is stored', after('plan-package', asks('PUT', /\/plan\//))],
  ['before it has read the plan', before('package-segment', asks('GET', /\/plan\//))],
  ['while it reads a statement file', before('package-segment', asks('GET', /\.(?:csv|pdf|qif|ofx)\?/))],
  ['in the middle of a multipart upload', before('package-segment', asks('PUT', SEGMENT_PART))],
  ['when its large segment is stored', after('package-segment', asks('POST', SEGMENT_UPLOAD))],
  ['when its small segment is stored', after('package-segment', asks('PUT', SEGMENT))],
  ['when its report is stored', after('package-segment', asks('PUT', /\/segments\/.*\.json\?/))],
  killedAnywhere('package-segment', 40),
  killedAnywhere('package-segment', 40),
  ['before it has read a report', before('join-package', asks('GET', /\/segments\/.*\.json\?/))],
  ['when the last entries are stored', after('join-package', asks('PUT', SEGMENT))],
  ['when its upload has begun', after('join-package', asks('POST', /\/packages\/.*\?uploads/))],
  ['when a part is copied', after('join-package', copies)],
  ['before its upload is completed', before('join-package', asks('POST', PACKAGE_UPLOAD))],
  ['when the package is stored', after('join-package', asks('POST', PACKAGE_UPLOAD))],
  killedAnywhere('join-package', 30),
  killedAnywhere('join-package', 30),
  ['while it reads the package', before('verify-package', asks('GET', /\/packages\//))],
  ['when its checkpoint is stored', after('verify-package', asks('PUT', /\/verification\//))],
  ['when it removes what is left', before('complete-export', asks('POST', /\?delete/))],
];

interface Asked {
  readonly functionName: string;
  readonly payload: unknown;
}

/** The events of each iteration of a Map, from its start to its end. */
const iterationsOf = (events: readonly HistoryEvent[], map: string): HistoryEvent[][] => {
  const iterations = new Map<number, HistoryEvent[]>();
  const iterationOf = new Map<number, number>();
  for (const event of events) {
    const { id = 0, previousEventId = 0, type, mapIterationStartedEventDetails } = event;
    const started = type === 'MapIterationStarted' && mapIterationStartedEventDetails?.name === map;
    const first = started ? id : iterationOf.get(previousEventId);
    if (first === undefined) continue;
    iterations.set(first, [...(iterations.get(first) ?? []), event]);
    if (type !== 'MapIterationSucceeded') iterationOf.set(id, first);
  }
  return [...iterations.values()];
};

describe('an export in many pieces', () => {
  const asked: Asked[] = [];
  /** What one undisturbed function packs of the same plan, while the interim objects are there. */
  const inOnePiece: Buffer[] = [];
  let behindProxy: SystemBehindProxy;
  let system: LocalSystem;
  let undisturbed: Finished & { readonly asked: readonly Asked[]; readonly events: readonly HistoryEvent[] };

  const timesAsked = (functionName: string, among: readonly Asked[]): number =>
    among.filter((one) => one.functionName === functionName).length;

  const invoke = (functionName: string, payload: unknown) => system.functions.invoke(functionName, payload);

  const packInOnePiece = async ({ run, planKey }: JoinInput): Promise<void> => {
    const { s3Key } = (await invoke('package-export', { run, planKey })) as PackageSummary;
    inOnePiece.push(await objectBytes(system, s3Key));
  };

  let whenJoined: (input: JoinInput) => Promise<void> = packInOnePiece;

  beforeAll(async () => {
    behindProxy = await startSystemBehindProxy({
      variables: TINY_PIECES,
      invocationHook: {
        beforeInvoke: (functionName, payload) => {
          asked.push({ functionName, payload });
          return Promise.resolve();
        },
        afterInvoke: async (functionName, payload) => {
          if (functionName === 'join-package') await whenJoined(payload as JoinInput);
        },
      },
    });
    ({ system } = behindProxy);
    await seedLargeSampleHousehold(system);
    const finished = await exported(system);
    const events = await historyOf(system, finished.exportId);
    undisturbed = { ...finished, asked: [...asked], events };
  });
  afterAll(() => behindProxy.end());
  beforeEach(() => {
    behindProxy.storage.reset();
    asked.length = 0;
    inOnePiece.length = 0;
    whenJoined = packInOnePiece;
  });

  it('is cut where this file says: parts, segments and calls of the verifier', () => {
    const times = (functionName: string): number => timesAsked(functionName, undisturbed.asked);
    expect(times('collect-transactions')).toBeGreaterThanOrEqual(3);
    expect(times('package-segment')).toBeGreaterThanOrEqual(6);
    expect(times('verify-package')).toBeGreaterThanOrEqual(3);
  });

  it('has the entries of an export in one piece, byte for byte, and its manifest', async () => {
    const whole = await startRunningSystem(
      {},
      {
        AWS_ENDPOINT_URL_S3: system.endpoints.s3,
        AWS_ENDPOINT_URL_DYNAMODB: system.endpoints.dynamodb,
      },
    );
    try {
      const { bytes, exportId } = await exported(whole);
      const states = (await historyOf(whole, exportId)).map((event) => event.stateEnteredEventDetails?.name);
      expect(states).toContain('PackageExport');
      await expectSameHousehold(undisturbed.bytes, bytes);
    } finally {
      await whole.end();
    }
  });

  describe('can be read', () => {
    let folder: string;
    let zip: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'segmented-package-'));
      zip = join(folder, 'package.zip');
      writeFileSync(zip, undisturbed.bytes);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(ARCHIVE_TOOLS.filter(({ isThere }) => isThere()).map((tool) => [tool.name, tool] as const))(
      'by %s',
      (_, tool) => expect(() => tool.test(zip)).not.toThrow(),
    );

    it('from its beginning on, without its directory', async () => {
      const streamed = streamedZip(undisturbed.bytes);
      const read = await readZip(undisturbed.bytes);
      expect([...streamed.keys()]).toEqual([...read.keys()]);
      for (const [path, bytes] of read) expect(streamed.get(path)?.equals(bytes)).toBe(true);
    });
  });

  it('has the same bytes when every segment and the join are made once more', async () => {
    const again: Buffer[] = [];
    whenJoined = async (input) => {
      whenJoined = () => Promise.resolve();
      const segments = asked.filter(({ functionName }) => functionName === 'package-segment');
      const packed = await Promise.all(
        segments.map(({ payload }) => invoke('package-segment', payload) as Promise<PackedSegment>),
      );
      expect(packed.map(({ attemptId }) => attemptId)).not.toContain(input.segments[0]?.attemptId);
      const joined = await invoke('join-package', {
        ...input,
        segments: packed.sort((one, other) => one.segment - other.segment),
      });
      again.push(await objectBytes(system, (joined as PackageSummary).s3Key));
    };
    const { bytes } = await exported(system);
    expect(again.map((other) => other.equals(bytes))).toEqual([true]);
  });

  it.each(KILL_POINTS.map(([when, point]) => [point.functionName, when, point] as const))(
    'is what it would have been, and alone in the bucket, after %s was killed %s',
    async (functionName, _, { strikes, done }) => {
      let [number, killed] = [0, false];
      behindProxy.storage.faultOf = (request) => {
        const isBusy = system.functions.runningInvocations().some((one) => one.functionName === functionName);
        if (killed || !isBusy || !strikes(request, (number += 1))) return undefined;
        killed = true;
        system.functions.killRunning(functionName);
        return done ? 'lose-answer' : 'reset';
      };
      const { bytes } = await exported(system);
      expect(killed).toBe(true);
      expect(timesAsked(functionName, asked)).toBeGreaterThan(timesAsked(functionName, undisturbed.asked));
      expect(inOnePiece.map((other) => other.equals(bytes))).toEqual([true]);
      await expectSameHousehold(bytes, undisturbed.bytes);
    },
  );

  it('keeps its history within the limit of Step Functions, however large it is', () => {
    const { events } = undisturbed;
    const parts = iterationsOf(events, 'CollectTransactionParts');
    const segments = iterationsOf(events, 'PackageSegments');
    const calls = timesAsked('verify-package', undisturbed.asked);
    expect(parts).toHaveLength(timesAsked('collect-transactions', undisturbed.asked));
    expect(segments).toHaveLength(timesAsked('package-segment', undisturbed.asked));
    expect(new Set(segments.map(({ length }) => length)).size).toBe(1);

    const each = { part: parts[0]?.length ?? 0, segment: segments[0]?.length ?? 0, call: 0 };
    const states = events.flatMap(({ id, stateEnteredEventDetails }) =>
      stateEnteredEventDetails?.name === 'VerifyPackage' ? [id ?? 0] : [],
    );
    each.call = (states[1] ?? 0) - (states[0] ?? 0);
    const once =
      events.length - parts.length * each.part - segments.length * each.segment - (calls - 1) * each.call;
    const eventsOf = (pieces: { parts: number; segments: number; calls: number }): number =>
      once + pieces.parts * each.part + pieces.segments * each.segment + (pieces.calls - 1) * each.call;

    // A million transactions (ten parts, 1 GB of text and tables) and 2 GB of files in segments of 64 MiB.
    expect(eventsOf({ parts: 10, segments: 40, calls: 1 })).toBeLessThanOrEqual(500);
    // Either limit may close a segment; 5 TB are read by 20 GiB a call.
    expect(eventsOf({ parts: MOST_PARTS, segments: 2 * MOST_SEGMENTS, calls: 240 })).toBeLessThan(25_000 / 2);
  });
});
