import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MOST_PARTS } from '../../functions/begin-export/transaction-parts.ts';
import { MOST_SEGMENTS } from '../../functions/plan-package/plan-package.ts';
import { SAMPLE_USER_ID } from '../../infra/local/sample-household/household-plans.ts';
import { ARCHIVE_TOOLS } from '../support/archive-tools.ts';
import {
  expectSameHousehold,
  exported,
  historyOf,
  PATIENCE_SECONDS,
  timesAsked,
  TINY_PIECES,
  type Asked,
} from '../support/exported-household.ts';
import { seedLargeSampleHousehold } from '../support/large-sample-household.ts';
import { readZip } from '../support/read-zip.ts';
import { startRunningSystem, type RunningSystem } from '../support/running-system.ts';
import { streamedZip } from '../support/streamed-zip.ts';

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

jest.setTimeout(PATIENCE_SECONDS * 1000);

describe('an export in many pieces', () => {
  const asked: Asked[] = [];
  let system: RunningSystem;
  let bytes: Buffer;
  let events: readonly HistoryEvent[];

  beforeAll(async () => {
    system = await startRunningSystem({
      variables: TINY_PIECES,
      invocationHook: {
        beforeInvoke: (functionName, payload) => {
          asked.push({ functionName, payload });
          return Promise.resolve();
        },
      },
    });
    await seedLargeSampleHousehold(system, [SAMPLE_USER_ID]);
    const finished = await exported(system, SAMPLE_USER_ID);
    ({ bytes } = finished);
    events = await historyOf(system, finished.exportId);
  });
  afterAll(() => system.end());

  it('is cut where this file says: parts, segments and calls of the verifier', () => {
    const times = (functionName: string): number => timesAsked(functionName, asked);
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
      const { bytes: inOnePiece, exportId } = await exported(whole, SAMPLE_USER_ID);
      const states = (await historyOf(whole, exportId)).map((event) => event.stateEnteredEventDetails?.name);
      expect(states).toContain('PackageExport');
      await expectSameHousehold(bytes, inOnePiece);
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
      writeFileSync(zip, bytes);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    // Where CI runs, every tool must be there; elsewhere those that are there must agree.
    const tools = ARCHIVE_TOOLS.filter(({ isThere }) => process.env['CI'] === 'true' || isThere());
    it.each(tools.map((tool) => [tool.name, tool] as const))('by %s', (_, tool) =>
      expect(() => tool.test(zip)).not.toThrow(),
    );

    it('from its beginning on, without its directory', async () => {
      const streamed = streamedZip(bytes);
      const read = await readZip(bytes);
      expect([...streamed.keys()]).toEqual([...read.keys()]);
      for (const [path, content] of read) expect(streamed.get(path)?.equals(content)).toBe(true);
    });
  });

  it('keeps its history within the limit of Step Functions, however large it is', () => {
    const parts = iterationsOf(events, 'CollectTransactionParts');
    const segments = iterationsOf(events, 'PackageSegments');
    const calls = timesAsked('verify-package', asked);
    expect(parts).toHaveLength(timesAsked('collect-transactions', asked));
    expect(segments).toHaveLength(timesAsked('package-segment', asked));
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
