import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SECOND_SAMPLE_USER_ID } from '../../infra/local/sample-household/household-plans.ts';
import type { LocalSystem } from '../../infra/local/local-system.ts';
import { createPseudoRandom } from '../../infra/local/sample-household/pseudo-random.ts';
import type { PackageSummary } from '../../shared/domain/manifest.ts';
import type { JoinInput, PackedSegment } from '../../shared/workflow/contracts.ts';
import {
  expectSameHousehold,
  exported,
  objectBytes,
  PATIENCE_SECONDS,
  timesAsked,
  TINY_PIECES,
  type Asked,
} from '../support/exported-household.ts';
import type { ProxiedRequest } from '../support/fault-proxy.ts';
import { seedLargeSampleHousehold } from '../support/large-sample-household.ts';
import { startSystemBehindProxies, type SystemBehindProxies } from '../support/system-behind-proxies.ts';

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

const SEGMENT_PART = /\/segments\/.*[?&]partNumber=2&/;
const PACKAGE_UPLOAD = /\/packages\/.*\?uploadId=/;

const KILL_POINTS: readonly (readonly [string, KillPoint])[] = [
  ['when the plan is stored', after('plan-package', asks('PUT', /\/plan\//))],
  ['while it reads a statement file', before('package-segment', asks('GET', /\.(?:csv|pdf|qif|ofx)\?/))],
  ['in the middle of a multipart upload', before('package-segment', asks('PUT', SEGMENT_PART))],
  ['when its report is stored', after('package-segment', asks('PUT', /\/segments\/.*\.json\?/))],
  killedAnywhere('package-segment', 20),
  ['when its upload has begun', after('join-package', asks('POST', /\/packages\/.*\?uploads/))],
  ['when a part is copied', after('join-package', copies)],
  ['when the package is stored', after('join-package', asks('POST', PACKAGE_UPLOAD))],
  killedAnywhere('join-package', 15),
  ['while it reads the package', before('verify-package', asks('GET', /\/packages\//))],
  ['when its checkpoint is stored', after('verify-package', asks('PUT', /\/verification\//))],
  ['when it removes what is left', before('complete-export', asks('POST', /\?delete/))],
];

jest.setTimeout(PATIENCE_SECONDS * 1000);

describe('an export in many pieces whose functions are killed', () => {
  const asked: Asked[] = [];
  /** What one undisturbed function packs of the same plan, while the interim objects are there. */
  const inOnePiece: Buffer[] = [];
  let behindProxies: SystemBehindProxies;
  let system: LocalSystem;
  let undisturbed: { readonly bytes: Buffer; readonly asked: readonly Asked[] };

  const invoke = (functionName: string, payload: unknown) => system.functions.invoke(functionName, payload);

  const packInOnePiece = async ({ run, planKey }: JoinInput): Promise<void> => {
    const { s3Key } = (await invoke('package-export', { run, planKey })) as PackageSummary;
    inOnePiece.push(await objectBytes(system, s3Key));
  };

  let whenJoined: (input: JoinInput) => Promise<void> = packInOnePiece;

  beforeAll(async () => {
    behindProxies = await startSystemBehindProxies({
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
    ({ system } = behindProxies);
    await seedLargeSampleHousehold(system, [SECOND_SAMPLE_USER_ID]);
    const { bytes } = await exported(system, SECOND_SAMPLE_USER_ID);
    undisturbed = { bytes, asked: [...asked] };
  });
  afterAll(() => behindProxies.end());
  beforeEach(() => {
    behindProxies.proxies.s3.reset();
    asked.length = 0;
    inOnePiece.length = 0;
    whenJoined = packInOnePiece;
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
    const { bytes } = await exported(system, SECOND_SAMPLE_USER_ID);
    expect(again.map((other) => other.equals(bytes))).toEqual([true]);
  });

  it.each(KILL_POINTS.map(([when, point]) => [point.functionName, when, point] as const))(
    'is what it would have been, and alone in the bucket, after %s was killed %s',
    async (functionName, _, { strikes, done }) => {
      let [number, killed] = [0, false];
      behindProxies.proxies.s3.faultOf = (request) => {
        const isBusy = system.functions.runningInvocations().some((one) => one.functionName === functionName);
        if (killed || !isBusy || !strikes(request, (number += 1))) return undefined;
        killed = true;
        system.functions.killRunning(functionName);
        return done ? 'lose-answer' : 'reset';
      };
      const { bytes } = await exported(system, SECOND_SAMPLE_USER_ID);
      expect(killed).toBe(true);
      expect(timesAsked(functionName, asked)).toBeGreaterThan(timesAsked(functionName, undisturbed.asked));
      expect(inOnePiece.map((other) => other.equals(bytes))).toEqual([true]);
      await expectSameHousehold(bytes, undisturbed.bytes);
    },
  );
});
