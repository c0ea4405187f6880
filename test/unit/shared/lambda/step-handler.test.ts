import type { Context } from 'aws-lambda';
import { describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod/mini';
import { ExportClosed, InvalidStepInput, OutOfTime } from '../../../../shared/domain/errors.ts';
import { stepHandler } from '../../../../shared/lambda/step-handler.ts';
import {
  beginInput,
  collectTransactionsInput,
  completeInput,
  exportRun,
  failInput,
  planInput,
  type StepAttempt,
} from '../../../../shared/workflow/contracts.ts';
import { anExportRun, aPackageSummary } from '../../../support/export-builders.ts';
import { RecordingLog } from '../../../support/recording-ports.ts';

const contextWith = (remainingMs: number) =>
  ({ awsRequestId: 'attempt-1', getRemainingTimeInMillis: () => remainingMs }) as Context;

type UseCase = (input: { exportId: string }, attempt: StepAttempt) => unknown;

const setUp = (useCase: UseCase = () => ({}), remainingMs = 60_000) => {
  const log = new RecordingLog();
  const calls: unknown[] = [];
  const handler = stepHandler({
    log,
    input: z.object({ exportId: z.string() }),
    useCase: (input, attempt) => {
      calls.push([input, attempt]);
      return Promise.resolve().then(() => useCase(input, attempt));
    },
  });
  return { run: (event: unknown) => handler(event, contextWith(remainingMs)), calls, log };
};

describe('a workflow step', () => {
  it('is called with its input, without what its contract does not name, and with its own invocation', async () => {
    const { run, calls } = setUp(({ exportId }) => ({ seen: exportId }));
    expect(await run({ exportId: 'export-1', more: 'x' })).toEqual({ seen: 'export-1' });
    expect(calls).toEqual([
      [{ exportId: 'export-1' }, { attemptId: 'attempt-1', signal: expect.any(AbortSignal) }],
    ]);
  });

  it.each([[undefined], [null], [{}], ['export-1'], [{ exportId: 1 }], [[]]])(
    'refuses an input that breaks its contract before anything is done: %j',
    async (event) => {
      const { run, calls } = setUp();
      await expect(run(event)).rejects.toBeInstanceOf(InvalidStepInput);
      expect(calls).toEqual([]);
    },
  );

  it('lets every error through as it is, because the workflow decides by its name', async () => {
    for (const error of [new ExportClosed('closed'), new TypeError('bug'), new Error('foreign')]) {
      const { run } = setUp(() => {
        throw error;
      });
      await expect(run({ exportId: 'export-1' })).rejects.toBe(error);
    }
  });

  it('tells operators when it starts and how it ends, with the export it was for', async () => {
    const good = setUp();
    await good.run({ exportId: 'export-1' });
    const bad = setUp(() => {
      throw new ExportClosed('the amount is 17.50');
    });
    await bad.run({ exportId: 'export-1' }).catch(() => undefined);
    const messages = (log: RecordingLog) =>
      log.lines.map((line) => (JSON.parse(line) as { message: string }).message);
    expect(messages(good.log)).toEqual(['Step started.', 'Step completed.']);
    expect(messages(bad.log)).toEqual(['Step started.', 'Step failed.']);
    for (const line of [...good.log.lines, ...bad.log.lines])
      expect(JSON.parse(line)).toMatchObject({ exportId: 'export-1', attemptId: 'attempt-1' });
    expect(bad.log.lines.join()).toContain('ExportClosed');
    expect(bad.log.lines.join()).not.toContain('17.50');
  });

  it('is told to end before its function is killed, so that it fails by a name of its own', async () => {
    const { run } = setUp(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        }),
      100,
    );
    await expect(run({ exportId: 'export-1' })).rejects.toBeInstanceOf(OutOfTime);
  });

  it('is told nothing any more once it has ended', async () => {
    let seen: AbortSignal | undefined;
    const { run } = setUp((_, { signal }) => void (seen = signal), 50);
    await run({ exportId: 'export-1' });
    await wait(100);
    expect(seen?.aborted).toBe(false);
  });

  it('never logs what it was called with', async () => {
    const { run, log } = setUp();
    await run({ exportId: 1, description: 'secret' }).catch(() => undefined);
    await run({ run: { exportId: 'export-2' }, description: 'secret' }).catch(() => undefined);
    expect(log.lines.join()).not.toContain('secret');
    expect(log.lines.join()).toContain('export-2');
  });
});

describe('the contract of', () => {
  const run = anExportRun();
  const collected = {
    section: 'accounts',
    requested: true,
    key: 'k',
    count: 1,
    bytes: 2,
    sha256: 'x',
  } as const;

  it('beginning takes an export and its execution', () => {
    const input = { exportId: 'e', executionArn: 'arn' };
    expect(beginInput.parse(input)).toEqual(input);
    expect(beginInput.safeParse({ exportId: 'e' }).success).toBe(false);
  });

  it('collecting takes a run of known sections', () => {
    expect(exportRun.parse(run)).toEqual(run);
    expect(exportRun.safeParse({ ...run, sections: ['accounts', 'secrets'] }).success).toBe(false);
  });

  it('collecting transactions takes a run and one of its parts', () => {
    for (const part of [{ index: 0 }, { index: 1, from: 5, before: 6 }]) {
      expect(collectTransactionsInput.parse({ run, part })).toEqual({ run, part });
    }
    for (const input of [run, { run }, { run, part: { index: 0, from: '5' } }]) {
      expect(collectTransactionsInput.safeParse(input).success).toBe(false);
    }
  });

  it('planning takes what was collected, parts of a section in a list of their own, without what was not asked for', () => {
    const notRequested = { section: 'analytics', requested: false };
    const input = { run, collected: [collected, [collected, collected], [], notRequested] };
    expect(planInput.parse(input)).toEqual({ run, collected: [collected, collected, collected] });
    const incomplete = { run, collected: [{ section: 'accounts', requested: true }] };
    expect(planInput.safeParse(incomplete).success).toBe(false);
  });

  it('completing takes a package and what its verification has found', () => {
    const verified = { done: true, version: '"1"', bytes: 4711, entries: 3, records: 2, sha256: null };
    const input = { run: anExportRun({ transactionParts: [] }), package: aPackageSummary(), verified };
    expect(completeInput.parse(input)).toEqual(input);
    expect(completeInput.safeParse({ ...input, verified: undefined }).success).toBe(false);
    expect(completeInput.safeParse({ ...input, package: undefined }).success).toBe(false);
  });

  it('failing takes what Catch gives, and what EventBridge tells of an execution that ended outside', () => {
    const own = { exportId: 'e', executionArn: 'arn:e' };
    const caught = { ...own, failure: { Error: 'X', Cause: '{}' } };
    expect(failInput.parse(caught)).toEqual(caught);
    const ended = (status: string) =>
      failInput.safeParse({ detail: { executionArn: 'arn:e', name: 'e', status, input: '{}' } }).data;
    expect(ended('ABORTED')).toEqual({ ...own, failure: { Error: 'ExecutionAborted' } });
    expect(ended('TIMED_OUT')).toEqual({ ...own, failure: { Error: 'States.Timeout' } });
    expect(ended('FAILED')).toEqual({ ...own, failure: { Error: 'ExportFailed' } });
    expect(ended('SUCCEEDED')).toBeUndefined();
    expect(ended('RUNNING')).toBeUndefined();
  });

  it('tells in every line whose export it is, from the run where the input has one, and the user as a hash alone', async () => {
    const { run, log } = setUp();
    const ofRun = { exportId: 'export-1', userId: 'user-1', correlationId: 'c-1' };
    await run({ exportId: 'export-1', run: ofRun });
    expect(log.lines).toHaveLength(2);
    for (const line of log.lines) {
      expect(line).toMatch(/"exportId":"export-1"/);
      expect(line).toMatch(/"correlationId":"c-1"/);
    }
    log.lines.length = 0;
    await run({ exportId: 'export-2' });
    expect(log.lines.join()).not.toMatch(/c-1|export-1/);
  });
});
