import { afterEach, describe, expect, it } from '@jest/globals';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import {
  aMachine,
  aSequence,
  aSignal,
  aTask,
  cleanUp,
  executionArn,
  FunctionFailure,
  MACHINE_ARN,
  typesOf,
} from '../support/local-step-functions.ts';

afterEach(cleanUp);

const parsed = (text: string | undefined): unknown => JSON.parse(text ?? 'null');
const CATCH_ALL = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Caught' }];
const CAUGHT = { Caught: { Type: 'Pass', End: true } };

describe('a Task', () => {
  it('hands its effective input to the function and puts the JSON of the result where ResultPath says', async () => {
    const seen: unknown[] = [];
    const definition = aSequence({
      Collect: aTask('collect', {
        InputPath: '$.run',
        Parameters: { 'id.$': '$.exportId', literal: [1, { 'deep.$': '$.exportId' }] },
        ResultSelector: { 'when.$': '$.at', 'all.$': '$' },
        ResultPath: '$.sections.accounts',
        OutputPath: '$.sections',
      }),
    });
    const machine = await aMachine(definition, {
      collect: (payload) => {
        seen.push(payload);
        return { at: new Date(0), dropped: undefined, nothing: null };
      },
    });
    const { output } = await machine.run({ run: { exportId: 'e1' }, sections: { kept: true } });
    expect(seen).toEqual([{ id: 'e1', literal: [1, { deep: 'e1' }] }]);
    const at = '1970-01-01T00:00:00.000Z';
    expect(parsed(output)).toEqual({ kept: true, accounts: { when: at, all: { at, nothing: null } } });
  });

  it('gives the function its own copy of the payload', async () => {
    const branch = (name: string) => aSequence({ [name]: aTask(name) });
    const definition = aSequence({
      Both: { Type: 'Parallel', End: true, Branches: [branch('spoil'), branch('read')] },
    });
    const machine = await aMachine(definition, {
      spoil: (payload: { items: number[] }) => payload.items.push(9),
      read: (payload) => payload,
    });
    const { output } = await machine.run({ items: [1] });
    expect(parsed(output)).toEqual([2, { items: [1] }]);
  });

  it('fails with the errorType of the function as Error and its JSON as Cause', async () => {
    const machine = await aMachine(aSequence({ Collect: aTask('collect') }), {
      collect: () => Promise.reject(new FunctionFailure('SourceUnavailable', 'no table')),
    });
    const { status, error, cause } = await machine.run();
    expect([status, error]).toEqual(['FAILED', 'SourceUnavailable']);
    expect(parsed(cause)).toEqual({
      errorMessage: 'no table',
      errorType: 'SourceUnavailable',
      trace: ['Error: at handler'],
    });
  });

  it.each([
    [
      Object.assign(new Error('slow down'), { name: 'Lambda.TooManyRequestsException' }),
      'Lambda.TooManyRequestsException',
    ],
    [{ errorType: 'ServiceException', errorMessage: 'slow down', trace: [] }, 'Lambda.ServiceException'],
    [new TypeError('slow down'), 'Lambda.Unknown'],
  ])('shows an error of Lambda itself by its name (%#)', async (reason: unknown, expected) => {
    const machine = await aMachine(aSequence({ Collect: aTask('collect') }), {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- any value can be thrown
      collect: () => Promise.reject(reason),
    });
    const { error, cause } = await machine.run();
    expect([error, cause]).toEqual([expected, 'slow down']);
  });

  it('is over at its TimeoutSeconds, while the call runs on and its late result is dropped', async () => {
    const late = aSignal<string>();
    const definition = aSequence({
      Slow: aTask('slow', {
        TimeoutSeconds: 1,
        Retry: [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 3 }],
        Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: '$.error', Next: 'Caught' }],
      }),
      ...CAUGHT,
    });
    const machine = await aMachine(definition, { slow: () => late.promise });
    const { output, executionArn: arn } = await machine.run({ a: 1 });
    expect(parsed(output)).toEqual({ a: 1, error: { Error: 'States.Timeout', Cause: '' } });
    const before = await machine.history(arn ?? '');
    late.resolve('too late');
    await late.promise;
    const after = await machine.history(arn ?? '');
    expect(after).toEqual(before);
    expect(typesOf(after).filter((type) => type.startsWith('Lambda'))).toEqual([
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionTimedOut',
    ]);
  });
});

describe('Retry and Catch', () => {
  it('tries again as often as the retrier allows, each time later, then hands over to the catcher', async () => {
    const waits: number[] = [];
    let calls = 0;
    const Retry = [
      { ErrorEquals: ['Other'], MaxAttempts: 9 },
      { ErrorEquals: ['Flaky'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3, MaxDelaySeconds: 10 },
    ];
    const definition = aSequence({ Work: aTask('work', { Retry, Catch: CATCH_ALL }), ...CAUGHT });
    const machine = await aMachine(
      definition,
      {
        work: () => {
          calls += 1;
          throw new FunctionFailure('Flaky', `call ${calls}`);
        },
      },
      {
        retryIntervalSeconds: (computed) => {
          waits.push(computed);
          return 0;
        },
      },
    );
    const { status, output } = await machine.run({ kept: true });
    expect([status, calls, waits]).toEqual(['SUCCEEDED', 4, [2, 6, 10]]);
    expect(parsed(output)).toMatchObject({ kept: true, error: { Error: 'Flaky' } });
  });

  it('spreads the waits between nothing and the computed delay with JitterStrategy FULL', async () => {
    const waits: number[] = [];
    const Retry = [
      {
        ErrorEquals: ['States.ALL'],
        IntervalSeconds: 8,
        BackoffRate: 1,
        MaxAttempts: 20,
        JitterStrategy: 'FULL',
      },
    ];
    const machine = await aMachine(
      aSequence({ Work: aTask('work', { Retry }) }),
      { work: () => Promise.reject(new FunctionFailure('Flaky', '')) },
      { retryIntervalSeconds: (computed) => (waits.push(computed), 0) },
    );
    await machine.run();
    expect(waits).toHaveLength(20);
    expect(new Set(waits).size).toBeGreaterThan(1);
    expect(waits.every((wait) => wait >= 0 && wait <= 8)).toBe(true);
  });

  it('goes on with the result when a later try succeeds, and shows the tries in the history', async () => {
    let calls = 0;
    const Retry = [{ ErrorEquals: ['States.TaskFailed'] }];
    const machine = await aMachine(aSequence({ Work: aTask('work', { Retry }) }), {
      work: () => {
        calls += 1;
        if (calls === 1) throw new FunctionFailure('Flaky', '');
        return 'done';
      },
    });
    const { output, executionArn: arn } = await machine.run();
    expect(parsed(output)).toBe('done');
    expect(typesOf(await machine.history(arn ?? ''))).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionFailed',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('never catches a fault of the definition, which fails the execution as States.Runtime', async () => {
    const Parameters = { 'id.$': '$.missing' };
    const definition = aSequence({
      Work: aTask('work', { Parameters, Retry: [{ ErrorEquals: ['States.ALL'] }], Catch: CATCH_ALL }),
      ...CAUGHT,
    });
    const machine = await aMachine(definition, { work: () => 'unreachable' });
    const { status, error, cause } = await machine.run({ present: 1 });
    expect([status, error]).toEqual(['FAILED', 'States.Runtime']);
    expect(cause).toContain("the state 'Work' (entered at the event id #2)");
    expect(cause).toContain("'$.missing' specified for the field 'id.$'");
  });

  it('replaces the input by the error when the catcher has no ResultPath, and keeps it with null', async () => {
    const fails = { work: () => Promise.reject(new FunctionFailure('Broken', 'x')) };
    const withCatcher = (catcher: object) =>
      aSequence({
        Work: aTask('work', { Catch: [{ ErrorEquals: ['Broken'], Next: 'Caught', ...catcher }] }),
        ...CAUGHT,
      });
    const replaced = await (await aMachine(withCatcher({}), fails)).run({ kept: 1 });
    const untouched = await (await aMachine(withCatcher({ ResultPath: null }), fails)).run({ kept: 1 });
    expect(parsed(replaced.output)).toMatchObject({ Error: 'Broken' });
    expect(parsed(untouched.output)).toEqual({ kept: 1 });
  });
});

describe('Parallel and Map', () => {
  it('fails at once when one branch fails, ends the states of the others and leaves their calls alone', async () => {
    const slow = aSignal<string>();
    const finished: string[] = [];
    const definition = aSequence({
      Both: {
        Type: 'Parallel',
        Catch: CATCH_ALL,
        Next: 'Caught',
        Branches: [
          aSequence({ Slow: aTask('slow', { Next: 'Never' }), Never: aTask('never') }),
          aSequence({ Bad: aTask('bad') }),
        ],
      },
      ...CAUGHT,
    });
    const machine = await aMachine(definition, {
      slow: async () => {
        finished.push(await slow.promise);
        return {};
      },
      never: () => finished.push('never'),
      bad: () => Promise.reject(new FunctionFailure('Broken', 'bad')),
    });
    const { status, output, executionArn: arn = '' } = await machine.run({ kept: 1 });
    expect([status, finished]).toEqual(['SUCCEEDED', []]);
    expect(parsed(output)).toMatchObject({ kept: 1, error: { Error: 'Broken' } });
    const before = await machine.history(arn);
    slow.resolve('slow');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(finished).toEqual(['slow']);
    expect(await machine.history(arn)).toEqual(before);
    const failed = before.find(({ type }) => type === 'LambdaFunctionFailed');
    expect(before.filter(({ id }) => Number(id) >= Number(failed?.id)).map(({ type }) => type)).toEqual([
      'LambdaFunctionFailed',
      'TaskStateAborted',
      'ParallelStateFailed',
      'ParallelStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
    expect(before.find(({ type }) => type === 'ParallelStateFailed')?.previousEventId).toBe(failed?.id);
  });

  it('gives the results of branches in their order and lets each event name the one before it in its branch', async () => {
    const first = aSignal();
    const definition = aSequence({
      Both: {
        Type: 'Parallel',
        End: true,
        ResultPath: '$.both',
        Branches: [aSequence({ One: aTask('one') }), aSequence({ Two: aTask('two') })],
      },
    });
    const machine = await aMachine(definition, {
      one: () => first.promise.then(() => 1),
      two: () => {
        first.resolve(undefined);
        return 2;
      },
    });
    const { output, executionArn: arn = '' } = await machine.run({});
    expect(parsed(output)).toEqual({ both: [1, 2] });
    const events = await machine.history(arn);
    const started = events.find(({ type }) => type === 'ParallelStateStarted');
    const entered = events.filter(({ type }) => type === 'TaskStateEntered');
    expect(entered.map(({ previousEventId }) => previousEventId)).toEqual([started?.id, started?.id]);
    for (const { type, id, previousEventId } of events) {
      expect(Number(previousEventId)).toBeLessThan(Number(id));
      if (type === 'LambdaFunctionStarted') expect(previousEventId).toBe(Number(id) - 1);
    }
  });

  it('runs a Map with no more than MaxConcurrency iterations at once and keeps the order', async () => {
    let running = 0;
    let most = 0;
    const definition = aSequence({
      Each: {
        Type: 'Map',
        End: true,
        ItemsPath: '$.items',
        MaxConcurrency: 2,
        ItemSelector: {
          'index.$': '$$.Map.Item.Index',
          'value.$': '$$.Map.Item.Value',
          'factor.$': '$.factor',
        },
        ItemProcessor: aSequence({ Work: aTask('work') }, { ProcessorConfig: { Mode: 'INLINE' } }),
      },
    });
    const machine = await aMachine(definition, {
      work: async ({ index, value, factor }: { index: number; value: number; factor: number }) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, index === 0 ? 20 : 2));
        running -= 1;
        return value * factor;
      },
    });
    const { output, executionArn: arn = '' } = await machine.run({ items: [1, 2, 3, 4, 5], factor: 10 });
    expect(parsed(output)).toEqual([10, 20, 30, 40, 50]);
    expect(most).toBe(2);
    const events = await machine.history(arn);
    const details = events.map((event) => event.mapIterationSucceededEventDetails?.index);
    expect(details.filter((index) => index !== undefined).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(events.find(({ type }) => type === 'MapStateStarted')?.mapStateStartedEventDetails?.length).toBe(
      5,
    );
  });

  it('fails a Map with the failure of an iteration and aborts the others', async () => {
    const definition = aSequence({
      Each: { Type: 'Map', End: true, ItemProcessor: aSequence({ Work: aTask('work') }) },
    });
    const machine = await aMachine(definition, {
      work: (item: string) =>
        item === 'bad' ? Promise.reject(new FunctionFailure('Broken', item)) : new Promise(() => undefined),
    });
    const { status, error, executionArn: arn = '' } = await machine.run(['hangs', 'bad', 'hangs too']);
    expect([status, error]).toEqual(['FAILED', 'Broken']);
    expect(typesOf(await machine.history(arn)).slice(-8)).toEqual([
      'LambdaFunctionFailed',
      'MapIterationFailed',
      'TaskStateAborted',
      'MapIterationAborted',
      'TaskStateAborted',
      'MapIterationAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });
});

describe('the other states', () => {
  it('chooses, passes, waits and succeeds', async () => {
    const definition = aSequence({
      AnyRows: {
        Type: 'Choice',
        Choices: [
          {
            And: [
              { Variable: '$.rows', IsPresent: true },
              { Variable: '$.rows', NumericGreaterThan: 0 },
            ],
            Next: 'Pause',
          },
          { Not: { Variable: '$.kind', StringMatches: 'acc*' }, Next: 'Nothing' },
        ],
        Default: 'Fallback',
      },
      Pause: { Type: 'Wait', Seconds: 0, Next: 'Done' },
      Nothing: { Type: 'Pass', Result: false, ResultPath: '$.any', End: true },
      Fallback: { Type: 'Pass', Parameters: { 'text.$': "States.Format('{} of {}', $.kind, 2)" }, End: true },
      Done: { Type: 'Succeed', OutputPath: '$.rows' },
    });
    const machine = await aMachine(definition);
    expect(parsed((await machine.run({ rows: 3 })).output)).toBe(3);
    expect(parsed((await machine.run({ kind: 'files' })).output)).toEqual({ kind: 'files', any: false });
    expect(parsed((await machine.run({ kind: 'accounts' })).output)).toEqual({ text: 'accounts of 2' });
  });

  it('fails with the error and cause of a Fail state', async () => {
    const definition = aSequence({ Failed: { Type: 'Fail', Error: 'ExportFailed', CausePath: '$.why' } });
    const machine = await aMachine(definition);
    const { status, error, cause, executionArn: arn = '' } = await machine.run({ why: 'because' });
    expect([status, error, cause]).toEqual(['FAILED', 'ExportFailed', 'because']);
    expect(typesOf(await machine.history(arn))).toEqual([
      'ExecutionStarted',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  it('knows the context object everywhere, in branches and iterations too', async () => {
    const Parameters = {
      'execution.$': '$$.Execution.Id',
      'name.$': '$$.Execution.Name',
      'input.$': '$$.Execution.Input.top',
      'startTime.$': '$$.Execution.StartTime',
      'state.$': '$$.State.Name',
      'enteredTime.$': '$$.State.EnteredTime',
      'retryCount.$': '$$.State.RetryCount',
      'machine.$': '$$.StateMachine.Name',
      'index.$': '$$.Map.Item.Index',
      'value.$': '$$.Map.Item.Value',
    };
    const branch = aSequence({ Inner: aTask('inner', { Parameters, Retry: [{ ErrorEquals: ['Flaky'] }] }) });
    const definition = aSequence({
      Each: {
        Type: 'Map',
        End: true,
        ItemsPath: '$.items',
        ItemProcessor: aSequence({ Fork: { Type: 'Parallel', End: true, Branches: [branch] } }),
      },
    });
    const machine = await aMachine(definition, {
      inner: (payload: { retryCount: number }) => {
        if (payload.retryCount < 2) throw new FunctionFailure('Flaky', '');
        return payload;
      },
    });
    const arn = await machine.start({ top: 'whole', items: ['x'] }, 'run-1');
    const { output } = await machine.settled(arn);
    const [[context]] = parsed(output) as [[Record<string, string>]];
    expect(context).toEqual({
      execution: executionArn('run-1'),
      name: 'run-1',
      input: 'whole',
      startTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      state: 'Inner',
      enteredTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      retryCount: 2,
      machine: MACHINE_ARN.split(':').at(-1),
      index: 0,
      value: 'x',
    });
  });

  it('ends the whole execution as TIMED_OUT at the machine’s TimeoutSeconds', async () => {
    const machine = await aMachine(
      aSequence({ Wait: { Type: 'Wait', Seconds: 9999, End: true } }, { TimeoutSeconds: 1 }),
    );
    const { status, executionArn: arn = '' } = await machine.run();
    expect(status).toBe('TIMED_OUT');
    expect(typesOf(await machine.history(arn)).slice(-2)).toEqual(['WaitStateAborted', 'ExecutionTimedOut']);
  });

  it('ends an endless loop at the quota of 25,000 events instead of hanging', async () => {
    const definition = aSequence({
      Again: { Type: 'Pass', Next: 'Still' },
      Still: { Type: 'Pass', Next: 'Again' },
    });
    const machine = await aMachine(definition);
    const { status, error, cause } = await machine.run();
    expect([status, error]).toEqual(['FAILED', 'States.Runtime']);
    expect(cause).toContain('25000');
  });
});

describe('the limit of 256 KiB', () => {
  const big = (length: number) => 'x'.repeat(length);
  // The two quotation marks of the JSON text count.
  const LARGEST = 262_144 - 2;

  it('accepts a result of exactly 256 KiB and fails one byte later with States.DataLimitExceeded', async () => {
    const machine = await aMachine(aSequence({ Work: aTask('work') }), {
      work: (length: number) => big(length),
    });
    const fits = await machine.run(LARGEST);
    const tooBig = await machine.run(LARGEST + 1);
    expect([fits.status, tooBig.status, tooBig.error]).toEqual([
      'SUCCEEDED',
      'FAILED',
      'States.DataLimitExceeded',
    ]);
  });

  it('counts bytes, not characters', async () => {
    const machine = await aMachine(aSequence({ Work: aTask('work') }), { work: () => 'é'.repeat(131_072) });
    expect((await machine.run()).error).toBe('States.DataLimitExceeded');
  });

  it('limits what states combine, which no wildcard catches and the exact name does', async () => {
    const half = aSequence({ Half: aTask('half') });
    const otherHalf = aSequence({ OtherHalf: aTask('half') });
    const catching = (name: string) =>
      aSequence({
        Both: {
          Type: 'Parallel',
          Branches: [half, otherHalf],
          Next: 'Caught',
          Catch: [{ ErrorEquals: [name], ResultPath: '$.error', Next: 'Caught' }],
        },
        ...CAUGHT,
      });
    const functions = { half: () => big(140_000) };
    const wildcard = await (await aMachine(catching('States.ALL'), functions)).run();
    const exact = await (await aMachine(catching('States.DataLimitExceeded'), functions)).run();
    expect([wildcard.status, wildcard.error]).toEqual(['FAILED', 'States.DataLimitExceeded']);
    expect(exact.status).toBe('SUCCEEDED');
  });
});

describe('StopExecution', () => {
  it('aborts at once, ends nested states innermost first, and drops what the running function returns', async () => {
    const called = aSignal();
    const answer = aSignal<string>();
    const branch = aSequence({ Slow: aTask('slow', { Next: 'Never' }), Never: aTask('never') });
    const machine = await aMachine(aSequence({ Fork: { Type: 'Parallel', End: true, Branches: [branch] } }), {
      slow: () => {
        called.resolve(undefined);
        return answer.promise;
      },
      never: () => 'never',
    });
    const arn = await machine.start({}, 'stopped');
    await called.promise;
    const stop = { executionArn: arn, error: 'Cancelled', cause: 'the user deleted it' };
    const { stopDate } = await machine.client.send(new StopExecutionCommand(stop));
    const stopped = await machine.settled(arn);
    expect(stopped).toMatchObject({
      status: 'ABORTED',
      error: 'Cancelled',
      cause: 'the user deleted it',
      stopDate,
    });
    answer.resolve('late');
    await new Promise((resolve) => setTimeout(resolve, 10));
    const events = await machine.history(arn);
    expect(typesOf(events).slice(-4)).toEqual([
      'LambdaFunctionStarted',
      'TaskStateAborted',
      'ParallelStateAborted',
      'ExecutionAborted',
    ]);
    expect(events.at(-1)?.executionAbortedEventDetails).toEqual({
      error: 'Cancelled',
      cause: 'the user deleted it',
    });
    const again = await machine.client.send(new StopExecutionCommand({ executionArn: arn, error: 'Other' }));
    expect(again.stopDate).toEqual(stopDate);
    expect((await machine.settled(arn)).error).toBe('Cancelled');
  });
});
